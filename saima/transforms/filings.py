"""The filing calendar: when a period is due, who filed in time, who is to be reminded and who is replaced."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

from saima.ledgers import PROJECTS, Ledger
from saima.wording import LIGHTS, MISSING, OFFICE_TIME, day_text, instant_text, period_text

Filing = Mapping[str, Any]
"""What is known of a filing, as in `store.Revision.filings`."""

_NAMED = 3
"""How many filings are named in a sentence."""

_LIGHT_OF = {"on_time": "green", "late": "yellow", "overdue": "red", "pending": "grey"}


def due_on(period: str, day: int, month: str = "next") -> date:
    """The last day on which a period is filed in time.

    `day` of the month after the period, or of the period's own (`month` "this"); the last day of a month
    that is shorter.
    """
    months = int(period[:4]) * 12 + int(period[5:]) - (month == "this")
    year, place = divmod(months, 12)
    return date(year, place + 1, min(day, monthrange(year, place + 1)[1]))


def fileable_periods(first: str | None, now: datetime) -> list[str]:
    """The months that may be filed, the newest first: up to the office's present month.

    They reach back over the year before the first one that was filed (None: before the present one).
    """
    local = now.astimezone(OFFICE_TIME)
    year = int(first[:4]) if first else local.year
    start, end = (year - 1) * 12, local.year * 12 + local.month - 1
    return [f"{month // 12}-{month % 12 + 1:02}" for month in range(end, start - 1, -1)]


def filing_areas(ledger: Ledger, areas: pl.DataFrame, status: pl.DataFrame) -> pl.DataFrame:
    """Who is in the calendar of a ledger: the city's areas, in the office's order.

    Nobody owes a ledger beside the projects that it never filed: ranked are those that did, among them the
    city itself where the ledger is about it. `status` is the frame of `store.filing_status`.
    """
    if ledger is PROJECTS:
        return areas
    city = areas.select(
        area_id=pl.col("city").first(), name=pl.lit("全市"), rolls_up_to=pl.col("city").first()
    )
    known = status["area_id"].to_list()
    return pl.concat([city, areas.filter(pl.col("kind") != "未分区")], how="diagonal").with_columns(
        is_ranked=pl.col("area_id").is_in(known)
    )


def first_of_areas(
    ledger: Ledger, areas: Iterable[str], first_filed: Mapping[str, datetime], filings: Iterable[Filing]
) -> dict[str, datetime]:
    """When each area first filed a period, where `first_filed` tells of those that have rows.

    Of a ledger whose things end the whole city's filing speaks for every area: who is not in it has none.
    """
    whole = [_captured_at(filing) for filing in filings if filing["area_id"] is None]
    if ledger.goes_on or not whole:
        return dict(first_filed)
    return {area: min([*whole, first_filed.get(area, whole[0])]) for area in areas}


def filing_calendar(
    areas: pl.DataFrame,
    status: pl.DataFrame,
    first_filed: Mapping[str, datetime],
    due: date,
    now: datetime,
) -> pl.DataFrame:
    """How each area stands against the due day, in the office's order.

    `status` is the frame of `store.filing_status`, `first_filed` the instant of each area's first filing of
    the period: what is put right later was filed in time no less. Expected are the ranked areas and the
    zones that ever filed.

    Returns area_id, name, is_expected, is_zone (expected beside the ranked areas), state (on_time, late,
    overdue, pending before the end of the due day; null for who need not file), filed_at (UTC) and days
    (late or overdue; null otherwise).
    """
    known = status["area_id"].to_list()
    is_zone = (pl.col("rolls_up_to") != pl.col("area_id")) & pl.col("area_id").is_in(known)
    filed_at = pl.col("area_id").replace_strict(
        dict(first_filed), default=None, return_dtype=pl.Datetime("us", "UTC")
    )
    filed_on = pl.col("filed_at").dt.convert_time_zone(str(OFFICE_TIME)).dt.date()
    today = now.astimezone(OFFICE_TIME).date()
    return (
        areas.with_columns(
            is_expected=pl.col("is_ranked") | is_zone,
            is_zone=~pl.col("is_ranked") & is_zone,
            filed_at=filed_at,
        )
        .filter(pl.col("is_expected") | pl.col("area_id").is_in(known))
        .with_columns(
            state=pl.when(filed_on <= due)
            .then(pl.lit("on_time"))
            .when(filed_on > due)
            .then(pl.lit("late"))
            .when(~pl.col("is_expected"))
            .then(None)
            .when(today > due)
            .then(pl.lit("overdue"))
            .otherwise(pl.lit("pending")),
            passed=(filed_on.fill_null(today) - due).dt.total_days(),
        )
        .select(
            "area_id",
            "name",
            "is_expected",
            "is_zone",
            "state",
            "filed_at",
            pl.when(pl.col("state").is_in(["late", "overdue"])).then("passed").alias("days"),
        )
    )


def filing_sentence(status: pl.DataFrame, areas: pl.DataFrame, period: str) -> str:
    """`2024年9月，13个地区已报12个；康平县未报，沿用2024-08。`"""
    ranked = areas.filter("is_ranked").join(status, on="area_id", how="left", maintain_order="left")
    late = ranked.filter(pl.col("filed_period").fill_null("") != period)
    sentence = f"{period_text(period)}，{ranked.height}个地区已报{ranked.height - late.height}个"
    words = [
        f"{row['name']}未报" + (f"，沿用{row['filed_period']}" if row["is_carried"] else "")
        for row in late.iter_rows(named=True)
    ]
    return sentence + (f"；{'；'.join(words)}" if words else "") + "。"


def due_sentence(calendar: pl.DataFrame, due: date, now: datetime) -> str:
    """`应于2024年10月25日前报送：应报14个，按时12个，逾期未报2个。`, or how long there is still time."""
    expected = calendar.filter("is_expected")
    counts = dict(expected["state"].value_counts().iter_rows())
    zones = int(expected["is_zone"].sum())
    whole = f"应报{expected.height}个" + (f"（含功能区{zones}个）" if zones else "")
    words = {"on_time": "按时", "late": "迟报", "overdue": "逾期未报", "pending": "尚未报送"}
    parts = [f"{word}{counts[state]}个" for state, word in words.items() if counts.get(state)]
    left = (due - now.astimezone(OFFICE_TIME).date()).days
    still = "" if left < 0 or "pending" not in counts else "，今天截止" if not left else f"，还有{left}天"
    return f"应于{day_text(due, has_year=True)}前报送{still}：{'，'.join([whole, *parts])}。"


def calendar_words(calendar: pl.DataFrame, status: pl.DataFrame, period: str) -> pl.DataFrame:
    """The calendar under Chinese terms: 责任地区, 报送, 首次报送, 所用数据."""
    rows = calendar.join(status, on="area_id", how="left", maintain_order="left").to_dicts()
    return pl.DataFrame(
        {
            "责任地区": [row["name"] for row in rows],
            "报送": [_state_words(row) for row in rows],
            "首次报送": [
                MISSING if row["filed_at"] is None else instant_text(row["filed_at"]) for row in rows
            ],
            "所用数据": [_source_words(row, period) for row in rows],
        },
        schema=dict.fromkeys(("责任地区", "报送", "首次报送", "所用数据"), pl.String),
    )


def filing_words(
    status: pl.DataFrame, areas: pl.DataFrame, filings: Sequence[Filing], period: str
) -> pl.DataFrame:
    """Whose filing each area's rows come from, under Chinese terms, areas in the office's order."""
    known = {filing["filing_id"]: filing for filing in filings}
    rows = areas.join(status, on="area_id", how="inner", maintain_order="left").to_dicts()
    described = [known.get(row["filing_id"], {}) for row in rows]
    return pl.DataFrame(
        {
            "责任地区": [row["name"] for row in rows],
            "所用数据": [_source_words(row, period) for row in rows],
            "入库时间": [
                MISSING if row["captured_at"] is None else instant_text(row["captured_at"], has_year=True)
                for row in rows
            ],
            "报送人": [row["who"] or MISSING for row in rows],
            "文件": [row["source"] or MISSING for row in rows],
            "收下行数": [filing.get("rows_taken") for filing in described],
            "拒收行数": [filing.get("rows_refused") for filing in described],
            "提示": [len(filing["warnings"]) if filing else None for filing in described],
        },
        schema_overrides={"收下行数": pl.Int64, "拒收行数": pl.Int64, "提示": pl.Int64},
    )


def replaced_sentence(filings: Sequence[Filing], names: Mapping[str, str], own: str = "") -> str:
    """`入库后代替这一期已有的报送：全市（张三，10月8日 09:30）。`; empty where nothing is replaced.

    `own` is the area that is filed for: of a whole city's filing only its part is replaced.
    """
    described = [
        f"{names.get(filing['area_id'] or '', f'全市台账中{own}的部分' if own else '全市')}"
        f"（{'，'.join(filter(None, [filing['who'], instant_text(_captured_at(filing))]))}）"
        for filing in filings
    ]
    more = f"等{len(described)}份" if len(described) > _NAMED else ""
    return f"入库后代替这一期已有的报送：{'、'.join(described[:_NAMED])}{more}。" if described else ""


def reminders(calendar: pl.DataFrame, status: pl.DataFrame) -> pl.DataFrame:
    """催报: who is to be reminded, the longest overdue first: 责任地区, 逾期天数, 现用数据."""
    overdue = calendar.filter(pl.col("state") == "overdue").join(
        status, on="area_id", how="left", maintain_order="left"
    )
    rows = overdue.sort("days", descending=True, maintain_order=True).to_dicts()
    return pl.DataFrame(
        {
            "责任地区": [row["name"] for row in rows],
            "逾期天数": [row["days"] for row in rows],
            "现用数据": [_source_words(row, "") for row in rows],
        },
        schema={"责任地区": pl.String, "逾期天数": pl.Int64, "现用数据": pl.String},
    )


def reminder_text(reminded: pl.DataFrame, period: str, due: date, now: datetime, ledger_term: str) -> str:
    """The reminder as a text to send, from the frame of `reminders`."""
    today = now.astimezone(OFFICE_TIME).date()
    lines = [f"{row['责任地区']}：逾期{row['逾期天数']}天" for row in reminded.iter_rows(named=True)]
    return "\n".join(
        [
            f"{period_text(period)}{ledger_term}应于{day_text(due, has_year=True)}前报送，"
            f"截至{day_text(today, has_year=True)}，以下{len(lines)}个地区尚未报送，请尽快报送：",
            *lines,
        ]
    )


def _captured_at(filing: Filing) -> datetime:
    return datetime.fromisoformat(filing["captured_at"])


def _state_words(row: Mapping[str, Any]) -> str:
    """Shape and word, never a colour alone."""
    if row["state"] is None:
        return MISSING
    shape = LIGHTS[_LIGHT_OF[row["state"]]][0]
    words = {
        "on_time": "按时",
        "late": f"迟报{row['days']}天",
        "overdue": f"未报，逾期{row['days']}天",
        "pending": "未报，未到期",
    }
    return f"{shape} {words[row['state']]}"


def _source_words(row: Mapping[str, Any], period: str) -> str:
    if row["filed_period"] is None:
        return "无"
    return "本期" if row["filed_period"] == period else f"沿用{period_text(row['filed_period'])}"
