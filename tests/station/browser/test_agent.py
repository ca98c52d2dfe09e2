"""The chip reader of a desk hands a chip to the station, and the open inspection goes on with it."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

import pytest

from fanal.chip import pcsc
from fanal.chip.errors import ReaderError
from fanal.cli.main import main
from fanal.specimens.chip import SimulatedChip, SpecimenChip, make_chip
from tests.station.browser.conftest import Station, Window
from tests.station.browser.test_desk import ENTRY, INSPECTION, scan
from tests.station.desk import passport

if TYPE_CHECKING:
    from playwright.sync_api import Page

Capture = pytest.CaptureFixture[str]


class Reader:
    """A PC/SC reader with simulated chips: each opening finds the next, the last one stays."""

    chips: list[SpecimenChip]

    def __init__(self, name: str | None = None, *, seconds: float = 10.0) -> None:
        if not self.chips:
            raise ReaderError("no_card")
        chip = self.chips.pop(0) if len(self.chips) > 1 else self.chips[0]
        self.transmit = SimulatedChip(chip).transmit

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, t: TracebackType | None) -> None:
        return None


@pytest.fixture(scope="module")
def token() -> list[str]:
    """The desk's token, once it was made."""
    return []


@pytest.fixture
def desk(window: Window, token: list[str], monkeypatch: pytest.MonkeyPatch) -> Page:
    """A primary officer's window at the entry lane, whose desk has a chip reader with a token."""
    if not token:
        page = window("admin")
        page.goto("/machines/")
        page.fill("#name", "chip reader of lane 1")
        page.locator("input[name=scopes][value=inspect]").check()
        page.select_option("#lane", index=1)
        page.locator("main form.stack button.primary").click()
        token.append(page.locator("section.good b").inner_text())
    monkeypatch.setenv("FANAL_TOKEN", token[0])
    return window("primary", lane=ENTRY)


def test_the_open_inspection_goes_on_with_the_chip_that_is_laid_down(
    desk: Page, station: Station, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    before, chip = make_chip(52), make_chip(51)
    # The chip of the traveller before still lies there at first: it does not open, and is not held against this one.
    monkeypatch.setattr(Reader, "chips", [before, chip], raising=False)
    monkeypatch.setattr(pcsc, "PcscCard", Reader)
    scan(desk, "\n".join(chip.document.lines))
    first = desk.url
    assert main(["agent", "--station", station.url, "--once", "--seconds", "300"]) == 0
    assert "files in" in capsys.readouterr().out
    desk.wait_for_url(lambda url: url != first and INSPECTION.search(url) is not None)
    evidence = desk.locator("section:has(#h-evidence)").inner_text()
    assert {"EF.SOD", "DG1", "DG2"} <= set(evidence.split())
    assert desk.locator("[id^=h-findings]").count() == 1
    assert desk.locator("details.group", has_text="chip").count()
    desk.goto(first)
    assert "More evidence of this document" in desk.locator("main").inner_text()


def test_a_chip_is_asked_for_only_while_a_traveller_stands_there(
    desk: Page, station: Station, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(Reader, "chips", [make_chip(51)], raising=False)
    monkeypatch.setattr(pcsc, "PcscCard", Reader)
    scan(desk, passport("NOCHIP001"))
    desk.keyboard.press("F8")
    desk.wait_for_url("**/inspect/?done=*")
    assert main(["agent", "--station", station.url, "--once", "--seconds", "0.5"]) == 4
    assert "no chip was handed over" in capsys.readouterr().err


def test_a_token_that_the_station_does_not_know_ends_the_agent(
    station: Station, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(Reader, "chips", [make_chip(51)], raising=False)
    monkeypatch.setattr(pcsc, "PcscCard", Reader)
    monkeypatch.setenv("FANAL_TOKEN", "fanal_unknown")
    assert main(["agent", "--station", station.url]) == 3
    assert "refuses the token" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "said"), [("http://example.org", "begins with https://"), ("https://example.org", "FANAL_TOKEN")]
)
def test_a_token_is_never_sent_in_the_clear_to_another_machine(
    url: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.delenv("FANAL_TOKEN", raising=False)
    assert main(["agent", "--station", url]) == 2
    assert said in capsys.readouterr().err
