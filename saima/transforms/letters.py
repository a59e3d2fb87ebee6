"""Letters from the facts: the office's wording filled with printed numbers, and the projects behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from saima.reference import LetterTemplate, LightRules
from saima.reference.letters import PLACE
from saima.reference.lights import LETTER_KINDS
from saima.transforms.lights import LIT
from saima.transforms.warnings import reached_consequences
from saima.wording import count_text, day_text, months_text, period_text, points_text

SILENT = frozenset({"", "0"})
"""What counts as no content of a place."""


@dataclass(frozen=True)
class Letter:
    """A letter as plain texts: nothing in it is markup. `table` is (title, headings, rows) or None."""

    kind: str
    name: str
    title: str
    addressee: str
    paragraphs: tuple[str, ...]
    issuer: str
    issued_on: str
    table: tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]] | None
    area: str
    is_demonstration: bool


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with its places filled, in one pass: what a fact says is never filled again."""
    return PLACE.sub(lambda place: facts[place[1]], text)


def letter_of(
    template: LetterTemplate,
    facts: Mapping[str, str],
    projects: pl.DataFrame,
    *,
    is_demonstration: bool,
) -> Letter:
    """The letter of these facts; `projects` (any columns of text) are its list, left out where empty."""
    rows = tuple(tuple(str(cell or "") for cell in row) for row in projects.iter_rows())
    return Letter(
        kind=template.kind,
        name=template.name,
        title=filled(template.title, facts),
        addressee=filled(template.addressee, facts),
        paragraphs=tuple(
            filled(paragraph.text, facts)
            for paragraph in template.paragraphs
            if paragraph.when is None or facts[paragraph.when] not in SILENT
        ),
        issuer=filled(template.issuer, facts),
        issued_on=facts["发文日期"],
        table=(filled(template.attachment, facts), tuple(projects.columns), rows) if rows else None,
        area=facts["地区"],
        is_demonstration=is_demonstration,
    )


def letter_facts(
    *,
    city: str,
    area: tuple[str, str],
    period: str,
    changes: pl.DataFrame,
    targets: pl.DataFrame,
    places: pl.DataFrame,
    owed: pl.DataFrame,
    issued_on: date,
    reply_days: int,
) -> dict[str, str]:
    """What the places of a letter to one area say; printed once, here.

    `area` is (area_id, name); `changes` the frame of `warnings.light_changes`, `targets` that of
    `answers.area_targets`, `places` that of `warnings.place_consequences`, `owed` that of
    `warnings.explanations_owed`.
    """
    area_id, name = area
    own = changes.filter((pl.col("area_id") == area_id) & ~pl.col("is_exempt"))
    red = own.filter(pl.col("light") == "red")
    behind = targets.filter(
        (pl.col("area_id") == area_id) & pl.col("light").is_in(LIT) & (pl.col("distance") < 0)
    ).sort("distance", "wording")
    reasons = owed.filter(pl.col("责任地区") == name)["原因"].to_list()
    return {
        "城市": city,
        "地区": name,
        "报告期": period_text(period),
        "月份": months_text(period),
        "红灯个数": count_text(red.height),
        "黄灯个数": count_text(own.filter(pl.col("light") == "yellow").height),
        "新增个数": count_text(own.filter(pl.col("change") == "new").height),
        "加重个数": count_text(own.filter(pl.col("change") == "worse").height),
        "最长期数": count_text(int(red.select(pl.col("red_periods").max()).item() or 0)),
        "目标情况": "；".join(
            f"“{row['wording']}”{points_text(row['distance'])}" for row in behind.iter_rows(named=True)
        ),
        "名次情况": "；".join(
            f"{row['name']}连续{row['periods']}期排名靠后"
            for row in places.filter(pl.col("area_id") == area_id).iter_rows(named=True)
        ),
        "说明原因": "；".join(reasons),
        "回复期限": day_text(issued_on + timedelta(days=reply_days), has_year=True),
        "发文日期": day_text(issued_on, has_year=True),
    }


LISTED = ("灯", "变化", "连续", "项目名称", "项目单位", "责任人", "依据")
"""Columns of the list that goes with a letter."""


def letter_kinds(due: Mapping[str, Sequence[str]], templates: Mapping[str, LetterTemplate]) -> dict[str, str]:
    """The kinds that the office has wording for, with how many are due: `预警通知书（应发15份）`."""
    return {
        kind: f"{templates[kind].name}（应发{len(due[kind])}份）"
        for kind in LETTER_KINDS
        if kind in templates
    }


def receivers(areas: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """To whom letters of one kind may go: `all` of the areas, or one of them, by name."""
    return {"all": "全部应发地区", **{area: names[area] for area in areas}}


def due_letters(
    changes: pl.DataFrame, targets: pl.DataFrame, places: pl.DataFrame, rules: LightRules
) -> dict[str, list[str]]:
    """Which areas are due which kind of letter by the consequences of the rules: kind → area_ids, by code.

    For red projects that are not exempt, red targets, and places near the bottom of the race.
    """
    red = changes.filter((pl.col("light") == "red") & ~pl.col("is_exempt"))
    behind = targets.filter(pl.col("light") == "red")
    streaks = [
        *(("project", area, periods) for area, periods in red.select("area_id", "red_periods").iter_rows()),
        *(("target", area, rules.target_red_periods) for area in behind["area_id"]),
        *(("place", area, periods) for area, periods in places.select("area_id", "periods").iter_rows()),
    ]
    due: dict[str, set[str]] = {kind: set() for kind in LETTER_KINDS}
    for of, area, periods in streaks:
        for consequence in reached_consequences(rules, of, periods):
            if consequence.letter:
                due[consequence.letter].add(area)
    return {kind: sorted(areas) for kind, areas in due.items()}
