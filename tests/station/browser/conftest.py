"""One station, as `fanal up` opens it, and one browser for all browser tests; each test works in a window of its own.

Where Chromium or Playwright is not installed, these tests are skipped and say so.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
# Generous, and never a figure that is measured: a busy machine is slow, not wrong.
PATIENCE = 90_000


@dataclass(frozen=True)
class Station:
    """A running demonstration station: where it is, and its officers' passwords by user name."""

    url: str
    passwords: dict[str, str]
    home: Path


@pytest.fixture(scope="package")
def station() -> Iterator[Station]:
    if os.environ.get("DATABASE_URL"):
        pytest.skip("browser tests are walked once, on the station's own SQLite")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed: browser tests are skipped")
    pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: browser tests are skipped")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="fanal-browser-") as folder:
        home = Path(folder)
        env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "FANAL_PRODUCTION")}
        env |= {"FANAL_HOME": str(home), "PYTHONUNBUFFERED": "1", "FANAL_IDLE_MINUTES": "120"}
        with (home / "up.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "fanal", "up", "--port", str(port)], stdout=log, stderr=log, env=env
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, home / "up.log")
            said = (home / "up.log").read_text()
            yield Station(
                url, dict(re.findall(r"^  (\w+) +([0-9a-f]{4}(?:-[0-9a-f]{4}){3})$", said, re.MULTILINE)), home
            )
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/health/", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the station did not open: {log.read_text()}")


@pytest.fixture(scope="package")
def browser(station: Station) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def sessions() -> dict[Any, Any]:
    """The cookies of each officer who has signed in: once is enough, for Argon2 is slow on purpose."""
    return {}


Window = Callable[..., "Page"]


@pytest.fixture
def window(station: Station, browser: Browser, sessions: dict[Any, Any]) -> Iterator[Window]:
    """Open a window of an officer: `window("primary", lang="fr", lane=0)`. A page that complains fails the test."""
    contexts = []
    complaints: list[str] = []

    def make(username: str, *, lang: str = "en", lane: int | None = None, **options: Any) -> Page:
        options = {"base_url": station.url, "viewport": {"width": 1440, "height": 900}, "locale": "en"} | options
        context = browser.new_context(storage_state=sessions.get(username), **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if _complains(message) else None)
        if username not in sessions:
            page.goto("/login/")
            page.fill("#username", username)
            page.fill("#password", station.passwords[username])
            page.click("main button.primary")
            page.wait_for_url(f"{station.url}/")
            sessions[username] = context.storage_state()
        if sessions.get((username, "lang")) != lang:
            speak(page, lang)
            sessions[username, "lang"] = lang
        if lane is not None:
            page.goto("/")
            page.locator(".lanes button").nth(lane).click()
            page.wait_for_url(re.compile(r"/(inspect|market)/$"))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def _complains(message: Any) -> bool:
    """A broken policy, a missing file, a broken script; that a page refuses (403, 422) is no complaint."""
    return message.type == "error" and not re.search(r"status of (403|422)", message.text)


def speak(page: Page, lang: str) -> None:
    """Choose the language, with scripts or without."""
    page.goto("/account/")
    page.select_option("#lang", lang)
    button = page.locator(".language button")
    if button.is_visible():
        button.click()
    page.locator(f"html[lang={lang}]").wait_for()


@pytest.fixture
def axe() -> Callable[..., None]:
    """Fail with what axe finds on the page as it is: WCAG 2.2 A and AA, and best practices."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page: Page, *, only: str = "") -> None:
        options = {"runOnly": [only]} if only else None
        found = Axe().run(page, options=options).response["violations"]
        said = [f"{v['id']}: {v['help']}: " + "; ".join(str(n["html"])[:160] for n in v["nodes"][:4]) for v in found]
        assert not said, f"{page.url}: " + "\n".join(said)

    return check
