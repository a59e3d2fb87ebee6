"""What was measured, as a table for the eye and as JSON."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Clicks:
    """Milliseconds from click to last figure drawn on one page.

    `first` are clicks on a value that the server had not answered before.
    """

    title: str
    figures: int
    app: list[float]
    floor: list[float]
    first: list[float]


@dataclass(frozen=True)
class Results:
    """All that a run measured; milliseconds, and bytes of memory."""

    machine: dict[str, Any]
    clicks: list[Clicks] = field(default_factory=list)
    cold_app: list[float] = field(default_factory=list)
    cold_floor: list[float] = field(default_factory=list)
    memory_app: int = 0
    memory_floor: int = 0


def table(results: Results) -> str:
    """The medians in lines of columns."""
    lines = [("页面", "图", "应用", "底线", "比值", "首次", "首次/底线")]
    for page in results.clicks:
        app, floor, first = median(page.app), median(page.floor), median(page.first)
        lines.append(
            (
                page.title,
                str(page.figures),
                f"{app:.0f}",
                f"{floor:.0f}",
                f"{app / floor:.2f}",
                f"{first:.0f}",
                f"{first / floor:.2f}",
            )
        )
    cold_app, cold_floor = median(results.cold_app), median(results.cold_floor)
    lines.append(
        ("冷启动到首页", "", f"{cold_app:.0f}", f"{cold_floor:.0f}", f"{cold_app / cold_floor:.2f}", "", "")
    )
    lines.append(
        (
            "服务器内存 MB",
            "",
            f"{results.memory_app / 1e6:.0f}",
            f"{results.memory_floor / 1e6:.0f}",
            f"{results.memory_app / results.memory_floor:.2f}",
            "",
            "",
        )
    )
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            _padded(cell, width, is_first=place == 0)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def write(results: Results, path: Path) -> None:
    """Every measurement as JSON, medians beside them."""
    content = asdict(results)
    for page in content["clicks"]:
        page |= {f"{name}_median": median(page[name]) for name in ("app", "floor", "first")}
        page["ratio"] = page["app_median"] / page["floor_median"]
    content["cold_app_median"] = median(results.cold_app)
    content["cold_floor_median"] = median(results.cold_floor)
    content["cold_ratio"] = content["cold_app_median"] / content["cold_floor_median"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _padded(text: str, width: int, *, is_first: bool) -> str:
    room = " " * (width - _width(text))
    return text + room if is_first else room + text
