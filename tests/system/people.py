"""Somebody at a browser: one context each, signed in at the sign-in page, doing what a person does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from demonstration.people import PASSWORD


class Visitor:
    """A person with a browser of their own. `scripts` and `width` say what browser."""

    def __init__(
        self, browser: Browser, portal: Any, email: str = "", *, scripts: bool = True, width: int = 1280
    ) -> None:
        self.portal, self.email = portal, email
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            base_url=portal.url,
            accept_downloads=True,
        )
        self.context.set_default_timeout(30_000)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("response", self._note)

    def _note(self, response: Any) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} {response.url}")

    def sign_in(self) -> Visitor:
        """By e-mail address and password, and the code of the authenticator app when it is asked for."""
        self.page.goto("/accounts/login/")
        self.answer_sign_in(self.page)
        expect(self.page.locator("h1")).to_contain_text("My work")
        return self

    def answer_sign_in(self, page: Page) -> None:
        """Fills in the sign-in that a page of this person's browser shows, until it lets them in."""
        button = page.get_by_role("button", name="Sign in", exact=True)
        page.get_by_label("E-mail address").fill(self.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        with page.expect_navigation():
            button.click()
        for steps in (0, 1, -1):  # a code is taken once: a second sign-in within its half minute needs the next one
            if not page.locator('input[name="code"]').count():
                break
            page.locator('input[name="code"]').fill(self.portal.code(self.email, steps))
            with page.expect_navigation():
                button.click()

    def go(self, path: str) -> Visitor:
        self.page.goto(path)
        return self

    def press(self, name: str) -> None:
        """The button of exactly this name."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str, *, exact: bool = False) -> None:
        """The link of this name inside the page's main part, also one that looks like a button."""
        main = self.page.locator("main")
        link = main.get_by_role("link", name=name, exact=exact)
        link.or_(main.locator('a[role="button"]').filter(has_text=name)).first.click()

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def main(self, selector: str) -> Locator:
        return self.page.locator("main").locator(selector)

    def download(self, link: Locator, folder: Path) -> Path:
        """What a link or button hands out, as a file."""
        with self.page.expect_download() as started:
            link.click()
        target = folder / started.value.suggested_filename
        started.value.save_as(target)
        return target

    def fetch(self, link: Locator, folder: Path, name: str) -> Path:
        """What a link opens in the browser itself, such as a PDF, as a file."""
        response = self.page.request.get(link.get_attribute("href") or "")
        assert response.ok, f"{response.status} {response.url}"
        target = folder / name
        target.write_bytes(response.body())
        return target
