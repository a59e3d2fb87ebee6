"""What was planned for the projects of an invented city, and what was spent on them."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from saima.demo.history import END, SEASON, YEARS, Living, Project, first_day, last_day, parted
from saima.reference import filters_of


def plan(living: Living) -> None:
    """Give every project its due dates, yearly plans and monthly spending."""
    _Planner(living).plan()


class _Planner:
    """Plans made for the projects, and the money that was spent on them."""

    def __init__(self, living: Living) -> None:
        self.living, self.rng = living, living.rng

    def plan(self) -> None:
        """Due dates, yearly plans and monthly spending of every project."""
        projects = [
            project
            for project in self.living.projects
            if not project.traits.get("is_parent") and not project.traits.get("is_dateless")
        ]
        for year in YEARS:
            self._set_starts(year, projects)
        for project in projects:
            self._set_distant_start(project)
            if "started" in project.facts:
                self._spend(project)
            self._budget(project)

    def starts_wanted(self, year: int) -> dict[tuple[str, ...], int]:
        """How many starts a year plans, by categories: the document's addends, else the usual mix."""
        living = self.living
        rows = living.reference.targets_of(living.city, year).filter(
            pl.col("area_id").is_null(),
            pl.col("metric") == "started_projects",
            pl.col("part_kind") == "addend",
        )
        wanted = {
            filters_of(filters)["category"]: round(float(value) * living.scale)
            for filters, value in rows.select("filters", "value_base").iter_rows()
            if set(filters_of(filters)) == {"category"}
        }
        if wanted:
            return wanted
        mix = living.shape.mixes["started"]
        total = round(living.target(year, "started_projects") * living.scale)
        return {
            (category,): count for category, count in zip(mix, parted(total, list(mix.values())), strict=True)
        }

    def _set_starts(self, year: int, projects: Sequence[Project]) -> None:
        rng = self.rng
        for categories, wanted in self.starts_wanted(year).items():
            among = [project for project in projects if project.category in categories]
            missing = wanted - sum(_is_due_in(project, year) for project in among)
            started = [project for project in among if self._starts_in(project, year)]
            stuck = [project for project in among if self._could_start_in(project, year)]
            rng.shuffle(started)
            rng.shuffle(stuck)
            late = min(len(stuck), max(round(wanted * 0.16), missing - len(started)))
            for project in started[: max(missing - late, 0)]:
                self._set_start(project, year, project.month("started"))
            for project in stuck[: max(min(late, missing), 0)]:
                self._set_start(project, year, None)

    def _starts_in(self, project: Project, year: int) -> bool:
        started = project.month("started")
        return (
            started is not None and started // 12 == year and not project.dues and project.seen // 12 <= year
        )

    def _could_start_in(self, project: Project, year: int) -> bool:
        """Ready, and not started by the end of the year."""
        ready = project.month("approved" if project.is_public else "landed")
        started = project.month("started")
        exited = project.month("exited")
        return (
            ready is not None
            and ready <= year * 12 + 8
            and max(ready, project.seen) <= year * 12 + 8
            and not project.dues
            and (started is None or started // 12 > year)
            and (exited is None or exited > year * 12 + 11)
        )

    def _set_start(self, project: Project, year: int, started: int | None) -> None:
        """A due date in that year, and how it is put off while nothing starts."""
        rng = self.rng
        since = max(project.seen, year * 12)
        earliest, latest = max(since, year * 12 + 1), year * 12 + 11
        if started is None:
            due = rng.randint(earliest, latest)
            started = project.month("started")
        else:
            due = started + rng.choices((-3, -2, -1, 0, 1, 2), (4, 7, 14, 45, 20, 10))[0]
            due = min(max(due, earliest), latest)
        self._add_due(project, since, due)
        gone = project.month("exited")
        while (started is None or started > due) and due < END and (gone is None or gone > due):
            since, due = due + 1, due + rng.randint(3, 7)
            self._add_due(project, since, due)

    def _add_due(self, project: Project, since: int, due: int) -> None:
        precision = self.rng.choices(("day", "month"), (35, 65))[0]
        if due % 3 == 2 and self.rng.random() < 0.3:
            precision = "quarter"
        on = last_day(due)
        if precision == "day":
            on = first_day(due) + timedelta(days=self.rng.randint(0, 27))
        project.dues.append((since, on, precision))

    def _set_distant_start(self, project: Project) -> None:
        if project.dues or "started" in project.facts or self.rng.random() > 0.4:
            return
        on = date(self.rng.choice((2025, 2025, 2026, 2027)), 12, 31)
        project.dues.append((project.seen, on, "year"))

    def _spend(self, project: Project) -> None:
        """Monthly spending from start to completion, or as far as the builders have come."""
        rng = self.rng
        start, exited = project.month("started"), project.month("exited")
        assert start is not None
        done = project.month("completed") or project.month("produced")
        suspended, resumed = project.month("suspended"), project.month("resumed")
        years = self.living.shape.years_to_build
        months = round(12 * years * rng.uniform(0.55, 1.35) * (1.2 if project.investment >= 100_000 else 1.0))
        end = done if done is not None else start + months
        project.is_slow = done is None and rng.random() < 0.13
        whole = project.investment * (rng.uniform(0.93, 1.04) if done is not None else 0.97)
        rates = []
        for month in range(start, end + 1):
            idle = suspended is not None and suspended < month and (resumed is None or month < resumed)
            rates.append(0.0 if idle else SEASON[month % 12] * rng.uniform(0.7, 1.3))
        total = sum(rates) or 1.0
        for month, rate in zip(range(start, end + 1), rates, strict=True):
            if month > END or (exited is not None and month > exited):
                break
            amount = whole * rate / total
            if project.is_slow:
                amount = 0.0 if rng.random() < 0.35 else amount * 0.45
            project.spent[month] = round(amount)

    def _budget(self, project: Project) -> None:
        """The year's plan, and its revision in July for some."""
        rng = self.rng
        started, exited = project.month("started"), project.month("exited")
        finished = project.month("completed") or project.month("produced")
        if rng.random() < 0.03:
            return
        for year in YEARS:
            if (exited is not None and exited // 12 < year) or (
                finished is not None and finished // 12 < year
            ):
                continue
            spent = sum(amount for month, amount in project.spent.items() if month // 12 == year)
            if started is not None and started // 12 <= year:
                attained = min(max(rng.gauss(1.0, 0.12), 0.72), 1.35)
                planned = spent / (attained * (0.42 if project.is_slow else 1.0))
                since = max(project.seen, year * 12, started if not _is_due_in(project, year) else 0)
            elif _is_due_in(project, year):
                planned = project.investment * rng.uniform(0.04, 0.14)
                since = max(next(since for since, on, _ in project.dues if on.year >= year), year * 12)
            else:
                continue
            amount = max(round(planned, -2), 100)
            project.plans.append((year, since, round(amount)))
            july = year * 12 + 6
            if since < july and rng.random() < (0.3 if project.is_slow else 0.08):
                project.plans.append(
                    (year, july, max(round(amount * rng.choice((0.5, 0.6, 0.7, 0.8, 1.2))), 100))
                )


def _is_due_in(project: Project, year: int) -> bool:
    """Whether the first start date that the ledgers of a year show lies in that year."""
    if not project.dues:
        return False
    exited = project.facts.get("exited")
    if exited is not None and exited.known // 12 < year:
        return False
    begun = max(project.seen, year * 12)
    shown = [on for since, on, _ in project.dues if since <= begun][-1:]
    later = [on for since, on, _ in project.dues if begun < since < year * 12 + 12]
    first = shown or later[:1]
    return bool(first) and first[0].year == year
