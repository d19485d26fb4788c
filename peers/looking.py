"""What the browser looks at: `python looking.py URL FOLDER`, in an environment that has playwright.

It prints one JSON object: what was counted, and under `wrong` whatever was not as it should be, errors of
the page's script and requests to anywhere else among it. It knows nothing of derbridge but the page.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SOON, LONG = 240_000, 600_000
INVERTERS = 6
LIMIT = "maxLimW 50"
COLUMNS = 3
PAGES = ("/", "/device/pv-1", "/control", "/story")


class Looker:
    """A page, and what was wrong with it."""

    def __init__(self, page: Page, url: str, folder: Path) -> None:
        self.page, self.url, self.folder = page, url, folder
        self.wrong: list[str] = []
        self.requests = 0
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("console", lambda said: self.said(said.type, said.text))
        page.on("request", lambda request: self.asked(request.url))

    def said(self, kind: str, text: str) -> None:
        """Note an error that the browser tells of."""
        if kind == "error":
            self.wrong.append(f"console: {text}")

    def asked(self, url: str) -> None:
        """Count a request, which has to be one to the page's own server."""
        self.requests += 1
        if not url.startswith(self.url):
            self.wrong.append(f"asks elsewhere: {url}")

    def holds(self, what: str, *, true: bool) -> None:
        """Note what does not hold."""
        if not true:
            self.wrong.append(what)

    def until(self, true: Callable[[], bool], most: float) -> None:
        """Wait until something is true; the page's policy lets no condition be evaluated in the page."""
        deadline = time.monotonic() + most / 1000
        while not true():
            if time.monotonic() > deadline:
                raise TimeoutError(true.__name__)
            self.page.wait_for_timeout(250)

    def following(self) -> bool:
        """Whether each inverter follows the limit that the story tells of."""
        doing = self.page.locator("a.tile .doing").all_inner_texts()
        return len(doing) == INVERTERS and all(LIMIT in text for text in doing)

    def over(self) -> bool:
        """Whether each chapter has ended."""
        ended = [self.page.locator(f"section.chapter{kind}").count() for kind in (".passed", ".failed", "")]
        return bool(ended[2]) and sum(ended[:2]) == int(ended[2])

    def picture(self, name: str) -> None:
        """Keep what is seen."""
        self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    def fleet(self) -> None:
        """The fleet, until somebody follows a control; it changes without being loaded again."""
        self.page.goto(f"{self.url}/")
        self.page.wait_for_selector("ol.story li.passed", timeout=SOON)
        self.holds("six inverters", true=self.page.locator("a.tile").count() == INVERTERS)
        was = self.page.locator("p.clock").inner_text()
        self.until(lambda: self.page.locator("p.clock").inner_text() != was, SOON)
        self.until(self.following, SOON)
        self.page.wait_for_timeout(300)
        self.picture("fleet")

    def inverter(self) -> None:
        """One inverter, reached by a click: what it did, and who holds which mode."""
        self.page.goto(f"{self.url}/")
        self.page.locator("a.tile", has_text="pv-1").click()
        self.page.wait_for_url("**/device/pv-1")
        self.holds("its power is drawn", true=self.page.locator("svg").count() >= 1)
        self.picture("inverter")

    def control(self) -> None:
        """One control on both sides: each column says something."""
        self.page.goto(f"{self.url}/control")
        self.page.wait_for_selector("section.three td", timeout=SOON)
        told = [each.strip() for each in self.page.locator("section.three > div").all_inner_texts()]
        self.holds("three columns", true=len(told) == COLUMNS and all(len(each) > COLUMNS for each in told))
        self.picture("control")

    def story(self) -> dict[str, int]:
        """The story, to its end: how many chapters passed."""
        self.page.goto(f"{self.url}/story")
        self.until(self.over, LONG)
        self.picture("story")
        failed = self.page.locator("section.chapter.failed")
        self.wrong += [f"chapter: {text}" for text in failed.all_inner_texts()]
        return {"chapters": self.page.locator("section.chapter.passed").count()}

    def narrow(self) -> None:
        """On a telephone nothing sticks out."""
        self.page.set_viewport_size(NARROW)
        for path in PAGES:
            self.page.goto(self.url + path)
            wide = self.page.evaluate("document.scrollingElement.scrollWidth")
            self.holds(f"{path} is {wide} wide", true=wide <= NARROW["width"])


def main(url: str, folder: Path) -> None:
    """Look at each page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        looker = Looker(browser.new_page(viewport=WIDE), url, folder)
        looker.fleet()
        looker.control()
        told = looker.story()
        looker.inverter()
        looker.narrow()
        print(json.dumps({**told, "requests": looker.requests, "wrong": looker.wrong}))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
