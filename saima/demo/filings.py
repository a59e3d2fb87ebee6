"""What the areas of an invented city filed: each month's ledger as it was known then."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce

import polars as pl

from saima.demo.activities import Activities
from saima.demo.economy import REMARKS as ECONOMY_REMARKS
from saima.demo.economy import Economy
from saima.demo.followup import Followup
from saima.demo.funds import REMARKS, Funds
from saima.demo.history import END, SEASON, YEARS, Living, Project, first_day, last_day, parted
from saima.demo.indicators import Indicators
from saima.demo.permits import Permits
from saima.demo.problems import Problems
from saima.demo.statistics import Statistics
from saima.ledgers import LEDGERS, PROJECTS, PROVING_DATES, STAGES, UNASSIGNED
from saima.reference import City, Reference
from saima.store import Filing

PERIODS = tuple(f"{year}-{month:02}" for year in YEARS for month in range(1, 13))
"""Reporting months that have demonstration ledgers."""

PLANNED = tuple(f"{year}-{month}" for year in YEARS for month in ("01", "07"))
"""Reporting months in which monthly plans are filed: for the year, and as revised."""

FILED = (
    *("projects", "plans", "funds", "problems", "activities", "permits", "statistics", "economy"),
    *("indicators", "decisions", "letters"),
)
"""Ledgers that have demonstration snapshots."""

EVENTS = tuple(
    column.name.removesuffix("_on")
    for column in PROJECTS.columns
    if column.name.endswith("_on") and column.kind == "date"
)
_NEVER_FILED = [f"{event}_{part}" for event in EVENTS for part in ("known", "precision", "wrong", "fixed")]
_DUE = {"start_due", "completion_due", "production_due"}
_PROVING = [column for columns in PROVING_DATES.values() for column in columns]
_MONEY = ("investment_total", "agreed_amount", "foreign_total_usd", "foreign_actual_usd", "credit_amount")
_TRAITS: dict[str, pl.DataType] = {
    **{
        name: pl.String()
        for name in (
            *(
                "name",
                "content",
                "location",
                "owner",
                "owner_kind",
                "asset_kind",
                "nature",
                "chain",
                "park_id",
            ),
            *(
                "lead_unit",
                "industry_code",
                "responsible_person",
                "leader",
                "leader_level",
                "team",
                "steward",
            ),
            *("plan_document", "enterprise_name", "enterprise_kind", "area_text"),
        )
    },
    **{name: pl.Int64() for name in (*_MONEY, "yearly_output", "parent")},
    **{name: pl.Float64() for name in ("longitude", "latitude", "land_area_mu", "source_order")},
    **{name: pl.Boolean() for name in ("is_first_listing", "is_parent", "is_dateless")},
    "tags": pl.List(pl.String()),
    "lists": pl.List(pl.String()),
}


@dataclass(frozen=True)
class Submission:
    """One commit to come: which areas file (none: one filing for the city), when, and knowing what.

    `hindsight` is the number of months after the period whose knowledge the rows have: a correction
    is the same month seen a month later.
    """

    ledger: str
    period: str
    areas: tuple[str, ...]
    captured_at: datetime
    hindsight: int
    note: str


_STATISTICAL = ("statistics", "economy")
_FOLLOWED = ("decisions", "letters")


def submissions(reference: Reference, city: str, periods: Sequence[str] = PERIODS) -> list[Submission]:
    """Every commit of a city in order: on the 8th of the next month, late areas and corrections after it."""
    areas = reference.areas_of(city)
    filing = areas.filter(pl.col("reports") | (pl.col("kind") == "未分区"))["area_id"].to_list()
    ranked = areas.filter("is_ranked")
    counties = ranked.filter(pl.col("kind").is_in(["县", "县级市"]))["area_id"].to_list()
    remote = (counties or ranked["area_id"].to_list())[0]
    others = [area for area in ranked["area_id"] if area != remote]
    planned = []
    for period in periods:
        year, month = int(period[:4]), int(period[5:])
        number = year * 12 + month - 1
        due = _office_time(number, 8, 16)
        absent: set[str] = set()
        late: set[str] = set()
        if period in {"2023-08", "2024-05"}:
            absent = {remote}
        elif month in {3, 10}:
            late = {remote, others[number % len(others)]}
        elif month == 9:
            late = {others[number % len(others)]}
        on_time = tuple(area for area in filing if area not in absent | late)
        planned.append(Submission("projects", period, on_time, due, 0, "月度报送"))
        if period in PLANNED:
            planned.append(
                Submission("plans", period, tuple(filing), due + timedelta(minutes=25), 0, "年度计划分解到月")
            )
        for minutes, ledger in ((35, "funds"), (45, "problems")):
            everyone = tuple(area for area in filing if area not in absent)
            planned.append(
                Submission(ledger, period, everyone, due + timedelta(minutes=minutes), 0, "月度报送")
            )
        at = due + timedelta(minutes=55)
        planned.append(Submission("activities", period, (city,), at, 0, "月度报送"))
        if city in reference.indicators["city"]:
            at += timedelta(minutes=5)
            planned.append(Submission("indicators", period, (city,), at, 0, "月度报送"))
        # Offices of the city file these at once; statistics have no figures of January.
        at_once = ["permits", *(_STATISTICAL if month > 1 else ()), *(_FOLLOWED if year == 2024 else ())]
        planned += [
            Submission(ledger, period, (), due + timedelta(minutes=65 + 5 * place), 0, "月度报送")
            for place, ledger in enumerate(at_once)
        ]
        if late:
            planned.append(
                Submission(
                    "projects", period, tuple(sorted(late)), _office_time(number, 13, 10), 0, "逾期补报"
                )
            )
        if month in {2, 5, 6, 9, 11, 12}:
            corrected = tuple(
                sorted({others[(number * 5) % len(others)], others[(number * 3 + 1) % len(others)]})
            )
            planned.append(
                Submission("projects", period, corrected, _office_time(number + 1, 12, 11), 1, "核对后更正")
            )
    return planned


def _office_time(month: int, day: int, hour: int) -> datetime:
    """That hour and twenty minutes in Asia/Shanghai on a day of the month after `month`, as UTC."""
    return datetime.combine(first_day(month + 1).replace(day=day), time(hour, 20), tzinfo=UTC) - timedelta(
        hours=8
    )


class Archive:
    """A city's history in frames, from which any month's ledger is cut."""

    def __init__(self, living: Living) -> None:
        self.city: City = living.reference.city(living.city)
        self.area_names = dict(living.reference.areas_of(living.city).select("area_id", "name").iter_rows())
        self.region_codes = {
            area: row["gb2260"] or row["drawn_in"] or living.city
            for area, row in {
                row["area_id"]: row for row in living.reference.areas_of(living.city).iter_rows(named=True)
            }.items()
        }
        self.lists = dict(
            living.reference.lists.filter(pl.col("city") == living.city).select("name", "list").iter_rows()
        )
        projects = living.projects
        self.projects = self._projects(projects, living)
        self.spending = self._spending(projects, living)
        self.dues = pl.DataFrame(
            [(project.number, *due) for project in projects for due in project.dues],
            schema={
                "number": pl.Int64,
                "since": pl.Int64,
                "start_due_on": pl.Date,
                "start_due_on_precision": pl.String,
            },
            orient="row",
        )
        self.plans = pl.DataFrame(
            [(project.number, *plan) for project in projects for plan in project.plans],
            schema={"number": pl.Int64, "year": pl.Int64, "since": pl.Int64, "plan_year": pl.Int64},
            orient="row",
        )
        self.activities = Activities(living)
        self.indicators = Indicators(living)
        self.followup = Followup(living)
        self.actions = living.reference.actions.filter(pl.col("city") == living.city)["action_id"].to_list()
        funds = Funds(living)
        self.projects = self.projects.join(funds.central(), on="number", how="left", maintain_order="left")
        self.economy, self.statistics = Economy(living), Statistics(living)
        self.beside: dict[str, Funds | Problems | Permits] = {
            "funds": funds,
            "problems": Problems(living),
            "permits": Permits(living),
        }
        self._last: tuple[tuple[str, int], pl.DataFrame] | None = None

    def _projects(self, projects: Sequence[Project], living: Living) -> pl.DataFrame:
        columns: dict[str, object] = {
            "number": [project.number for project in projects],
            "area_id": [project.area for project in projects],
            "category": [project.category for project in projects],
            "seen": [project.seen for project in projects],
            "lot": [living.rng.random() for _ in projects],
            "lot2": [living.rng.random() for _ in projects],
        }
        schema: dict[str, pl.DataType] = {
            "number": pl.Int64(),
            "area_id": pl.String(),
            "category": pl.String(),
            "seen": pl.Int64(),
            "lot": pl.Float64(),
            "lot2": pl.Float64(),
        }
        for trait, dtype in _TRAITS.items():
            columns[trait] = [project.traits.get(trait) for project in projects]
            schema[trait] = dtype
        for event in EVENTS:
            facts = [project.facts.get(event) for project in projects]
            columns |= {
                event: [fact and fact.on for fact in facts],
                f"{event}_known": [fact and fact.known for fact in facts],
                f"{event}_precision": [fact and fact.precision for fact in facts],
                f"{event}_wrong": [fact and fact.wrong for fact in facts],
                f"{event}_fixed": [fact and fact.fixed for fact in facts],
            }
            schema |= {
                event: pl.Date(),
                f"{event}_known": pl.Int64(),
                f"{event}_precision": pl.String(),
                f"{event}_wrong": pl.Date(),
                f"{event}_fixed": pl.Int64(),
            }
        return pl.DataFrame(columns, schema=schema).sort("area_id", "source_order", "number")

    def _spending(self, projects: Sequence[Project], living: Living) -> pl.DataFrame:
        """Month by month from the start: spent in the month, the year and altogether, and overstated."""
        rows = []
        first = YEARS[0] * 12
        for project in projects:
            if not project.spent:
                continue
            total = year_total = 0
            for month in range(min(project.spent), END + 2):
                spent = project.spent.get(month, 0)
                year_total = spent if month % 12 == 0 else year_total + spent
                total += spent
                if month >= first:
                    lot = living.rng.random()
                    overstated = spent * 2 if lot < 0.006 else 0
                    rows.append((project.number, month, spent, year_total, total, overstated, lot > 0.988))
        names = ("number", "month", "invested_month", "invested_year", "invested_total", "overstated")
        return pl.DataFrame(
            rows, schema={**dict.fromkeys(names, pl.Int64), "is_silent": pl.Boolean}, orient="row"
        )

    def ledger(self, period: str, hindsight: int = 0) -> pl.DataFrame:
        """Rows of the projects ledger of a period, as known `hindsight` months later.

        Columns of the ledger but filing_id; source_row counts the rows of each area. The last answer is kept:
        every ledger of a month is made beside the same projects.
        """
        if self._last is None or self._last[0] != (period, hindsight):
            self._last = (period, hindsight), self._projects_ledger(self.projects, period, hindsight)
        return self._last[1]

    def correction(self, period: str, hindsight: int, areas: Sequence[str]) -> pl.DataFrame:
        """Rows of the projects ledger of a few areas, as `ledger` has them."""
        return self._projects_ledger(self.projects.filter(pl.col("area_id").is_in(areas)), period, hindsight)

    def _projects_ledger(self, projects: pl.DataFrame, period: str, hindsight: int) -> pl.DataFrame:
        year = int(period[:4])
        month = year * 12 + int(period[5:]) - 1
        knowing = month + hindsight
        end = last_day(month)
        dated = (
            projects.with_columns(
                column for event in EVENTS if event not in _DUE for column in self._known(event, knowing, end)
            )
            .drop(_NEVER_FILED)
            .filter(
                pl.col("seen") <= knowing,
                # An exit stays until the year ends, a completion until the next year does.
                (pl.col("exited_on").is_null() | (pl.col("exited_on").dt.year() >= year)),
                pl.coalesce("completed_on", "accepted_on", "produced_on").dt.year().fill_null(year)
                >= year - 1,
                pl.col("is_dateless").fill_null(False)
                | pl.any_horizontal(pl.col(column).is_not_null() for column in _PROVING),
            )
        )
        spending = self.spending.filter(pl.col("month") == month).drop("month")
        rows = (
            dated.join(spending, on="number", how="left", maintain_order="left")
            .join(_latest(self.dues, month), on="number", how="left", maintain_order="left")
            .join(
                _latest(self.plans.filter(pl.col("year") == year), month).drop("year"),
                on="number",
                how="left",
                maintain_order="left",
            )
            .pipe(self._with_money, month, hindsight)
            .pipe(self._with_stage, month)
            .pipe(self._with_words, year, end)
            .with_columns(
                pl.lit("项目台账").alias("source_sheet"),
                (pl.int_range(pl.len()).over("area_id") + 5).alias("source_row"),
            )
        )
        return rows.select(
            pl.col(column.name).cast(column.dtype)
            for column in PROJECTS.columns
            if column.name in rows.columns
        )

    def plan(self, period: str) -> pl.DataFrame:
        """Rows of the plans ledger filed in a period: twelve a project that has a yearly plan."""
        year = int(period[:4])
        due, started = pl.col("start_due_on").dt, pl.col("started_on").dt
        wanted = self.ledger(period).filter(pl.col("plan_year").is_not_null())
        wanted = wanted.with_columns(
            pl.when(started.year() < year)
            .then(1)
            .when(due.year() == year)
            .then(due.month())
            .otherwise(started.month().fill_null(1))
            .cast(pl.Int64)
            .alias("from_month")
        )
        shares = pl.DataFrame(
            [
                (first, f"{year}-{month:02}", share)
                for first in range(1, 13)
                for month, share in enumerate(
                    parted(1_000_000, [weight * (place >= first) for place, weight in enumerate(SEASON, 1)]),
                    1,
                )
            ],
            schema={"from_month": pl.Int64, "month": pl.String, "share": pl.Int64},
            orient="row",
        )
        # The last month takes what rounding leaves, so that twelve months are the year's plan.
        amount = pl.col("plan_year").cast(pl.Int64) * pl.col("share") // 1_000_000
        rows = (
            wanted.join(shares, on="from_month")
            .sort("area_id", "project_id", "month")
            .with_columns(amount.alias("planned_amount"))
            .with_columns(
                pl.when(pl.col("month").str.ends_with("-12"))
                .then(
                    pl.col("planned_amount")
                    + pl.col("plan_year").cast(pl.Int64)
                    - pl.col("planned_amount").sum().over("project_id")
                )
                .otherwise("planned_amount")
                .alias("planned_amount"),
                pl.lit("月度计划").alias("source_sheet"),
                (pl.int_range(pl.len()).over("area_id") + 5).alias("source_row"),
            )
        )
        return rows.select(
            pl.col(column.name).cast(column.dtype)
            for column in LEDGERS["plans"].columns
            if column.name in rows.columns
        )

    def ledger_beside(self, ledger: str, period: str) -> pl.DataFrame:
        """Rows of the funds, problems or permits of a period: only of projects that its own ledger shows.

        Columns of the ledger but filing_id; source_row counts the rows of each area.
        """
        told = LEDGERS[ledger]
        said = ("project_id", "project_code", "name", "owner", "area_id", "area_text")
        rows = (
            self.beside[ledger]
            .rows(period)
            .join(self.ledger(period).select(said), on="project_id")
            .sort(*dict.fromkeys(("area_id", *told.key)))
            .with_columns(
                pl.lit(told.term).alias("source_sheet"),
                (pl.int_range(pl.len()).over("area_id") + 5).alias("source_row"),
            )
        )
        return rows.select(
            pl.col(column.name).cast(column.dtype) for column in told.columns if column.name in rows.columns
        )

    def _action(self, number: pl.Expr) -> pl.Expr:
        """The special action that a project is under: two in five have one, and a fifth of actions none."""
        served = [action for place, action in enumerate(self.actions) if place % 5 != 3]
        if not served:
            return pl.lit(None, pl.String)
        lot = (number * 31 + number // 7) % len(served)
        chosen = lot.replace_strict(range(len(served)), served, return_dtype=pl.String)
        return pl.when(number * 13 % 5 < 2).then(chosen)

    def library(self, period: str) -> pl.DataFrame:
        """Rows of the statistics library of a period, but filing_id and source_row."""
        rows = self.statistics.rows(self.ledger(period)).sort("area_id", "entry_id")
        schema = LEDGERS["statistics"].schema
        return rows.select(pl.col(name).cast(schema[name]) for name in schema if name in rows.columns)

    def filings(self, submission: Submission) -> list[Filing]:
        """One filing an area of the submission; one for the whole city where it names none."""
        if submission.ledger == "plans":
            rows = self.plan(submission.period)
        elif submission.ledger == "activities":
            rows = self.activities.rows(submission.period)
        elif submission.ledger in {"decisions", "letters"}:
            rows = self.followup.rows(submission.ledger, submission.period)
        elif submission.ledger == "indicators":
            rows = self.indicators.rows(submission.period)
        elif submission.ledger == "economy":
            rows = self.economy.rows(submission.period)
        elif submission.ledger == "statistics":
            rows = self.library(submission.period)
        elif submission.ledger in self.beside:
            rows = self.ledger_beside(submission.ledger, submission.period)
        elif submission.hindsight:
            rows = self.correction(submission.period, submission.hindsight, submission.areas)
        else:
            rows = self.ledger(submission.period)
        # In the ledger's very columns: the store then takes the part of each area as it is.
        rows = rows.match_to_schema(LEDGERS[submission.ledger].schema, missing_columns="insert")
        if not submission.areas:
            return [self._filing(submission, None, rows.with_columns(source_row=pl.int_range(pl.len()) + 5))]
        by_area = {str(part["area_id"][0]): part for part in rows.partition_by("area_id")}
        empty = rows.clear()
        return [self._filing(submission, area, by_area.get(area, empty)) for area in submission.areas]

    def _filing(self, submission: Submission, area: str | None, rows: pl.DataFrame) -> Filing:
        place = "全市" if area is None or area.endswith(UNASSIGNED) else self.area_names.get(area, "全市")
        term = LEDGERS[submission.ledger].term
        remarks = {"funds": REMARKS, "economy": ECONOMY_REMARKS}.get(submission.ledger, {})
        remark = remarks.get(self.city.code, "")
        suffix = "" if submission.note in {"月度报送", "年度计划分解到月"} else f"_{submission.note}"
        source = f"示例_{self.city.short_name}_{place}_{term}_{submission.period}{suffix}.xlsx"
        return Filing(
            area_id=area,
            rows=rows,
            source=source,
            source_sha256=hashlib.sha256(source.encode()).hexdigest(),
            sheet=term,
            mapping={},
            rows_read=rows.height,
            rows_taken=rows.height,
            rows_refused=0,
            warnings=[],
            who=f"{place}项目办（示例）",
            note=f"示例数据：{submission.note}{remark and f'；{remark}'}",
            is_demonstration=True,
        )

    def _known(self, event: str, knowing: int, end: date) -> list[pl.Expr]:
        """The date and its precision as filed by then: null before, perhaps wrong until put right."""
        is_wrong = pl.col(f"{event}_wrong").is_not_null() & (pl.col(f"{event}_fixed") > knowing)
        is_known = (
            (pl.col(f"{event}_known") <= knowing)
            & (pl.col(event) <= end)
            & ~pl.col("is_dateless").fill_null(False)
        )
        filed = pl.when(is_wrong).then(f"{event}_wrong").otherwise(event)
        return [
            pl.when(is_known).then(filed).alias(f"{event}_on"),
            pl.when(is_known).then(f"{event}_precision").alias(f"{event}_on_precision"),
        ]

    def _with_money(self, rows: pl.DataFrame, month: int, hindsight: int) -> pl.DataFrame:
        """Money as filed: an overstated month is put right later, some months are not filled in."""
        is_first_sight = hindsight == 0
        extra = pl.col("overstated").fill_null(0) if is_first_sight else pl.lit(0)
        planned_only = pl.col("plan_year").is_not_null() & pl.col("invested_year").is_null()
        is_silent = pl.col("is_silent").fill_null(False) if is_first_sight else pl.lit(False)
        entered = pl.col("entered_statistics_on").is_not_null()
        produced = pl.col("produced_on")
        start = first_day(month // 12 * 12)
        months = (month % 12 + 1) - pl.when(produced >= start).then(produced.dt.month()).otherwise(0)
        output = pl.col("yearly_output") * months // 12
        return rows.with_columns(
            [
                pl.when(~is_silent)
                .then(pl.when(planned_only).then(0).otherwise(pl.col(name) + extra))
                .alias(name)
                for name in ("invested_month", "invested_year")
            ]
            + [
                pl.when(~is_silent).then(pl.col("invested_total") + extra).alias("invested_total"),
                pl.when(entered & (month % 12 > 0))
                .then((pl.col("invested_year") * (80 + pl.col("lot") * 15).cast(pl.Int64)) // 100)
                .alias("invested_statistics_year"),
                pl.when(pl.col("lot2") < 0.9)
                .then(
                    pl.when(pl.coalesce("land_awarded_on", "landed_on") >= start)
                    .then((pl.col("investment_total") * (pl.col("lot") * 10 + 4).cast(pl.Int64)) // 100)
                    .when(pl.col("invested_year").is_not_null())
                    .then(0)
                )
                .alias("land_cost_year"),
                pl.when(produced.is_not_null()).then(output).alias("output_year"),
                pl.when(produced.is_not_null()).then(output * 4 // 100).alias("tax_year"),
                pl.when(produced >= start)
                .then(output)
                .when(produced.dt.year() == month // 12 - 1)
                .then(output // 3)
                .alias("new_output_value"),
            ]
        )

    def _with_stage(self, rows: pl.DataFrame, month: int) -> pl.DataFrame:
        """Stage as filed: that of the dates, a few one behind; the only word of those without dates."""
        true_dates = reduce(
            lambda stage, name: (
                pl.when(pl.col(name).is_not_null() & (pl.col(name) <= last_day(month)))
                .then(pl.lit(name))
                .otherwise(stage)
            ),
            STAGES,
            pl.lit(None, pl.String),
        )
        by_dates = reduce(
            lambda stage, name: (
                pl.when(pl.any_horizontal(pl.col(column).is_not_null() for column in PROVING_DATES[name]))
                .then(pl.lit(name))
                .otherwise(stage)
            ),
            STAGES,
            pl.lit(None, pl.String),
        )
        stage = (
            pl.when(pl.col("exited_on").is_not_null())
            .then(pl.lit("exited"))
            .when(pl.col("is_dateless").fill_null(False))
            .then(true_dates)
            .otherwise(by_dates)
        )
        behind = {"signed": "planned", "landed": "signed", "started": "approved", "produced": "completed"}
        terms = dict(self.city.stage_terms)
        return (
            rows.with_columns(stage.alias("stage_filed"))
            .with_columns(
                pl.when((pl.col("lot") < 0.012) & pl.col("stage_filed").is_in(list(behind)))
                .then(pl.col("stage_filed").replace(behind))
                .otherwise("stage_filed")
                .alias("stage_filed")
            )
            .with_columns(pl.col("stage_filed").replace_strict(terms, default=None).alias("stage_reported"))
        )

    def _with_words(self, rows: pl.DataFrame, year: int, end: date) -> pl.DataFrame:
        """Identity, code, raw words, progress, maturity and the dates that are only planned."""
        stage = pl.col("stage_filed")
        share = pl.col("invested_total") / pl.col("investment_total")
        is_public = pl.col("category").is_in(["基础设施", "民生保障"])
        region = pl.col("area_id").replace_strict(self.region_codes, default=self.city.code)
        number = pl.col("number")
        approved = pl.coalesce("approved_on", "started_on")
        code = pl.format(
            "{}-{}-04-{}-{}{}",
            approved.dt.strftime("%y%m"),
            region,
            pl.when(pl.col("nature") == "改建和技术改造").then(pl.lit("02")).otherwise(pl.lit("01")),
            (number * 7919 % 90_000 + 10_000),
            number % 10,
        )
        waiting = [
            ("planned", "开展前期研究"),
            ("signed", "对接落地条件"),
            ("landed", "办理前期手续"),
            ("approved", "施工图设计及招标"),
            ("completed", "完工并组织验收"),
            ("produced", "设备调试、投入生产"),
            ("ramped", "达产达效"),
            ("exited", "终止推进"),
        ]
        building = stage == "started"
        is_idle = pl.col("suspended_on").is_not_null() & pl.col("resumed_on").is_null()
        steps = [(building & is_idle, pl.lit("停工"))]
        for limit, plant, works in (
            (0.08, "场地平整、围挡施工", "征拆及管线迁改"),
            (0.25, "桩基施工", "基础施工"),
            (0.5, "主体结构施工", "主体工程施工"),
            (0.75, "主体封顶，二次结构施工", "主体完成过半，附属工程施工"),
            (9.0, "设备安装及室外配套", "收尾施工"),
        ):
            word = pl.when(is_public).then(pl.lit(works)).otherwise(pl.lit(plant))
            steps.append((building & (share.fill_null(0.0) < limit), word))
        steps += [(stage == name, pl.lit(doing)) for name, doing in waiting]
        progress = pl.coalesce(pl.when(is_so).then(word) for is_so, word in steps)
        ready = {
            "is_land_ready": (0.35, 0.75),
            "is_quota_ready": (0.45, 0.8),
            "is_utility_ready": (0.3, 0.7),
            "is_investor_ready": (0.6, 0.95),
        }
        matured = stage.is_in(["landed", "approved"])
        done = stage.is_in(["started", "completed", "produced", "ramped"])
        flags = [
            pl.when(done)
            .then(True)
            .when(stage.is_in(["planned", "signed", "landed", "approved"]))
            .then(((pl.col("lot") * (place + 3.7)) % 1) < pl.when(matured).then(late).otherwise(early))
            .alias(name)
            for place, (name, (early, late)) in enumerate(ready.items())
        ]
        finish_months = (18 + pl.col("lot2") * 24).cast(pl.Int64)
        due_from = pl.coalesce("started_on", "start_due_on")
        due = pl.col("due")
        nothing = pl.lit([], pl.List(pl.String))
        followed = [
            pl.when(chosen).then(pl.lit([listed])).otherwise(nothing)
            for part, chosen in (
                ("拟落地", stage == "signed"),
                ("谋划一批", stage == "planned"),
                ("签约一批", pl.col("signed_on").dt.year() == year),
                ("开工一批", pl.col("started_on").dt.year() == year),
                ("投产一批", pl.coalesce("completed_on", "produced_on").dt.year() == year),
                (
                    "中央资金",
                    (pl.col("central_since") <= end.year * 12 + end.month - 1) & (pl.col("lot2") < 0.95),
                ),
                (f"{year + 1}年拟开工", (pl.col("start_due_on").dt.year() == year + 1) & ~done),
            )
            for name, listed in self.lists.items()
            if part in name
        ]
        # Dalian draws its lists up anew each January; some of what is finished stays on them.
        is_over = pl.coalesce("completed_on", "produced_on") < date(year, 1, 1)
        is_dropped = is_over.fill_null(False) & (pl.col("lot2") < 0.96) & (self.city.code == "210200")
        is_parent = pl.col("is_parent").fill_null(False)
        return rows.with_columns(
            pl.format("{}-D{}", pl.lit(self.city.code), number.cast(pl.String).str.zfill(5)).alias(
                "project_id"
            ),
            due_from.dt.offset_by(pl.format("{}mo", finish_months)).dt.month_end().alias("due"),
        ).with_columns(
            pl.format("{}-D{}", pl.lit(self.city.code), pl.col("parent").cast(pl.String).str.zfill(5)).alias(
                "parent_id"
            ),
            pl.when(approved.is_not_null() & (pl.col("lot2") < 0.93)).then(code).alias("project_code"),
            pl.when(pl.col("area_id").str.ends_with(UNASSIGNED))
            .then("area_text")
            .otherwise(pl.col("area_id").replace_strict(self.area_names, default=None))
            .alias("area_text"),
            pl.col("category").alias("category_text"),
            pl.col("chain").alias("chain_text"),
            pl.when(~is_dropped)
            .then(pl.concat_list("lists", *followed).list.unique(maintain_order=True))
            .otherwise([])
            .alias("lists"),
            progress.alias("progress_text"),
            self._action(number).alias("action_id"),
            *flags,
            pl.when(~is_parent & ~stage.is_in(["planned", "exited"])).then(due).alias("completion_due_on"),
            pl.when(~is_parent & ~stage.is_in(["planned", "exited"]) & due.is_not_null())
            .then(pl.lit("month"))
            .alias("completion_due_on_precision"),
            pl.when(~is_public & ~stage.is_in(["planned", "exited"]))
            .then(due.dt.offset_by("3mo").dt.month_end())
            .alias("production_due_on"),
            pl.when(~is_public & ~stage.is_in(["planned", "exited"]) & due.is_not_null())
            .then(pl.lit("month"))
            .alias("production_due_on_precision"),
        )


def _latest(rows: pl.DataFrame, month: int) -> pl.DataFrame:
    """Of each project's rows the last one that was so by that month."""
    return rows.filter(pl.col("since") <= month).group_by("number", maintain_order=True).last().drop("since")
