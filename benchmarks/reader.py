"""A reader in Chromium with a stopwatch: from the mouse event to the last change of a figure."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]

QUIET = 250
"""Milliseconds without a change after which nothing more is coming."""

PATIENCE = 60_000
"""Milliseconds that a page may take."""

STOPWATCH = """
window.stopwatch = {
  from: 0, last: 0, isArmed: false, hasRun: false,
  arm() { this.isArmed = true; this.hasRun = false; },
  isSettled(figures, quiet) {
    const app = document.querySelector('[data-testid="stApp"]');
    const charts = document.querySelectorAll('[data-testid="stPlotlyChart"]');
    return !this.isArmed && this.hasRun && app?.dataset.testScriptState === 'notRunning'
      && (figures === null || charts.length === figures)
      && [...charts].every(chart => chart.querySelector('.js-plotly-plot .main-svg'))
      && performance.now() - Math.max(this.from, this.last) > quiet;
  },
};
addEventListener('pointerdown', event => {
  if (!stopwatch.isArmed) return;
  stopwatch.isArmed = false;
  stopwatch.from = stopwatch.last = event.timeStamp;
}, true);
new MutationObserver(changes => {
  let isDrawn = false;
  for (const {type, target, attributeName} of changes) {
    const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
    const isFigure = Boolean(element?.closest('.js-plotly-plot'));
    // The state of a quick run may come and go between two looks.
    stopwatch.hasRun ||= isFigure || attributeName === 'data-test-script-state';
    // Attributes outside a figure say that an element is out of date or in focus, not that it is drawn.
    isDrawn ||= isFigure || (type !== 'attributes' && Boolean(element?.closest('[data-testid="stMain"]')));
  }
  if (isDrawn) requestAnimationFrame(() => { stopwatch.last = performance.now(); });
}).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
"""
"""In the page before its own scripts. `last` is the frame after the last change of what the page shows."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser for all measurements."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        try:
            yield browser
        finally:
            browser.close()


class Reader:
    """One open page of an app, with nothing in its cache at first."""

    def __init__(self, browser: Browser, address: str) -> None:
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        context.add_init_script(STOPWATCH)
        self._address = address
        self._page: Page = context.new_page()
        self._page.set_default_timeout(PATIENCE)

    def close(self) -> None:
        """Close the page and forget all it kept."""
        self._page.context.close()

    def open(self, path: str, figures: int | None, **asked: str) -> float:
        """Open a page; the instant its last figure was drawn, in seconds since 1970.

        It has so many figures, or however many there are when it comes to rest.
        """
        self._page.goto(f"{self._address}/{path}?{urlencode(asked)}")
        self._settle(figures)
        drawn: float = self._page.evaluate("performance.timeOrigin + stopwatch.last")
        return drawn / 1000

    def choose(self, key: str, label: str, figures: int) -> float:
        """Choose an option of the select box with that key: milliseconds from click to last figure drawn."""
        self._page.bring_to_front()
        self._page.click(f".st-key-{key} [data-testid=stSelectbox]")
        option = self._page.get_by_role("option", name=label, exact=True)
        option.scroll_into_view_if_needed()
        self._page.evaluate("stopwatch.arm()")
        option.click()
        self._settle(figures)
        taken: float = self._page.evaluate("stopwatch.last - stopwatch.from")
        return taken

    def _settle(self, figures: int | None) -> None:
        known = "null" if figures is None else figures
        self._page.wait_for_function(f"window.stopwatch?.isSettled({known}, {QUIET})", polling=50)
