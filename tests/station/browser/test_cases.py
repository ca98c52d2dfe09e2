"""Whole jobs of secondary inspection, of a supervisor and of an administrator, as they do them in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.station.browser.conftest import Station, Window
from tests.station.browser.test_desk import DONE, ENTRY, EXIT, axe_on, scan
from tests.station.desk import passport

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CASE = re.compile(r"/cases/[0-9a-f-]{36}/$")


def wrong_digit(number: str, **fields: str) -> str:
    """A passport whose document number's check digit does not follow from it: a forger's slip."""
    text = passport(number, **fields)
    digit = text.split("\n")[1][9]
    return text.replace(number + digit, number + str((int(digit) + 1) % 10))


def refer(window: Window, mrz: str, lane: int = ENTRY) -> None:
    page = window("primary", lane=lane)
    scan(page, mrz)
    # Against the advice the reason stands there already.
    if not page.locator("input[name=reasons][value=document_findings]").is_checked():
        page.locator("#reasons > summary").click()
        page.locator("input[name=reasons][value=document_findings]").check()
    page.keyboard.press("F4")
    page.wait_for_url(DONE)


def claim(window: Window, mask: str, username: str = "secondary", **options: object) -> Page:
    """Take the case of this traveller from the queue."""
    page = window(username, **options)
    page.goto("/cases/")
    page.get_by_role("button", name=f"Take this case {mask}").click()
    page.wait_for_url(CASE)
    return page


def tick(page: Page, *items: str) -> None:
    for item in items:
        page.locator(f"form:has(input[name=item][value={item}]) button").click()
        page.locator(f"form:has(input[name=item][value={item}])").wait_for(state="detached")


def test_a_forged_document_ends_in_a_refusal_with_the_form_in_the_traveller_s_language(
    window: Window, axe: Callable[[Page], None]
) -> None:
    refer(window, wrong_digit("FORGED001", primary_identifier="PYFROM", secondary_identifier="DELROY"))
    page = claim(window, "P. D. · …001")
    assert "Refer" in page.locator(".advice").first.inner_text()
    page.get_by_label("Admission refused").check()
    page.locator("input[name=reasons][value=false_document]").check()
    page.locator("#o-language").select_option("ht")
    page.get_by_role("button", name="Close the case").click()
    assert "rights were explained" in page.locator(".problem[role=alert]").inner_text()
    axe_on(page, axe)
    tick(page, "rights_explained", "protection_considered", "document_second_look")
    page.get_by_label("Admission refused").check()
    page.locator("input[name=reasons][value=false_document]").check()
    page.locator("#o-language").select_option("ht")
    page.locator("#o-note").fill("The check digit does not follow from the number.")
    page.get_by_role("button", name="Close the case").click()
    link = page.get_by_role("link", name=re.compile("Print the refusal form UTPNT-"))
    link.wait_for()
    answer = page.request.get(str(link.get_attribute("href")))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")
    page.get_by_label("The traveller signed for it").check()
    page.get_by_role("button", name="The traveller has the form").click()
    page.get_by_text("Got it and signed for it.").wait_for()
    axe_on(page, axe)


def test_a_child_without_consent_is_not_let_go_and_a_child_alone_goes_to_protection(window: Window) -> None:
    child = {"primary_identifier": "BELFORT", "secondary_identifier": "LUCIE", "date_of_birth": "2018-03-02"}
    refer(window, passport("CHILD0001", **child), lane=EXIT)
    page = claim(window, "B. L. · …001")
    assert page.get_by_text("a child", exact=True).is_visible()
    page.get_by_label("Passed exit").check()
    page.get_by_role("button", name="Close the case").click()
    assert "check first with whom" in page.locator(".problem[role=alert]").inner_text()
    page.locator("#c-company").select_option("third_person")
    page.locator("#c-comp1").fill("JOSEPH")
    page.locator("#c-comp2").fill("MIRLANDE")
    page.get_by_role("button", name="Check and keep").click()
    page.get_by_text("No certificate of consent was shown.").first.wait_for()
    page.get_by_label("Passed exit").check()
    page.get_by_role("button", name="Close the case").click()
    assert "a second officer signs" in page.locator(".problem[role=alert]").inner_text()
    page.locator("#c-company").select_option("alone")
    page.get_by_role("button", name="Check and keep").click()
    page.get_by_text("hand them to protection").first.wait_for()
    page.get_by_label("Passed exit").check()
    page.get_by_role("button", name="Close the case").click()
    assert "handed to an agency for protection" in page.locator(".problem[role=alert]").inner_text()
    page.get_by_label("Handed to another agency").check()
    page.locator("#o-agency").select_option(label="Utopian Institute for Children · protection of children")
    page.get_by_role("button", name="Close the case").click()
    page.locator(".good h2", has_text="Handed to another agency").wait_for()


def test_a_case_is_handed_over_with_words_by_its_holder(window: Window) -> None:
    refer(window, wrong_digit("HANDED001", primary_identifier="OBAS", secondary_identifier="YVES"))
    page = claim(window, "O. Y. · …001")
    page.locator("summary", has_text="Hand over").click()
    page.locator("#h-to").select_option(label="Althea Greyling Invented")
    page.locator("#h-note").fill("Interview done; the consulate calls back at nine.")
    page.get_by_role("button", name="Hand over").click()
    page.get_by_text("Held by: Althea Greyling Invented").wait_for()
    assert page.get_by_role("button", name="Close the case").count() == 0
    other = window("supervisor")
    other.goto(page.url)
    assert "the consulate calls back at nine" in other.locator(".timeline").inner_text()
    assert other.get_by_role("button", name="Close the case").is_visible()


def test_against_refer_a_second_officer_signs_on_the_same_screen(window: Window, station: Station) -> None:
    refer(window, wrong_digit("AGAINST01", primary_identifier="ROLLE", secondary_identifier="INEZ"))
    page = claim(window, "R. I. · …T01")
    page.get_by_label("Admitted", exact=True).check()
    page.locator("#o-note").fill("The issuing State confirms the number by telephone.")
    page.get_by_role("button", name="Close the case").click()
    assert "second officer signs" in page.locator(".problem[role=alert]").inner_text()
    for username, said in (("secondary", "must be someone else"), ("primary", "does not allow to countersign")):
        page.get_by_label("Admitted", exact=True).check()
        page.locator("#close-second").fill(username)
        page.locator("#close-password").fill(station.passwords[username])
        page.get_by_role("button", name="Close the case").click()
        assert said in page.locator(".problem[role=alert]").inner_text()
    page.get_by_label("Admitted", exact=True).check()
    page.locator("#close-second").fill("supervisor")
    page.locator("#close-password").fill(station.passwords["supervisor"])
    page.get_by_role("button", name="Close the case").click()
    page.get_by_text("countersigned by: Althea Greyling Invented").wait_for()
    board = window("supervisor")
    board.goto("/board/overrides/")
    board.get_by_text("The issuing State confirms the number by telephone.").wait_for()


def test_a_picture_is_measured_with_scripts_off(window: Window, axe: Callable[[Page], None]) -> None:
    page = window("primary", lane=ENTRY)
    page.goto("/inspect/")
    page.set_input_files("#files", {"name": "page.png", "mimeType": "image/png", "buffer": _picture()})
    page.fill("#mrz", wrong_digit("MEASURE01", primary_identifier="LIGHTBOURNE", secondary_identifier="CAROL"))
    page.locator("#deliver button.primary").click()
    page.wait_for_url(re.compile(r"/inspect/[0-9a-f-]{36}/$"))
    page.keyboard.press("F4")
    page.wait_for_url(DONE)
    page = claim(window, "L. C. · …E01", java_script_enabled=False)
    page.get_by_role("link", name="Look closer and measure").last.click()
    with_scripts = window("secondary")
    with_scripts.goto(page.url)
    axe_on(with_scripts, axe)
    for x, y in ((50, 50), (250, 50), (50, 100), (450, 100)):
        page.locator("input.window").click(position={"x": x, "y": y})
    page.locator("#reference_mm").fill("125")
    page.locator("#label").fill("Width of the photograph")
    page.get_by_role("button", name="Keep this measure").click()
    page.wait_for_url(CASE)
    assert re.search(r"62\.[45]\d mm", page.locator(".timeline").inner_text())


def _picture() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (1250, 880), "#dfe6ea").save(out, "PNG")
    return out.getvalue()


def test_a_shift_is_handed_over_on_the_board(window: Window, station: Station, browser: Browser) -> None:
    admin = window("admin")
    admin.goto("/administration/officers/")
    admin.fill("#username", "relief")
    admin.fill("#name", "Roland Bain Invented")
    admin.get_by_label("Shift supervisor").check()
    admin.get_by_role("button", name="Create").click()
    password = admin.locator("b.mono").inner_text()
    page = window("supervisor")
    page.goto("/board/handover/")
    page.fill("#note", "Lane 2 has no power.")
    page.fill("#incoming-second", "relief")
    page.fill("#incoming-password", password)
    page.get_by_role("button", name="Hand the shift over").click()
    assert "choose their own password" in page.locator(".problem[role=alert]").inner_text()
    own = "lantern harbour mango tide"
    _first_sign_in(browser, station, "relief", password, own)
    page.fill("#incoming-second", "relief")
    page.fill("#incoming-password", own)
    page.get_by_role("button", name="Hand the shift over").click()
    page.locator(".timeline", has_text="Lane 2 has no power.").wait_for()
    assert "Roland Bain Invented" in page.locator(".timeline").inner_text()


def _first_sign_in(browser: Browser, station: Station, username: str, password: str, own: str) -> None:
    context = browser.new_context(base_url=station.url, locale="en")
    page = context.new_page()
    page.goto("/login/")
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("main button.primary")
    page.wait_for_url(f"{station.url}/account/")
    page.fill("#current", password)
    page.fill("#new", own)
    page.fill("#again", own)
    page.click("main button.primary")
    page.get_by_text("The password is changed.").wait_for()
    context.close()


def test_a_passkey_is_enrolled_and_asked_for_at_the_next_sign_in(window: Window, station: Station) -> None:
    page = window("trainer")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True}
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": options | {"isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    # A passkey belongs to a name, and an address is none.
    at = station.url.replace("127.0.0.1", "localhost")
    page.goto(f"{at}/login/")
    page.fill("#username", "trainer")
    page.fill("#password", station.passwords["trainer"])
    page.click("main button.primary")
    page.wait_for_url(f"{at}/")
    page.goto(f"{at}/account/second-factor/")
    page.fill("#k-name", "Desk key")
    page.fill("#k-password", "wrong")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The password is not right.").wait_for()
    page.fill("#k-password", station.passwords["trainer"])
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("Desk key").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.fill("#username", "trainer")
    page.fill("#password", station.passwords["trainer"])
    page.click("main button.primary")
    page.wait_for_url(re.compile(r"/login/second/"))
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{at}/")
    page.goto(f"{at}/account/second-factor/")
    page.locator("form:has(button[value=remove_passkey]) input[type=password]").fill(station.passwords["trainer"])
    page.locator("button[value=remove_passkey]").click()
    page.get_by_text("You have none yet.").wait_for()


def test_axe_finds_nothing_on_one_officer_and_one_point(window: Window, axe: Callable[[Page], None]) -> None:
    page = window("admin")
    for path in ("/administration/officers/", "/administration/points/"):
        page.goto(path)
        page.locator("tbody a").first.click()
        page.wait_for_url(re.compile(r"[0-9a-f-]{36}/$"))
        axe_on(page, axe)
