"""Permits of an invented city's projects, and the papers by which statistics take a project in.

A project that entered statistics had its papers by then; of those that never did, most lack one.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import polars as pl

from saima.demo.history import END, Living, Project, last_day, month_of

PAPERS = ("立项", "施工合同", "现场照片", "正式打桩")
"""What entry into statistics asks for (domain.md 3.3)."""

_AHEAD = {
    "立项": 150,
    "用地": 90,
    "规划": 70,
    "环评": 60,
    "能评": 50,
    "施工许可": 15,
    "施工合同": 20,
    "现场照片": -12,
    "正式打桩": -15,
}
"""How many days before work begins each is due; papers of the site itself follow the beginning."""

_FIRST_START = date(2022, 9, 1)
"""Projects that began before and entered statistics need no permit in the years of the ledger."""

_Row = tuple[str, str, int, int, date, date | None]


class Permits:
    """The permits of a city, from which any month's ledger is cut; drawn from a stream of its own."""

    def __init__(self, living: Living) -> None:
        self.city = living.city
        rng = Random(f"{living.seed}-{living.city}-permits")
        rows = [row for project in living.projects if _is_told(project) for row in self._of(project, rng)]
        names = ("project_id", "kind", "since", "until", "due_on", "obtained_on")
        types = (pl.String, pl.String, pl.Int64, pl.Int64, pl.Date, pl.Date)
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        self._permits = pl.DataFrame(
            dict(zip(names, columns, strict=True)), schema=dict(zip(names, types, strict=True))
        )

    def _of(self, project: Project, rng: Random) -> Iterator[_Row]:
        """The permits of one project with the months in which the ledger shows them."""
        started, entered = project.facts.get("started"), project.facts.get("entered_statistics")
        begins = started.on if started else project.dues[0][1] if project.dues else None
        is_settled = started is not None and started.on < _FIRST_START and entered is not None
        if begins is None or is_settled or rng.random() < 0.08:
            return
        since = max(project.seen, month_of(begins) - 3)
        until = month_of(begins) + 10
        if started is not None:
            until = END if entered is None else max(month_of(entered.on) + 1, month_of(begins) + 2)
        wanting = set() if entered or rng.random() < 0.3 else set(rng.sample(PAPERS, rng.choice((1, 1, 2))))
        project_id = f"{self.city}-D{project.number:05}"
        for kind, days in _AHEAD.items():
            if not _needs(project, kind) or rng.random() < 0.06:
                continue
            due_on = begins - timedelta(days=days - rng.randint(0, 20))
            late = -rng.randint(0, 25) if rng.random() < 0.78 else rng.randint(3, 60)
            obtained_on: date | None = due_on + timedelta(days=late)
            if kind == "立项" and (approved := project.facts.get("approved")):
                obtained_on = approved.on
            elif kind in wanting or (started is None and rng.random() < 0.45):
                obtained_on = None
            elif entered is not None and kind in PAPERS and obtained_on and obtained_on >= entered.on:
                obtained_on = entered.on - timedelta(days=rng.randint(1, 8))
            yield project_id, kind, since, until, due_on, obtained_on

    def rows(self, period: str) -> pl.DataFrame:
        """The permits as known at the end of a period, but what the project ledger says of the projects."""
        month = int(period[:4]) * 12 + int(period[5:]) - 1
        return (
            self._permits.filter((pl.col("since") <= month) & (month <= pl.col("until")))
            .with_columns(
                pl.when(pl.col("obtained_on") <= last_day(month)).then("obtained_on").alias("obtained_on")
            )
            .with_columns(
                pl.when(pl.col(name).is_not_null()).then(pl.lit("day")).alias(f"{name}_precision")
                for name in ("due_on", "obtained_on")
            )
            .drop("since", "until")
        )


def _is_told(project: Project) -> bool:
    """Whether a project stands in the ledger by itself, with dates and an area."""
    traits = project.traits
    is_plain = not traits.get("is_parent") and not traits.get("is_dateless") and "area_text" not in traits
    return is_plain and not project.is_reserve


def _needs(project: Project, kind: str) -> bool:
    """Whether a project of its nature needs that permit."""
    nature = project.traits.get("nature")
    if nature == "单纯购置":
        return kind in {"立项", "施工合同", "现场照片"}
    if kind in {"用地", "规划"}:
        return nature != "改建和技术改造"
    return kind != "能评" or (project.category == "工业" and project.is_big)
