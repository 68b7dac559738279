"""A headless browser for tests: what a page does in it, and what it asks of the network."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SIZES = {"phone": (390, 844), "desk": (1440, 900)}


@dataclass
class Visit:
    """An open page, what it wrote to the console, and what it asked for besides itself."""

    page: object
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def draw(self, name: str) -> object:
        """Scroll to a figure and wait until it is drawn; its plot."""
        plot = self.page.locator(f'.plot[data-chart="{name}"]')
        plot.scroll_into_view_if_needed()
        self.page.wait_for_selector(f'.plot[data-chart="{name}"][data-drawn]')
        return plot

    def draw_all(self) -> list[str]:
        """Draw every figure of the page; their names."""
        names = self.page.eval_on_selector_all(".plot", "all => all.map(p => p.dataset.chart)")
        for name in names:
            self.draw(name)
        return names


@contextmanager
def chromium() -> Iterator[object]:
    """The machine's Chromium, driven by Playwright; skips the test where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def visit(browser: object, file: Path, size: str = "desk", **settings: object) -> Iterator[Visit]:
    """Open a file at the size of a `phone` (with touch) or a `desk`."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=size == "phone", **settings
    )
    seen = Visit(context.new_page())
    seen.page.on("console", lambda message: seen.complaints.append(message.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.goto(file.as_uri())
    yield seen
    context.close()
