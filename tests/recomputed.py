"""The metrics of docs/problems-funds-service.md and docs/statistics-indicators-projects.md from the Parquet
files alone: an independent reading of what those pages say, which shares no code with saima."""

import json
import tomllib
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

Row = dict[str, Any]
Value = tuple[Decimal | None, Decimal | None]
"""Numerator and denominator."""

FROM_ABOVE = {"中央预算内投资", "地方政府专项债券", "超长期特别国债", "政策性开发性金融工具"}
THINGS_END = {"problems", "decisions", "letters", "activities"}
IN_SERVICE = ("signed", "landed", "approved", "started")
WAN = {"万元": 1, "亿元": 10_000}


def by(day: date | None, end: date | None) -> bool:
    """Whether that day is there and not after the other."""
    return day is not None and end is not None and day <= end


def months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def first_day(day: date | None, precision: str | None) -> date | None:
    if day is None:
        return None
    quarter = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    spans = {"month": day.replace(day=1), "quarter": quarter, "year": date(day.year, 1, 1)}
    return spans.get(precision or "", day)


def total(amounts: Iterable[Any]) -> Decimal | None:
    known = [Decimal(amount) for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def count(rows: Iterable[Any]) -> Decimal:
    return Decimal(sum(map(bool, rows)))


def ledger(snapshots: Path, name: str, city: str, period: str) -> list[Row] | None:
    """The rows that stand for a period, each with its `end`; None where nobody filed the ledger for it."""
    base = snapshots / name / f"city={city}"
    periods = [path.name.removeprefix("period=") for path in base.glob(f"period={period[:4]}-*")]
    filed = sorted((one for one in periods if one <= period), reverse=True)
    if period not in filed:
        return None
    rows: list[Row] = []
    seen: set[str] = set()
    is_whole = False
    for one in filed:
        newest = max((base / f"period={one}").glob("r*.json"))
        told = json.loads(newest.read_text(encoding="utf-8"))
        areas = set(told["areas"]) - seen
        if one == period:
            is_whole = any(filing["area_id"] is None for filing in told["filings"])
        elif is_whole:
            areas = set() if name in THINGS_END else {area for area in areas if not area.endswith("未分区")}
        year, month = int(one[:4]), int(one[5:])
        end = date(year, month, monthrange(year, month)[1])
        frame = pl.read_parquet(newest.with_suffix(".parquet"))
        rows += [{**row, "end": end, "filed": one} for row in frame.to_dicts() if row["area_id"] in areas]
        seen |= areas
    return rows


def newest(rows: Iterable[Row], *key: str) -> list[Row]:
    """The row of each key that was filed last."""
    kept: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        kept.setdefault(tuple(row[name] for name in key), row)
    return list(kept.values())


def stage(row: Row, landing: str) -> str | None:
    end = row["end"]
    landed = row["landed_on"] if landing == "filed" and by(row["landed_on"], end) else None
    if landed is None and row["asset_kind"] == "轻资产":
        both = (row["registered_on"], row["operated_on"])
        landed = max(both) if all(both) else None
    elif landed is None and row["asset_kind"] in {"实体经济", "房地产"}:
        landed = min((day for day in (row["land_awarded_on"], row["started_on"]) if day), default=None)
    completed = row["completed_on"] if by(row["completed_on"], end) else row["accepted_on"]
    events = {"completed": completed, "landed": landed}
    names = (
        "exited",
        "ramped",
        "produced",
        "completed",
        "started",
        "approved",
        "landed",
        "signed",
        "planned",
    )
    return next((name for name in names if by(events.get(name, row[f"{name}_on"]), end)), row["stage_filed"])


class Period:
    """The ledgers of a city at the end of a period."""

    def __init__(self, snapshots: Path, reference: Path, city: str, period: str) -> None:
        self.city, self.period, self.year = city, period, date(int(period[:4]), 1, 1)
        told = tomllib.loads((reference / "cities" / f"{city}.toml").read_text(encoding="utf-8"))
        self._read = lambda name: ledger(snapshots, name, city, period)
        rows = newest(self._read("projects") or [], "project_id")
        parents = {row["parent_id"] for row in rows if row["parent_id"] != row["project_id"]}
        self.is_dated = any(row["entered_statistics_on"] for row in rows)
        landing = told.get("landing", "filed")
        self.projects = {
            row["project_id"]: {**row, "stage": stage(row, landing)}
            for row in rows
            if row["project_id"] not in parents
        }
        self.standing = [row for row in self.projects.values() if row["stage"] != "exited"]

    def values(self) -> dict[str, Value]:
        """Every metric of the tables, but those of lights."""
        return {
            **self._funds(self._read("funds")),
            **self._problems(self._read("problems")),
            **self._permits(self._read("permits")),
            **self._libraries(self._read("statistics"), self._read("economy")),
            **self._service(),
            **self._statistics(),
            **self._lists(),
        }

    def _in_year(self, row: Row, name: str) -> bool:
        return by(self.year, row[name]) and by(row[name], row["end"])

    def _stands(self, row: Row) -> bool:
        project = self.projects.get(row["project_id"])
        return project is None or project["stage"] != "exited"

    def _funds(self, rows: list[Row] | None) -> dict[str, Value]:
        if rows is None:
            return {}
        july = date(self.year.year, 7, 1)
        won = [
            row
            for row in rows
            if row["source"] in FROM_ABOVE
            and self._in_year(row, "issued_on" if row["source"] == "地方政府专项债券" else "approved_on")
        ]
        approved = [row for row in rows if row["project_id"] and self._in_year(row, "approved_on")]
        early = [row for row in approved if row["source"] in FROM_ABOVE and row["approved_on"] < july]
        late = [row for row in approved if row["source"] == "超长期特别国债" and row["approved_on"] >= july]

        def started(row: Row) -> bool:
            return by(self.projects.get(row["project_id"], {}).get("started_on"), row["end"])

        def projects(found: Iterable[Row]) -> Value:
            return Decimal(len({row["project_id"] for row in found})), None

        both = [row for row in rows if row["arrived"] is not None and row["paid"] is not None]
        ever = [row for row in both if by(row["arrived_on"], row["end"])]
        now = [row for row in both if self._in_year(row, "arrived_on")]
        idle = [
            row
            for row in rows
            if row["arrived_on"]
            and months_later(row["arrived_on"], 3) <= row["end"]
            and not by(row["physical_on"], row["end"])
        ]
        return {
            "funds_won": (total(row["approved"] for row in won), None),
            "funded_projects": projects(early),
            "funded_projects_started": projects(row for row in early if started(row)),
            "treasury_projects_started": projects(row for row in late if started(row)),
            **{
                f"funds_{name}": (total(row[name] for row in rows), None)
                for name in ("requested", "approved", "arrived", "paid")
            },
            "funds_arrived_this_year": (
                total(row["arrived"] for row in rows if self._in_year(row, "arrived_on")),
                None,
            ),
            "payment_rate": (total(row["paid"] for row in ever), total(row["arrived"] for row in ever)),
            "payment_rate_of_the_year": (
                total(row["paid"] for row in now),
                total(row["arrived"] for row in now),
            ),
            "funds_without_work": (total(row["arrived"] for row in idle), None),
        }

    def _problems(self, rows: list[Row] | None) -> dict[str, Value]:
        if rows is None:
            return {}
        raised = [row for row in rows if by(row["raised_on"], row["end"])]
        is_open = [row for row in raised if not by(row["resolved_on"], row["end"])]
        in_hand = [row for row in raised if not (row["resolved_on"] and row["resolved_on"] < self.year)]
        resolved = [row for row in in_hand if by(row["resolved_on"], row["end"])]
        decided = [
            row for row in in_hand if row["due_on"] and (row in resolved or row["due_on"] < row["end"])
        ]
        held = {
            row["project_id"]: self.projects.get(row["project_id"]) for row in is_open if self._stands(row)
        }
        plans = [project for project in held.values() if project and project["plan_year"] is not None]
        days = [
            (row["resolved_on"] - row["raised_on"]).days
            for row in rows
            if self._in_year(row, "resolved_on")
            and by(row["raised_on"], row["resolved_on"])
            and row["raised_on_precision"] == row["resolved_on_precision"] == "day"
        ]
        return {
            "problems_raised": (count(self._in_year(row, "raised_on") for row in rows), None),
            "problems_resolved": (count(self._in_year(row, "resolved_on") for row in rows), None),
            "problems_open": (Decimal(len(is_open)), None),
            "problems_overdue": (
                count(row["due_on"] and row["due_on"] < row["end"] for row in is_open),
                None,
            ),
            "problem_resolution_rate": (Decimal(len(resolved)), Decimal(len(in_hand))),
            "problem_punctuality_rate": (
                count(row in resolved and row["resolved_on"] <= row["due_on"] for row in decided),
                Decimal(len(decided)),
            ),
            "problems_plan": (total(project["plan_year"] for project in plans), None),
            "problems_plan_left": (
                total(
                    max(project["plan_year"] - project["invested_year"], Decimal(0))
                    for project in plans
                    if project["invested_year"] is not None
                ),
                None,
            ),
            "days_raised_to_resolved": (Decimal(str(median(days))) if days else None, None),
        }

    def _permits(self, rows: list[Row] | None) -> dict[str, Value]:
        if rows is None:
            return {}
        of_projects = newest((row for row in rows if row["project_id"]), "project_id", "kind")
        known = [*of_projects, *(row for row in rows if not row["project_id"])]
        standing = [row for row in known if self._stands(row)]
        lacking = [row for row in standing if not by(row["obtained_on"], row["end"])]
        due = [row for row in standing if row["due_on"] and row["due_on"] < row["end"]]
        return {
            "permits_lacking": (Decimal(len(lacking)), None),
            "permits_overdue": (count(row in due for row in lacking), None),
            "permits_in_time_rate": (
                count(
                    by(row["obtained_on"], row["end"]) and by(row["obtained_on"], row["due_on"])
                    for row in due
                ),
                Decimal(len(due)),
            ),
        }

    def _libraries(self, entries: list[Row] | None, economy: list[Row] | None) -> dict[str, Value]:
        told: dict[str, Value] = {}
        if entries is not None:
            told["library_entries"] = Decimal(len(entries)), None
            told["library_invested_year"] = total(row["invested_year"] for row in entries), None
        if economy is not None:
            fixed = [
                Decimal(repr(row["value"])) * WAN[row["unit"]]
                for row in economy
                if (row["area_id"], row["measure"], row["filed"]) == (self.city, "固定资产投资", self.period)
                and row["value"] is not None
                and row["unit"] in WAN
            ]
            told["fixed_asset_investment"] = total(fixed), None
        return told

    def _service(self) -> dict[str, Value]:
        serving = [row for row in self.standing if row["stage"] in IN_SERVICE]
        ones = {
            "leader_rate": ("leader",),
            "team_rate": ("team",),
            "plan_document_rate": ("plan_document",),
            "responsible_rate": ("responsible_person",),
            "service_complete_rate": ("leader", "team", "plan_document", "responsible_person"),
            "work_arranged_rate": ("plan_document", "completion_due_on", "leader", "responsible_person"),
        }
        led = [row for row in serving if row["leader"] is not None]
        before = [row for row in serving if row["stage"] != "started" and _reaches(row, 10_000)]
        signed = [
            row
            for row in self.standing
            if self._in_year(row, "signed_on")
            and _reaches(row, 100_000)
            and row["category"] in {"工业", "服务业"}
        ]
        reviewed = (
            by(first_day(row["reviewed_on"], row["reviewed_on_precision"]), row["signed_on"])
            for row in signed
        )
        return {
            **{
                metric: (
                    count(all(row[name] is not None for name in names) for row in serving),
                    Decimal(len(serving)),
                )
                for metric, names in ones.items()
            },
            "steward_rate": (count(row["steward"] is not None for row in before), Decimal(len(before))),
            "review_rate": (count(reviewed), Decimal(len(signed))),
            "led_projects": (Decimal(len(led)), None),
            "led_investment": (total(row["investment_total"] for row in led), None),
        }

    def _statistics(self) -> dict[str, Value]:
        large = [row for row in self.standing if _reaches(row, 500)]
        waiting = [row for row in large if self.is_dated and not _entered(row)]
        works = [row for row in large if row["stage"] == "started" and by(row["started_on"], row["end"])]
        return {
            "statistics_pending": (
                count(by(row["started_on"], row["end"]) or row["stage"] == "started" for row in waiting),
                None,
            ),
            "statistics_waiting": (
                count(
                    row["started_on"] and months_later(row["started_on"], 1) <= row["end"] for row in waiting
                ),
                None,
            ),
            "statistics_rate": (count(map(_entered, works)), Decimal(len(works))),
            **{
                name: (total(row[name] for row in self.standing), None)
                for name in ("invested_year", "invested_statistics_year", "credit_amount")
            },
        }

    def _lists(self) -> dict[str, Value]:
        listed = [row for row in self.standing if row["lists"]]
        return {
            "listed_projects": (Decimal(len(listed)), None),
            "listed_investment": (total(row["investment_total"] for row in listed), None),
            "listed_invested_year": (total(row["invested_year"] for row in listed), None),
        }


def _reaches(row: Row, wan: int) -> bool:
    return row["investment_total"] is not None and row["investment_total"] >= wan


def _entered(row: Row) -> bool:
    return by(row["entered_statistics_on"], row["end"])
