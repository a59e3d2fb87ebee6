"""One reader's window: what it shows, what can be clicked, what it asked for and complained of."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import ConsoleMessage, Download, Locator, Page, Request, expect

from tests.browser.server import Server

SECONDS = 30_000
"""How long anything may take before it counts as broken, in milliseconds."""

EXPECTED_COMPLAINTS: Mapping[str, str] = {
    r"404.*/_stcore/(health|host-config)$": (
        "Streamlit finds its own root by asking below the page's address first; Chromium reports each 404"
    ),
    r"The page that you have requested does not seem to exist": (
        "Streamlit's own remark on an unknown address; the reader sees ours"
    ),
}
"""Complaints in the console that are not ours to mend, with the reason for each."""

EXPECTED_ENGLISH: Mapping[str, str] = {
    r"\d?5G\S*": "5G is said so in Chinese; an industry chain is named after it",
    r"XLSX?|CSV|ODS|ET": "names of file formats, said so in Chinese",
    r"GCJ-02": "name of the coordinate system",
    r"python -m saima intake .*|--commit": "the command that files a ledger, there to be copied",
}
"""English that a Chinese reader expects, with the reason for each."""

TEXTS = r"""
() => {
  const found = [];
  const isShown = (element) => {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    if (parseFloat(getComputedStyle(element).fontSize) === 0) return false;
    for (let at = element; at; at = at.parentElement) {
      const box = at.getBoundingClientRect();
      if (getComputedStyle(at).overflow !== "visible" && (box.width <= 1 || box.height <= 1)) return false;
    }
    return true;
  };
  const look = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeType === Node.TEXT_NODE) {
        const parent = node.parentElement;
        if (!node.data.trim() || !parent || parent.matches("script, style, noscript, title")) continue;
        if (!isShown(parent)) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        if (!box.width || !box.height) continue;
        const size = parseFloat(getComputedStyle(parent).fontSize);
        const isIcon = parent.dataset.testid === "stIconMaterial";
        if (isIcon && box.width < 1.5 * size) continue;
        found.push(node.data.trim());
        continue;
      }
      if (node.shadowRoot) look(node.shadowRoot);
      if (!isShown(node)) continue;
      if (node.placeholder && !node.value) found.push(node.placeholder);
      if ((node.tagName === "INPUT" || node.tagName === "TEXTAREA") && node.value) found.push(node.value);
      for (const side of ["::before", "::after"]) {
        const content = getComputedStyle(node, side).content;
        if (content.startsWith('"') && content.length > 2) found.push(content.slice(1, -1));
      }
    }
  };
  look(document.body);
  return found;
}
"""
"""Every text that is drawn, those of fields, shadow roots and style sheets included. A word that the icon
font draws as one picture is none."""

SETTLED = r"""
() => {
  const app = document.querySelector("[data-testid=stApp]");
  if (!app || app.dataset.testScriptState !== "notRunning" || app.dataset.testConnectionState !== "CONNECTED")
    return false;
  if (!document.querySelector(".stMainBlockContainer [data-testid=stElementContainer]")) return false;
  if (document.querySelector("[data-testid=stSkeleton], [data-stale=true]")) return false;
  if (document.fonts.status !== "loaded") return false;
  return [...document.querySelectorAll("[class*='st-key-figure_']")]
    .every((figure) => figure.querySelector(".main-svg"));
}
"""

MARKS = r"""
(key) => [...document.querySelectorAll(`.st-key-figure_${key} .js-plotly-plot`)].flatMap((plot) => {
  const marks = "g.point > path, path.point, path.choroplethlocation, g.slice > path.surface";
  return [...plot.querySelectorAll(marks)].map((path, place) => {
    path.dataset.place = place;
    const datum = path.__data__;
    const trace = path.closest("g.trace").__data__[0]?.trace;
    const isSlice = path.matches("g.slice > path");
    const custom = isSlice ? plot._fullData[0].customdata[datum.data.data.i]
      : datum.data ?? trace?.customdata?.[datum.i];
    const box = path.getBoundingClientRect();
    return {
      place, box: [box.x, box.y, box.width, box.height], custom: custom ?? null,
      kind: path.classList.contains("choroplethlocation") ? "polygon" : "mark",
    };
  });
})
"""
"""Each mark of a figure with its place among them, customdata and box."""

INSIDE = r"""
([key, place]) => {
  const path = document.querySelector(`.st-key-figure_${key} [data-place="${place}"]`);
  path.scrollIntoView({ block: "center" });
  const box = path.getBoundingClientRect();
  if (!path.matches(".choroplethlocation")) return [box.x + box.width / 2, box.y + box.height / 2];
  const circles = [...path.closest(".main-svg").querySelectorAll("path.point")]
    .map((circle) => circle.getBoundingClientRect());
  const toPath = path.getScreenCTM().inverse();
  const isInside = (x, y) => path.isPointInFill(new DOMPoint(x, y).matrixTransform(toPath));
  for (let down = 1; down < 40; down++)
    for (let right = 1; right < 40; right++) {
      const [x, y] = [box.x + (box.width * right) / 40, box.y + (box.height * down) / 40];
      const isFree = !circles.some((circle) =>
        x > circle.left - 3 && x < circle.right + 3 && y > circle.top - 3 && y < circle.bottom + 3);
      const isDeep = [[0, 0], [-4, 0], [4, 0], [0, -4], [0, 4]].every(([a, b]) => isInside(x + a, y + b));
      if (isFree && isDeep) return [x, y];
    }
  return null;
}
"""
"""A point where a click meets the mark; a polygon is met off its edge and where no circle lies."""


FAINT = r"""
() => {
  const parts = (colour) => (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const alpha = (colour) => (colour.length > 3 ? colour[3] : 1);
  const luminance = (colour) => {
    const [red, green, blue] = colour.slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (alpha(colour) > 0.99) return colour;
    }
    return parts("rgb(255, 255, 255)");
  };
  const samples = [
    ...document.querySelectorAll(".stMain :is(h1, h3, h4, p, li, span, label, button, b), .stSidebar p"),
  ].filter((part) => [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((part) => part.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
    .filter((part) => part.getBoundingClientRect().width && parseFloat(getComputedStyle(part).fontSize) > 0);
  const faint = samples.map((part) => {
    const [ink, paper] = [parts(getComputedStyle(part).color), ground(part)];
    let strength = alpha(ink);
    for (let at = part; at; at = at.parentElement) strength *= parseFloat(getComputedStyle(at).opacity);
    const seen = paper.slice(0, 3).map((colour, place) => colour + (ink[place] - colour) * strength);
    const [darker, lighter] = [seen, paper].map(luminance).sort((one, other) => one - other);
    return [part.textContent.trim().slice(0, 20), (lighter + 0.05) / (darker + 0.05)];
  });
  if (faint.length < 15) throw new Error(`only ${faint.length} texts were looked at`);
  return faint.filter(([, contrast]) => contrast < 4.5);
}
"""
"""Texts whose contrast with their ground is below 4.5 : 1, those of figures (drawn in SVG) left out."""


@dataclass(frozen=True)
class Mark:
    """One clickable mark of a figure."""

    place: int
    custom: list[Any]
    kind: str
    width: float
    height: float


@dataclass
class Screen:
    """A page in a browser context of its own, on one server."""

    page: Page
    server: Server
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(SECONDS)
        self.page.context.on("request", self._note_request)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str = "", **asked: str) -> "Screen":
        """Go to a page of the app and wait until it stands."""
        return self.go(f"/{path}" + ("?" + urlencode(asked) if asked else ""))

    def go(self, address: str) -> "Screen":
        """Go to an address below the server and wait until it stands."""
        self.page.goto(self.server.address + address)
        return self.settle()

    def forget(self) -> None:
        """Begin new lists of what was asked of other hosts and of complaints; the rest is judged alone."""
        self.outside.clear()
        self.complaints.clear()

    def settle(self) -> "Screen":
        """Wait until no script runs and every figure has its drawing."""
        for _ in range(2):
            self.page.wait_for_timeout(150)
            self.page.wait_for_function(SETTLED, timeout=SECONDS)
        assert not self.page.get_by_test_id("stException").count(), self.server.faults()
        return self

    @property
    def asked(self) -> dict[str, str]:
        """What the address bar asks for."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.page.url).query).items()}

    def texts(self) -> list[str]:
        """Every text that is drawn."""
        texts: list[str] = self.page.evaluate(TEXTS)
        return texts

    def says(self, sentence: str) -> None:
        """Wait for a text to be seen."""
        expect(self.page.get_by_text(sentence).first).to_be_visible(timeout=SECONDS)

    def headline(self) -> str:
        """The sentence that the page begins with."""
        return self.page.locator(".stMain h3").first.inner_text()

    def numbers(self) -> list[str]:
        """The texts of the page's headline, cards and figures: what two readers compare."""
        cards = self.page.locator(".stMain [class*='st-key-card_']")
        return [self.headline(), *(text for card in cards.all_text_contents() for text in card.split("\n"))]

    def figures(self) -> list[str]:
        """Keys of the figures, in the order of the page."""
        keys: list[str] = self.page.evaluate(
            "() => [...document.querySelectorAll(\"[class*='st-key-figure_']\")]"
            ".map((figure) => figure.className.match(/st-key-figure_(\\w+)/)[1])"
        )
        return keys

    def marks(self, figure: str) -> list[Mark]:
        """The marks of a figure that are drawn, in drawing order."""
        return [
            Mark(mark["place"], mark["custom"] or [], mark["kind"], mark["box"][2], mark["box"][3])
            for mark in self.page.evaluate(MARKS, figure)
        ]

    def labels(self, figure: str) -> list[str]:
        """The texts written beside the marks of a figure, in their order."""
        return self.page.locator(f".st-key-figure_{figure} .annotation-text").all_text_contents()

    def click(self, figure: str, *custom: str) -> None:
        """Click the mark that stands for this."""
        mark = next(mark for mark in self.marks(figure) if mark.custom[: len(custom)] == list(custom))
        where = self.page.evaluate(INSIDE, [figure, mark.place])
        assert where, f"{custom} is covered everywhere in {figure}"
        self.page.mouse.move(*where)
        self.page.wait_for_timeout(100)
        self.page.mouse.click(*where)

    def choose(self, key: str, option: str) -> None:
        """Pick an option of a select box by its key and wait for the answer."""
        self.page.locator(f".st-key-{key}").locator("input, [role=combobox], button").first.click()
        before = self.page.url
        self.page.get_by_role("option", name=option, exact=True).click()
        expect(self.page).not_to_have_url(before, timeout=SECONDS)
        self.settle()

    def visit(self, title: str) -> None:
        """Go to another page by the menu."""
        self.page.locator("[data-testid=stSidebarNavLink]", has_text=title).click()
        expect(self.page.locator("[data-testid=stSidebarNavLink][aria-current=page]")).to_contain_text(title)
        # The menu empties the address, and the page that is entered fills it again.
        self.page.wait_for_function("location.search.includes('city=')", timeout=SECONDS)
        self.settle()

    @property
    def evidence(self) -> Locator:
        """The dialog behind a figure."""
        return self.page.get_by_role("dialog")

    def evidence_count(self) -> int:
        """How many ledger rows the open dialog says there are."""
        rows = self.evidence.get_by_text(re.compile(r"^台账行："))
        expect(rows).to_be_visible(timeout=SECONDS)
        self.settle()
        line = rows.inner_text()
        return int(re.match(r"台账行：([\d,]+) 行", line)[1].replace(",", ""))  # type: ignore[index]

    def download(self) -> Download:
        """The workbook that the open dialog offers."""
        with self.page.expect_download() as waiting:
            self.evidence.get_by_role("button", name="下载全部台账行").click()
        return waiting.value

    def close_evidence(self) -> None:
        """Close the dialog by the keyboard."""
        self.page.keyboard.press("Escape")
        expect(self.evidence).to_have_count(0)

    def photograph(self, file: Path) -> None:
        """The whole page at its present width, whatever its height."""
        height = self.page.evaluate(
            "() => Math.max(...[...document.querySelectorAll('[data-testid=stMain], .stMain')]"
            ".map((part) => part.scrollHeight))"
        )
        size = self.page.viewport_size or {"width": 1366, "height": 768}
        self.page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
        self.settle()
        file.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=file)
        self.page.set_viewport_size(size)

    def english(self) -> list[str]:
        """Texts with an English word in them that no reader expects."""
        expected = re.compile("|".join(EXPECTED_ENGLISH))
        return [text for text in self.texts() if re.search("[A-Za-z]{2,}", expected.sub("", text))]

    def faint(self) -> list[tuple[str, float]]:
        """Texts that are hard to read, with the contrast of each; fails where there are few texts at all."""
        faint: list[tuple[str, float]] = self.page.evaluate(FAINT)
        return faint

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.server.address).netloc:
            self.outside.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        is_complaint = message.type in {"error", "warning"} or message.text.startswith(("WARN", "ERROR"))
        said = f"{message.text} {json.dumps(message.location.get('url', ''))[1:-1]}"
        if is_complaint and not any(re.search(pattern, said) for pattern in EXPECTED_COMPLAINTS):
            self.complaints.append(said)
