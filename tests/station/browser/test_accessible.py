"""axe finds nothing on any page, by day and by night."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.station.browser.conftest import Station, Window
from tests.station.browser.pages import PAGES
from tests.station.browser.test_desk import DONE, ENTRY, axe_on, scan
from tests.station.desk import WRONG_DIGIT, passport

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """Ids to put into paths, collected from the pages themselves; filled by the first test that needs them."""
    return {}


def _make(window: Window) -> dict[str, str]:
    page = window("primary", lane=ENTRY)
    scan(page, passport("AXE000001", primary_identifier="KNOWLES", secondary_identifier="ESME"))
    inspection = _id(page.url)
    page.keyboard.press("F8")
    page.wait_for_url(DONE)
    crossing = _id(page.url)
    page.goto(f"/crossings/{crossing}/")
    person = _id(str(page.locator("dd a").first.get_attribute("href")))
    page.goto("/market/registered/")
    card = _id(str(page.locator("tbody a").first.get_attribute("href")))
    return {"inspection": inspection, "crossing": crossing, "person": person, "card": card}


def _id(text: str) -> str:
    found = _ID.search(text)
    assert found is not None, text
    return found[0]


@pytest.mark.parametrize(("username", "path"), PAGES)
def test_axe_finds_nothing(
    username: str, path: str, window: Window, made: dict[str, str], axe: Callable[..., None]
) -> None:
    if "{" in path and not made:
        made.update(_make(window))
    page = window(username)
    page.goto(path.format(**made))
    axe_on(page, axe)


def test_axe_finds_nothing_on_the_way_in(station: Station, browser: Browser, axe: Callable[..., None]) -> None:
    context = browser.new_context(base_url=station.url)
    page = context.new_page()
    page.goto("/login/")
    axe_on(page, axe)
    page.fill("#username", "privacy")
    page.fill("#password", station.passwords["privacy"])
    page.click("main button.primary")
    page.wait_for_url(f"{station.url}/")
    page.goto("/locked/")
    axe_on(page, axe)
    context.close()


def test_axe_finds_nothing_on_a_decision_against_the_advice_with_everything_open(
    window: Window, axe: Callable[..., None]
) -> None:
    page = window("primary", lane=ENTRY)
    scan(page, WRONG_DIGIT)
    for summary in page.locator("main details > summary").all():
        if summary.is_visible():
            summary.click()
    axe_on(page, axe)
    page.locator("#note").fill("")
    page.locator("button[value=admitted]").click()
    page.locator(".problem[role=alert]").wait_for()
    axe_on(page, axe)


def test_axe_finds_nothing_on_the_fast_lane_after_a_scan(window: Window, axe: Callable[..., None]) -> None:
    page = window("primary", lane=2)
    page.fill("#scanned", "UP4410518")
    page.keyboard.press("F8")
    page.locator(".answer .sign").first.wait_for()
    axe_on(page, axe)
