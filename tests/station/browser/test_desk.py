"""Whole jobs at the desk, as an officer does them in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from fanal.specimens import shipped
from tests.station.browser.conftest import Station, Window
from tests.station.desk import passport

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

ENTRY, EXIT, FAST_ENTRY, FAST_EXIT = range(4)
INSPECTION = re.compile(r"/inspect/[0-9a-f-]{36}/$")
DONE = re.compile(r"/inspect/\?done=")


def scan(page: Page, mrz: str) -> None:
    """As a keyboard-wedge scanner types it, with Enter after each line."""
    page.goto("/inspect/")
    page.locator("#mrz:focus").wait_for()
    for line in mrz.split("\n"):
        page.keyboard.type(line)
        page.keyboard.press("Enter")
    page.wait_for_url(INSPECTION)


def test_a_clean_entry_takes_a_scan_and_one_key(window: Window) -> None:
    page = window("primary", lane=ENTRY)
    scan(page, passport("CLEAN0001"))
    assert page.locator(".advice b").inner_text() == "No objection"
    page.keyboard.press("F8")
    page.wait_for_url(DONE)
    assert "Admitted" in page.locator(".done").inner_text()
    assert page.locator("#mrz").evaluate("e => e === document.activeElement")


def test_an_exit_closes_the_entry(window: Window, axe: Callable[..., None]) -> None:
    page = window("primary", lane=ENTRY)
    mrz = passport("EXIT00001", primary_identifier="MOXEY", secondary_identifier="KEISHA")
    scan(page, mrz)
    page.keyboard.press("F8")
    page.wait_for_url(DONE)
    page.goto("/")
    page.locator(".lanes button").nth(EXIT).click()
    scan(page, mrz)
    assert "This exit closes the entry" in page.locator("section:has(#h-document)").inner_text()
    page.keyboard.press("F8")
    page.wait_for_url(DONE)
    page.goto("/crossings/")
    page.fill("#number", "EXIT00001")
    page.keyboard.press("Enter")
    page.wait_for_url("**/crossings/?found=1")
    axe_on(page, axe)
    page.locator("tbody a").nth(1).click()
    visits = page.locator("section:has(#h-visits) tbody tr")
    assert visits.count() == 1
    assert "no exit" not in visits.inner_text()


def test_an_overstay_is_a_question_with_its_sum_and_can_be_rebutted(window: Window) -> None:
    page = window("primary", lane=EXIT)
    page.locator("details:has(.specimens) > summary").click()
    page.locator("[value=overstay]").click()
    page.wait_for_url(INSPECTION)
    question = page.locator(".question")
    assert re.search(r"\d+ days beyond", question.inner_text())
    assert " − " in page.locator(".question table").inner_text()
    assert "presumption" in question.inner_text()
    question.locator("a.button").click()
    page.locator("#day").evaluate("e => { e.value = e.min }")
    page.fill("#note", "A stamp of the neighbour's entry on the same day")
    page.click("main button.primary")
    page.wait_for_url(INSPECTION)
    assert page.locator(".question").count() == 0


def test_the_fast_lane_passes_a_card_in_and_out_and_the_balance_tells(window: Window) -> None:
    page = window("primary", lane=FAST_ENTRY)
    page.locator("summary", has_text="Cards to try").click()
    card = page.locator("details li", has_text="SAINT FLEUR").locator("code").inner_text()

    def tally() -> list[int]:
        return [int(text) for text in page.locator(".tally dd").all_inner_texts()]

    came, went, still = tally()
    page.fill("#scanned", card)
    page.locator("#scanned").press("Enter")
    page.locator(".answer.no_objection").wait_for()
    assert "Admitted" in page.locator(".answer").inner_text()
    assert tally() == [came + 1, went, still + 1]
    page.goto("/")
    page.locator(".lanes button").nth(FAST_EXIT).click()
    page.fill("#scanned", card)
    page.locator("#scanned").press("Enter")
    page.locator(".answer.no_objection").wait_for()
    assert tally() == [came + 1, went + 1, still]
    page.goto("/market/balance/")
    assert tally() == [came + 1, went + 1, still]


def test_a_card_that_nobody_has_goes_to_the_desk(window: Window) -> None:
    page = window("primary", lane=FAST_ENTRY)
    page.fill("#scanned", "F2222222222X")
    page.keyboard.press("F8")
    page.locator(".answer.look_again").wait_for()
    assert "come to the desk" in page.locator(".answer").inner_text()


def test_the_whole_job_goes_by_keyboard_alone(window: Window) -> None:
    page = window("primary", lane=ENTRY)
    page.goto("/inspect/")
    page.locator("#mrz:focus").wait_for()
    mrz = passport("KEYS00001").replace("KEYS00001", "KEYS00007")  # the check digit is wrong now
    page.keyboard.type(mrz)
    page.keyboard.press("F2")
    page.wait_for_url(INSPECTION)
    assert "Refer" in page.locator(".advice b").inner_text()
    page.keyboard.press("F6")
    page.keyboard.press("3")  # purpose unclear, beside the findings that are ticked already
    ticked = page.locator("#reasons input:checked")
    assert ticked.count() == 2
    page.keyboard.press("F4")
    page.wait_for_url(DONE)
    assert "Referred" in page.locator(".done").inner_text()
    page.keyboard.press("F9")
    page.wait_for_url(re.compile(r"/protect/"))
    page.locator("#kind:focus").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.type("Somebody answers for her.")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"saved=1"))
    page.keyboard.press("F2")
    page.wait_for_url(re.compile(r"/inspect/$"))


def test_every_control_can_be_reached_with_the_tab_key_in_order(window: Window) -> None:
    page = window("primary", lane=ENTRY)
    scan(page, passport("TABS00001"))
    page.locator("main").focus()
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || document.activeElement.id || ''")
        reached.append(name)
        if page.evaluate("document.activeElement.value === 'admitted'"):
            break
    for earlier, later in (("purpose", "stay"), ("stay", "means"), ("means", "conveyance"), ("conveyance", "note")):
        assert reached.index(earlier) < reached.index(later)
    assert reached[-1] == "outcome"


def test_a_scanner_types_where_nothing_has_the_focus(window: Window) -> None:
    page = window("primary", lane=ENTRY)
    scan(page, passport("WEDGE0001"))
    before = page.url
    page.evaluate("document.activeElement.blur()")
    # In one go, as fast as a scanner: key by key over the wire a busy machine is slower than any.
    page.evaluate(
        """(keys) => { for (const key of keys)
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        }""",
        ["Enter" if character == "\n" else character for character in passport("WEDGE0002") + "\n"],
    )
    page.wait_for_url(lambda url: url != before and INSPECTION.search(url) is not None)
    assert "WEDGE0002" in page.locator(".claims").inner_text()


def test_the_whole_job_goes_without_scripts(window: Window) -> None:
    page = window("primary", lane=ENTRY, java_script_enabled=False)
    page.goto("/inspect/")
    page.fill("#mrz", passport("PLAIN0001"))
    page.get_by_role("button", name="Inspect").click()
    page.wait_for_url(INSPECTION)
    assert page.locator("details.finding[open]").count() == 1
    page.select_option("#purpose", "market")
    page.locator("button[value=admitted]").click()
    page.wait_for_url(DONE)
    assert "Admitted" in page.locator(".done").inner_text()
    page.goto("/")
    page.locator(".lanes button").nth(FAST_ENTRY).click()
    page.fill("#scanned", "UP4410427")
    page.locator("form button.primary").click()
    page.locator(".answer").wait_for()
    assert "JAQUEZ" in page.locator(".answer").inner_text()


@pytest.mark.parametrize(
    ("lang", "advice", "done"),
    [
        ("en", "No objection", "Admitted"),
        ("es", "Sin objeción", "Admitido"),
        ("fr", "Pas d'objection", "Admis"),
        ("ht", "Pa gen objeksyon", "Admèt"),
    ],
)
def test_the_desk_speaks_each_language_and_its_layout_holds(window: Window, lang: str, advice: str, done: str) -> None:
    page = window("primary", lang=lang, lane=ENTRY)
    scan(page, passport(f"LANG{lang.upper()}001"))
    assert page.locator(".advice b").inner_text() == advice
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 850})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("F8")
    page.wait_for_url(DONE)
    assert done in page.locator(".done").inner_text()


def test_what_is_touched_is_44_pixels_high_or_more(window: Window) -> None:
    page = window("primary", lane=ENTRY, has_touch=True, viewport={"width": 1024, "height": 768})
    scan(page, passport("TOUCH0001"))
    page.locator("#reasons > summary").tap()
    touched = (
        "button, .button, select, textarea, summary, label.check, .rooms a, "
        "input:not([type=checkbox], [type=radio], [type=hidden], [type=file])"
    )
    small = page.evaluate(
        """(touched) => [...document.querySelectorAll(touched)].filter((e) => e.checkVisibility())
          .map((e) => [e.tagName, e.name || e.textContent.trim().slice(0, 30), e.getBoundingClientRect().height])
          .filter(([, , height]) => height < 44)""",
        touched,
    )
    assert small == []
    page.locator("#reasons label", has_text="Purpose not clear").tap()
    page.locator("button[value=referred]").tap()
    page.wait_for_url(DONE)


def test_a_picture_is_uploaded_and_what_is_wrong_is_outlined_in_it(window: Window) -> None:
    page = window("primary", lane=ENTRY)
    (forged,) = [one for one in shipped() if one.name == "td3-000021-number_digit"]
    page.set_input_files("#files", forged.pictures[0])
    assert page.locator("[data-chosen] li").count() == 1
    page.keyboard.press("F2")
    page.wait_for_url(INSPECTION)
    assert page.locator("figure img").evaluate("e => e.complete && e.naturalWidth > 0")
    number = page.locator("g[data-finding]").last.get_attribute("data-finding")
    finding = page.locator(f"details[data-finding='{number}']")
    if not finding.evaluate("e => e.open"):
        finding.locator("summary").click()
    page.locator(f"g.on[data-finding='{number}'] polygon").first.wait_for(state="attached")
    assert finding.locator(".do").count() == 1
    if finding.evaluate("e => e.open"):
        finding.locator("summary").click()
    page.locator(f"g.on[data-finding='{number}']").wait_for(state="detached")


def test_pictures_are_dropped_and_taken_with_the_camera(window: Window) -> None:
    page = window("primary", lane=ENTRY, permissions=["camera"])
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array([255, 216, 255])], "page-uv.jpg", { type: "image/jpeg" }));
          document.querySelector("[data-drop]").dispatchEvent(
            new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    assert page.locator("[data-chosen] li").all_inner_texts() == ["page-uv.jpg"]
    page.keyboard.press("F7")
    video = page.locator("video")
    while not video.evaluate("e => e.videoWidth"):  # `wait_for_function` evaluates a string, which the policy forbids
        page.wait_for_timeout(100)
    page.locator("[data-camera-take]").click()
    page.locator("[data-chosen] li").nth(1).wait_for()
    assert page.evaluate("document.querySelector('#files').files[1].type") == "image/jpeg"


def test_what_the_watched_folder_delivers_opens_by_itself(window: Window, station: Station) -> None:
    page = window("primary", lane=ENTRY)
    inbox = station.home / "watch" / "UTPNT" / "1"
    inbox.mkdir(parents=True, exist_ok=True)
    page.goto("/inspect/")
    (inbox / "reader.txt").write_text(passport("WATCH0001"))
    page.wait_for_url(INSPECTION)
    assert "WATCH0001" in page.locator(".claims").inner_text()
    assert not (inbox / "reader.txt").exists()


def axe_on(page: Page, axe: Callable[..., None]) -> None:
    """All of axe by day; by night, where only the colours are others, their contrast."""
    page.emulate_media(color_scheme="light")
    axe(page)
    page.emulate_media(color_scheme="dark")
    axe(page, only="color-contrast")


def test_the_advice_by_the_mrz_of_a_picture_stands_while_the_rest_is_read(
    window: Window, axe: Callable[..., None]
) -> None:
    page = window("primary", lane=ENTRY)
    page.goto("/inspect/")
    # An answer without a page leaves the browser where it is: what stands there is what the first look gave.
    page.route(
        re.compile(r"/inspect/$"), lambda route: route.fulfill(status=204) if _posts(route) else route.continue_()
    )
    picture = next(one for one in shipped() if one.name.startswith("td3")).pictures[0]
    page.set_input_files("#files", str(picture))
    page.keyboard.press("F2")
    page.locator("#first-look .advice").wait_for()
    assert "machine readable zone alone" in page.locator("#first-look").inner_text()
    axe_on(page, axe)
    page.unroute_all()
    page.locator("details:has(.specimens) > summary").click()
    page.locator("[name=specimen]").first.click()
    page.wait_for_url(INSPECTION)
    assert page.locator("img[width]").count()


def _posts(route: Route) -> bool:
    return route.request.method == "POST"
