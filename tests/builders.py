"""A small office for tests: three districts and a zone, project rows with defaults, real snapshots."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from saima import reference, store
from saima.ledgers import LEDGERS, PROJECTS
from saima.scope import Scope
from saima.store import Filing, Revision, StageDates

CITY = "999900"
EAST, WEST, SOUTH = "999901", "999902", "999903"
ZONE = "999900-Z01"
"""A zone inside the east district: its projects count there."""
UNASSIGNED = "999900-unassigned"
LATER = datetime(2030, 1, 1, tzinfo=UTC)

REFERENCE = {
    f"cities/{CITY}.toml": 'name = "样例市"\n',
    "areas.csv": (
        "area_id,city,name,short_name,aliases,kind,gb2260,counts_in,drawn_in,race_group,colour,lon,lat,reports\n"
        f"{EAST},{CITY},东区,东,,区,{EAST},,,,#112233,,,是\n"
        f"{WEST},{CITY},西区,西,,区,{WEST},,,,#223344,,,是\n"
        f"{SOUTH},{CITY},南区,南,,区,{SOUTH},,,,#334455,,,是\n"
        f"{ZONE},{CITY},东开发区,开发区,,功能区,,{EAST},{EAST},,#445566,123.1,41.1,是\n"
    ),
    "categories.csv": "category,aliases,order\n工业,,1\n服务业,,2\n农业,,3\n基础设施,,4\n",
    "chains.csv": (
        "city,chain,chain_group,aliases,order,colour,source\n"
        f"{CITY},航空,新兴,,1,#112233,本系统默认\n{CITY},新材料,传统,,2,#223344,本系统默认\n"
    ),
    "parks.csv": f"park_id,city,name,level,area_id,source\nP1,{CITY},东园,省级,{EAST},本系统默认\n",
    "lists.csv": f"list,city,name,order,source\nprovincial,{CITY},省重点,1,本系统默认\n",
    "targets.csv": (
        "target_id,city,area_id,year,document,clause,wording,metric,filters,comparator,value,unit,starts_on,"
        "due_on,pace,part_of,part_kind,tolerance,base_year,base_value,note\n"
        f"start,{CITY},,2024,文件,一,开工8个,started_projects,,>=,8,个,2024-01-01,2024-12-31,linear,,,,,,\n"
        f"sign,{CITY},,2024,文件,一,签约10个,signed_projects,,>=,10,个,2024-01-01,2024-12-31,linear,,,,,,\n"
        f"east,{CITY},{EAST},2024,文件,一,开工4个,started_projects,,>=,4,个,2024-01-01,2024-12-31,linear,,,,,,\n"
        f"west,{CITY},{WEST},2024,文件,一,开工3个,started_projects,,>=,3,个,2024-01-01,2024-12-31,linear,,,,,,\n"
        f"rate,{CITY},,2024,文件,一,开工率50%,start_rate_of_signed,,>=,50,%,2024-01-01,2024-12-31,none,,,,,,\n"
    ),
    f"races/{CITY}.toml": (
        'name = "赛马"\nlabel = "可改"\n\n'
        '[[tracks]]\nid = "start"\nname = "比开工"\nweight = 60\n\n'
        '[[tracks]]\nid = "money"\nname = "比投资"\nweight = 40\n\n'
        '[[items]]\nid = "started"\nname = "新开工"\ntrack = "start"\nmetric = "started_projects"\n\n'
        '[[items]]\nid = "invested"\nname = "投资完成率"\ntrack = "money"\n'
        'metric = "investment_completion_of_baseline"\n'
        'basis = "plan"\nmin_denominator = 1\n'
    ),
}
"""The office's files, with no more in them than the tests need."""


def project(project_id: str, **values: Any) -> dict[str, Any]:
    """A row of the project ledger: an industrial project of the east district unless said otherwise.

    Dates are written as text and are known to the day; amounts are numbers of 万元.
    """
    row: dict[str, Any] = {
        "project_id": project_id,
        "name": f"项目{project_id}",
        "area_id": EAST,
        "category": "工业",
    }
    for name, value in values.items():
        column = PROJECTS.column(name)
        row[name] = value
        if value is not None and column.kind == "date":
            row[name] = date.fromisoformat(value)
            if f"{name}_precision" in PROJECTS.schema:
                row.setdefault(f"{name}_precision", "day")
        elif value is not None and column.kind in {"money", "foreign"}:
            row[name] = Decimal(str(value))
    return row


def project_frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """Rows in every column of the ledger that they name."""
    named = [name for name in PROJECTS.schema if any(name in row for row in rows)] or [
        "project_id",
        "area_id",
    ]
    return pl.DataFrame(list(rows), schema={name: PROJECTS.schema[name] for name in named}, orient="row")


@dataclass(frozen=True)
class Office:
    """Folders of snapshots and reference files in use, with short doors to both."""

    folder: Path

    def file(
        self,
        period: str,
        *rows: dict[str, Any],
        area_id: str | None = None,
        at: datetime | None = None,
        stage_dates: StageDates = "filed",
        is_demonstration: bool = False,
    ) -> Revision:
        """Commit a filing of these rows, by one area or for the whole city, on the 8th of the next month."""
        frame = project_frame(*rows).with_columns(
            source_sheet=pl.lit("项目"), source_row=pl.int_range(2, len(rows) + 2, dtype=pl.Int64)
        )
        count = len(rows)
        filing = Filing(
            area_id,
            frame,
            "台账.xlsx",
            "ab" * 32,
            "项目",
            {},
            count,
            count,
            0,
            [],
            "张三",
            "",
            is_demonstration,
        )
        return store.commit(
            "projects", CITY, period, [filing], captured_at=at or captured(period), stage_dates=stage_dates
        )

    def file_beside(self, ledger: str, period: str, *rows: dict[str, Any]) -> Revision:
        """Commit rows of a ledger beside the projects, for the whole city; dates and amounts as in `project`.

        Every row is of the east district and of project p1 unless it says otherwise.
        """
        columns = LEDGERS[ledger].schema
        own = {"area_id": EAST, "project_id": "p1"}
        told = [{name: own[name] for name in own if name in columns} | row for row in rows]
        named = [name for name in columns if any(name in row for row in told)]
        values = [
            {
                name: date.fromisoformat(value)
                if value is not None and columns[name] == pl.Date()
                else Decimal(str(value))
                if value is not None and isinstance(columns[name], pl.Decimal)
                else value
                for name, value in row.items()
            }
            for row in told
        ]
        frame = pl.DataFrame(values, schema={name: columns[name] for name in named}, orient="row")
        frame = frame.with_columns(
            source_sheet=pl.lit(ledger), source_row=pl.int_range(2, len(told) + 2, dtype=pl.Int64)
        )
        count = len(told)
        filing = Filing(None, frame, f"{ledger}.xlsx", "ab" * 32, ledger, {}, count, count, 0, [], "张三", "")
        return store.commit(ledger, CITY, period, [filing], captured_at=captured(period))

    def scope(self, period: str, as_of: datetime = LATER, **filters: Any) -> Scope:
        """The question about a period, of everything the city has unless filters narrow it."""
        return Scope(reference.load(), CITY, period, as_of, **filters)

    def ask(self, query: str, *shown: str, **params: Any) -> pl.DataFrame:
        """A query over the periods shown; parameters that are not given mean all.

        `landing`, `unfiled` and the filters of the scope may be given like any other parameter.
        """
        unfiled = params.pop("unfiled", "carry")
        scope = self.scope(max(shown))
        whole = {
            name: False if kind == "boolean" else None for name, kind in store.query_parameters(query).items()
        }
        landing = params.pop("landing", "filed")
        years = {period[:4] for period in shown}
        return store.run_query(
            query,
            as_of=scope.as_of,
            city=CITY,
            periods=[p for p in scope.periods if p[:4] in years],
            unfiled=unfiled,
            **{**whole, "shown_periods": list(shown), "landing": landing, **params},
        )


def captured(period: str) -> datetime:
    """The 8th of the month after a period."""
    year, month = int(period[:4]), int(period[5:])
    return datetime(year + month // 12, month % 12 + 1, 8, tzinfo=UTC)


@contextmanager
def an_office(folder: Path) -> Iterator[Office]:
    """An office in that folder, in use while the context lasts."""
    for name, text in REFERENCE.items():
        path = folder / "office" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_SNAPSHOTS", str(folder / "snapshots"))
        patch.setenv("SAIMA_REFERENCE", str(folder / "office"))
        yield Office(folder)
