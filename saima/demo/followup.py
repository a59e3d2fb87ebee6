"""The demonstration's decisions of the monthly meetings, and the letters that went out after them."""

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl

from saima.demo.history import Living, Project, first_day, last_day
from saima.demo.words import person
from saima.ledgers import LEDGERS

_MATTERS = (
    ("{name}于时限前开工", "开工时间", "属地政府"),
    ("协调解决{name}用地问题", "", "市自然资源局"),
    ("{name}于时限前办理入统", "入统时间", "市统计局"),
    ("推动{name}加快施工进度，完成年度计划", "", "属地政府"),
    ("{name}于时限前竣工验收", "竣工时间", "市住房城乡建设局"),
)
_KINDS = ("预警通知书", "提醒函", "督办函")


class Followup:
    """A city's decisions and letters, cut by month; each ledger holds the year's, as known by then."""

    def __init__(self, living: Living) -> None:
        self.city = living.city
        self.rng = Random(f"{living.seed}-followup-{living.city}")
        self.people = [person(self.rng) for _ in range(24)]
        self.names = {
            row["area_id"]: row["name"]
            for row in living.reference.areas_of(living.city).filter("is_ranked").iter_rows(named=True)
        }
        plain = [
            (project.seen, project)
            for project in living.projects
            if project.area in self.names and project.is_big and not project.is_reserve
        ]
        self.decisions = [one for month in _months() for one in self._decided(plain, month)]
        self.letters = [one for month in _months() for one in self._written(month)]

    def _decided(self, projects: list[tuple[int, Project]], month: int) -> list[dict[str, Any]]:
        """What the meeting of a month hands out, among the projects with the month that first shows each."""
        rng, day = self.rng, first_day(month) + timedelta(days=21)
        standing = [project for seen, project in projects if seen <= month]
        told = []
        for number, project in enumerate(rng.sample(standing, min(len(standing), rng.randint(4, 9)))):
            text, field, unit = rng.choice(_MATTERS)
            name = str(project.traits["name"])
            due = day + timedelta(days=rng.choice((20, 30, 45, 60)))
            closed = due + timedelta(days=rng.randint(-15, 40)) if rng.random() < 0.85 else None
            told.append(
                {
                    "decision_id": f"{day:%Y%m}-{number + 1:02}",
                    "decided_in": f"{day:%Y-%m}",
                    "text": text.format(name=name),
                    "area_id": project.area,
                    "unit": f"{self.names[project.area]}政府" if unit == "属地政府" else unit,
                    "person": rng.choice(self.people),
                    "due_on": due,
                    "project_id": f"{self.city}-D{project.number:05}",
                    "name": name,
                    "closing_field": field or None,
                    "closing_value": "有值" if field else None,
                    "closed_on": closed,
                    "since": day,
                }
            )
        return told

    def _written(self, month: int) -> list[dict[str, Any]]:
        """The letters that follow the meeting of a month."""
        rng, day = self.rng, first_day(month) + timedelta(days=24)
        told = []
        for number, area in enumerate(rng.sample(sorted(self.names), rng.randint(1, 4))):
            due = day + timedelta(days=10)
            replied = due + timedelta(days=rng.randint(-8, 12)) if rng.random() < 0.9 else None
            told.append(
                {
                    "letter_id": f"{day:%Y%m}-H{number + 1:02}",
                    "kind": rng.choice(_KINDS),
                    "area_id": area,
                    "about_period": f"{day:%Y-%m}",
                    "issued_on": day,
                    "reply_due_on": due,
                    "replied_on": replied,
                    "reply": "已查明原因，制定赶工计划" if replied else None,
                    "since": day,
                }
            )
        return told

    def rows(self, ledger_name: str, period: str) -> pl.DataFrame:
        """Rows of the ledger `decisions` or `letters` of a month: the year's so far, as known at its end."""
        ledger = LEDGERS[ledger_name]
        end = last_day(int(period[:4]) * 12 + int(period[5:]) - 1)
        told = self.decisions if ledger_name == "decisions" else self.letters
        rows = [
            _known(one, end) | {"source_sheet": ledger.term, "source_row": place + 5}
            for place, one in enumerate(
                one for one in told if one["since"].year == end.year and one["since"] <= end
            )
        ]
        names = [name for name in ledger.schema if rows and name in rows[0]] or [*ledger.schema]
        return pl.DataFrame(rows, schema={name: ledger.schema[name] for name in names}, orient="row")


def _months() -> range:
    return range(2023 * 12, 2025 * 12)


def _known(one: Mapping[str, Any], end: date) -> dict[str, Any]:
    """A row without what happened after that day."""
    row = {name: value for name, value in one.items() if name != "since"}
    for name in ("closed_on", "replied_on"):
        if row.get(name) is not None and row[name] > end:
            row[name] = None
    if "reply" in row and row["replied_on"] is None:
        row["reply"] = None
    dates = ("due_on", "closed_on", "issued_on", "reply_due_on", "replied_on")
    return row | {f"{name}_precision": "day" if row[name] else None for name in dates if name in row}
