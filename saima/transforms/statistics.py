"""Entry into statistics: who waits for how long and for which paper, permits due and late, and how much of
the city's investment the ledger explains.

Source: 沈阳“四个一批”方案 二（三）18; 大政办发〔2023〕2号 应统尽统; domain.md 3.3. Amounts of the ledger and
of statistics stand side by side and are never added; in January there are no statistical figures (免报).
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.metrics import CATALOGUE, EXACT, Metric
from saima.metrics.facts import due_within, filed, lacking, occurred, past_due, stands
from saima.reference import StatisticsRules
from saima.wording import (
    MISSING,
    amount_text,
    count_text,
    hundred_millions_text,
    months_text,
    percent,
    percent_text,
    period_text,
)

PENDING = CATALOGUE["statistics_pending"]
FIXED = CATALOGUE["fixed_asset_investment"]

FACTS = (
    *PENDING.columns,
    *("project_id", "nature", "investment_total", "started_on", "started_on_precision", "end_on"),
    *("stage", "dated_entries", "invested_year", "invested_statistics_year"),
)
"""Columns of `project_facts` that the page is told from."""

PERMIT_FACTS = (
    *("row_key", "project_id", "name", "kind", "stage", "end_on"),
    *("due_on", "due_on_precision", "obtained_on"),
)
"""The same of `permit_facts`."""

ECONOMY_FACTS = ("is_of_city", "measure", "filed_period", "value", "unit", "amount", "growth", "source")
"""The same of `economy_facts`."""

TOLD = (
    *("statistics_pending", "statistics_waiting", "statistics_rate", "invested_year"),
    *("invested_statistics_year", "library_entries", "library_invested_year"),
    *("permits_lacking", "permits_overdue", "permits_in_time_rate"),
)
"""Metrics of the scope that the page tells."""

COMPARED = ("invested_year", "invested_statistics_year", "library_invested_year")
"""Amounts that stand side by side, area by area."""

SOURCES: Mapping[str, str] = MappingProxyType(
    {"invested_statistics_year": "项目台账所填入统投资", "library_invested_year": "统计在建库"}
)
"""Where the statistical amount beside the ledger's comes from."""

GROUPS: Mapping[str, str] = MappingProxyType({"kind": "手续名称", "area": "责任地区"})
"""By what permits due and late are counted."""

STATES: Mapping[str, str] = MappingProxyType(
    {"complete": "材料齐全", "lacking": "缺材料", "untold": "未登记"}
)
"""How a waiting project's papers stand together; `untold` where the ledger of permits has none of them."""

PAPER_STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "obtained": ("●", "已取得"),
        "lacking": ("■", "未取得"),
        "untold": ("○", "未登记"),
        "unneeded": ("", "不需要"),
    }
)
"""Shape and word of one paper."""

PAPER_TERMS: Mapping[str, str] = MappingProxyType(
    {state: word for state, (_, word) in PAPER_STATES.items() if state != "unneeded"}
)
"""The states of a paper that a figure counts."""

DUE_STATES: Mapping[str, str] = MappingProxyType({"late": "逾期", "near": "将到期"})
"""How a permit that is not there yet stands to its day."""

DATELESS = "dateless"
"""The band of projects whose start is not known to the day."""


def is_exempt_month(period: str) -> bool:
    """Whether statistics have no figures of that month: January (免报)."""
    return period.endswith("-01")


def band_terms(rules: StatisticsRules) -> dict[str, str]:
    """The bands of days since the start by their key, shortest first, then what has no day."""
    edges = [0, *rules.ages]
    terms = {
        str(place): f"{upper}天以内" if place == 0 else f"{edges[place] + 1}—{upper}天"
        for place, upper in enumerate(rules.ages)
    }
    return terms | {str(len(rules.ages)): f"超过{rules.ages[-1]}天", DATELESS: "时间不到日"}


def pending_projects(
    facts: pl.DataFrame, permits: pl.DataFrame | None, rules: StatisticsRules
) -> pl.DataFrame:
    """Projects that have begun and wait for entry, with the papers they have, those that wait longest first.

    `facts` has FACTS of one period, `permits` PERMIT_FACTS (None: nobody filed any). Returns project_id,
    area_id, investment_total, started_on, days (to the end of the period; null unless the start is known
    to the day), band (a key of `band_terms`), papers (one of STATES), and one column for each paper's name
    (one of PAPER_STATES). A paper of which the ledger has no row is untold, not missing.
    """
    is_exact = pl.col("started_on_precision").eq_missing("day")
    days = pl.when(is_exact).then((pl.col("end_on") - pl.col("started_on")).dt.total_days())
    band = pl.when(days.is_null()).then(pl.lit(DATELESS)).otherwise(pl.lit(str(len(rules.ages))))
    for place in reversed(range(len(rules.ages))):
        band = pl.when(days <= rules.ages[place]).then(pl.lit(str(place))).otherwise(band)
    told = facts.filter(PENDING.proving).with_columns(days=days, band=band)
    known = permits if permits is not None else pl.DataFrame(schema=_NO_PERMITS)
    names = [paper.name for paper in rules.papers]
    for paper in rules.papers:
        of_kind = known.filter(pl.col("kind") == paper.kind, pl.col("project_id").is_not_null())
        has = of_kind.group_by("project_id").agg(has=occurred("obtained").any())
        told = (
            told.join(has, on="project_id", how="left", maintain_order="left")
            .with_columns(
                pl.when(pl.col("nature").is_in(paper.except_natures).fill_null(value=False))
                .then(pl.lit("unneeded"))
                .when(pl.col("has"))
                .then(pl.lit("obtained"))
                .when(pl.col("has").is_not_null())
                .then(pl.lit("lacking"))
                .otherwise(pl.lit("untold"))
                .alias(paper.name)
            )
            .drop("has")
        )
    settled = pl.all_horizontal(pl.col(name).is_in(["obtained", "unneeded"]) for name in names)
    silent = pl.all_horizontal(pl.col(name).is_in(["untold", "unneeded"]) for name in names)
    papers = pl.when(settled).then(pl.lit("complete")).when(silent).then(pl.lit("untold"))
    return (
        told.with_columns(papers=papers.otherwise(pl.lit("lacking")))
        .sort("days", "investment_total", "project_id", descending=[True, True, False], nulls_last=True)
        .select("project_id", "area_id", "investment_total", "started_on", "days", "band", "papers", *names)
    )


_NO_PERMITS = {"project_id": pl.String, "kind": pl.String, "obtained_on": pl.Date, "end_on": pl.Date}


def entries_are_known(facts: pl.DataFrame) -> bool:
    """Whether the ledger ever says when a project entered statistics; else nobody knows who waits."""
    return bool((facts["dated_entries"] > 0).any())


def age_rows(pending: pl.DataFrame, rules: StatisticsRules) -> pl.DataFrame:
    """How many projects wait in each band: id, name, the counts of STATES; DATELESS only if used."""
    rows = [
        {"id": band, "name": term} | {state: _waiting(pending, band, state).height for state in STATES}
        for band, term in band_terms(rules).items()
        if band != DATELESS or band in pending["band"]
    ]
    return pl.DataFrame(rows)


def paper_rows(pending: pl.DataFrame, rules: StatisticsRules) -> pl.DataFrame:
    """How many of the waiting projects have each paper: id, name, obtained, lacking, untold."""
    rows = [
        {"id": paper.name, "name": paper.name}
        | {state: int((pending[paper.name] == state).sum()) for state in ("obtained", "lacking", "untold")}
        for paper in rules.papers
    ]
    return pl.DataFrame(rows)


def age_metrics(pending: pl.DataFrame, rules: StatisticsRules) -> dict[tuple[str, str], Metric]:
    """The projects of each bar of `age_rows` as a metric, by band and state."""
    return {
        (band, state): _part(_waiting(pending, band, state), term, word)
        for band, term in band_terms(rules).items()
        for state, word in STATES.items()
    }


def paper_metrics(pending: pl.DataFrame, rules: StatisticsRules) -> dict[tuple[str, str], Metric]:
    """The projects of each bar of `paper_rows` as a metric, by paper and state."""
    return {
        (paper.name, state): _part(pending.filter(pl.col(paper.name) == state), paper.name, word)
        for paper in rules.papers
        for state, (_, word) in PAPER_STATES.items()
    }


def _waiting(pending: pl.DataFrame, band: str, state: str) -> pl.DataFrame:
    return pending.filter(pl.col("band") == band, pl.col("papers") == state)


def _part(projects: pl.DataFrame, term: str, word: str) -> Metric:
    return Metric(
        id="statistics_pending_part",
        name=f"{PENDING.name}（{term}、{word}）",
        unit="个",
        kind="stock",
        definition=f"{PENDING.definition}；其中{term}、{word}的",
        source=PENDING.source,
        counted=pl.col("project_id").is_in(projects["project_id"].to_list()),
        is_less_better=True,
    )


def due_metrics(rules: StatisticsRules) -> dict[str, Metric]:
    """The permits of each of DUE_STATES; what is soon is the city's own rule."""
    near = Metric(
        id="permits_near",
        name="将到期手续",
        unit="个",
        kind="stock",
        definition=f"手续台账在列、报告期末尚未取得、计划办结时间在报告期末后{rules.near_days}天内（含当天）的手续，"
        "项目退库除外",
        source="本系统默认",
        counted=lacking() & due_within(rules.near_days),
        is_less_better=True,
        facts="permit_facts",
    )
    return {"late": CATALOGUE["permits_overdue"], "near": near}


def due_rows(
    permits: pl.DataFrame, names: Mapping[str, str], rules: StatisticsRules, by: str
) -> pl.DataFrame:
    """Permits late and near due by one of GROUPS, most late first: id, name, late, near, lacking."""
    counted = permits.filter(lacking()).group_by(pl.col("area_id" if by == "area" else by).alias("id"))
    return (
        counted.agg(late=past_due().sum(), near=due_within(rules.near_days).sum(), lacking=pl.len())
        .filter(pl.col("late") + pl.col("near") > 0)
        .with_columns(name=pl.col("id").replace(names))
        .sort("late", "near", "id", descending=[True, True, False])
        .head(_SHOWN)
    )


_SHOWN = 14
"""Rows in the figure; the table has all."""


def permit_words(permits: pl.DataFrame, names: Mapping[str, str], rules: StatisticsRules) -> pl.DataFrame:
    """Permits late and near due under Chinese terms, the latest first: 状态, 手续名称, 项目名称, 责任地区,
    计划办结时间, 天数 (past due, or left; missing where the day is not known)."""
    left = (pl.col("due_on") - pl.col("end_on")).dt.total_days()
    is_exact = pl.col("due_on_precision").eq_missing("day")
    said = (
        pl.when(~is_exact)
        .then(pl.lit(MISSING))
        .when(left < 0)
        .then(pl.format("逾期{}天", -left))
        .otherwise(pl.format("还有{}天", left))
    )
    state = pl.when(past_due()).then(pl.lit("■ 逾期")).otherwise(pl.lit("▲ 将到期"))
    return (
        permits.filter(lacking() & (past_due() | due_within(rules.near_days)))
        .sort("due_on", "row_key")
        .select(
            状态=state,
            手续名称="kind",
            项目名称="name",
            责任地区=pl.col("area_id").replace(names),
            计划办结时间=pl.col("due_on").cast(pl.String),
            天数=said,
        )
    )


def checklist_words(
    pending: pl.DataFrame, rows: pl.DataFrame, names: Mapping[str, str], rules: StatisticsRules
) -> pl.DataFrame:
    """The waiting projects and their papers under Chinese terms, in the order of `pending`.

    Columns: 项目名称, 责任地区, 项目单位, 责任人, 总投资（亿元）, 开工, 天数, each paper, 还缺或未登记.
    """
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    told = [(row, known.get(row["project_id"], {})) for row in pending.iter_rows(named=True)]
    words: dict[str, Sequence[str | None]] = {
        "项目名称": [project.get("name") for _, project in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row, _ in told],
        "项目单位": [project.get("owner") for _, project in told],
        "责任人": [project.get("responsible_person") for _, project in told],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for row, _ in told],
        "开工": [_start_words(row) for row, _ in told],
        "天数": [count_text(row["days"]) for row, _ in told],
        **{
            paper.name: [" ".join(PAPER_STATES[row[paper.name]]).strip() for row, _ in told]
            for paper in rules.papers
        },
        "还缺或未登记": [_wanting(row, rules) for row, _ in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def _start_words(row: Mapping[str, Any]) -> str:
    if row["started_on"] is None:
        return MISSING
    return str(row["started_on"]) if row["days"] is not None else f"{row['started_on']:%Y-%m}（不到日）"


def _wanting(row: Mapping[str, Any], rules: StatisticsRules) -> str:
    if row["papers"] == "untold":
        return "手续台账未登记"
    return "、".join(paper.name for paper in rules.papers if row[paper.name] in {"lacking", "untold"})


def statistics_sentence(
    numbers: Mapping[str, Mapping[str, Any]],
    pending: pl.DataFrame,
    rules: StatisticsRules,
    period: str,
    subject: str,
    *,
    is_known: bool,
) -> str:
    """`截至2024年9月末，全市开工未入统380个，其中超过90天150个；材料齐全、可以报统57个；入统率83.3%。`"""
    at = f"截至{period_text(period)}末，{subject}"
    if not is_known:
        return f"{at}项目台账没有填报入统时间，开工未入统的项目无法判断。"
    longest = str(len(rules.ages))
    late = pending.filter(pl.col("band") == longest).height
    complete = pending.filter(pl.col("papers") == "complete").height
    rate = numbers["statistics_rate"]
    share = percent(rate["numerator"], rate["denominator"])
    return (
        f"{at}开工未入统项目{count_text(pending.height)}个，其中{band_terms(rules)[longest]}{count_text(late)}个；"
        f"材料齐全、可以报统的{count_text(complete)}个；"
        f"在建项目入统率{percent_text(share)}（{_of(rate)}）。"
    )


def _of(rate: Mapping[str, Any]) -> str:
    if rate["numerator"] is None or rate["denominator"] is None:
        return MISSING
    return f"{count_text(int(rate['numerator']))}/{count_text(int(rate['denominator']))}个"


def permits_sentence(
    numbers: Mapping[str, Mapping[str, Any]], permits: pl.DataFrame, rules: StatisticsRules
) -> str:
    """`手续台账在列未取得2,310项，其中逾期820项，30天内到期130项；按期办结率71.2%（3,010/4,230个）。`"""
    near = permits.filter(lacking() & due_within(rules.near_days)).height
    rate = numbers["permits_in_time_rate"]
    return (
        f"手续台账在列、未取得的手续{count_text(permits.filter(lacking()).height)}项，"
        f"其中逾期{count_text(permits.filter(lacking() & past_due()).height)}项，"
        f"{rules.near_days}天内到期{count_text(near)}项；"
        f"按期办结率{percent_text(percent(rate['numerator'], rate['denominator']))}（{_items(rate)}）。"
    )


def _items(rate: Mapping[str, Any]) -> str:
    return _of(rate).removesuffix("个") + "项" if rate["denominator"] is not None else MISSING


def explained_rows(values: pl.DataFrame, metrics: Mapping[str, str], periods: Sequence[str]) -> pl.DataFrame:
    """What the city has invested by each month of the year, and what the ledger explains of it.

    `values` are rows of `metric_values`, `metrics` the lines by metric id with their names. Returns
    metric_id, name, month, amount (Decimal 万元, null where it is not known), share (% of 固定资产投资 as
    printed), is_last. January has no figure of the city.
    """
    known = {(row["metric_id"], row["period"]): row["numerator"] for row in values.iter_rows(named=True)}
    rows = []
    for metric_id, name in metrics.items():
        for period in periods:
            is_unasked = metric_id == FIXED.id and is_exempt_month(period)
            whole = None if is_exempt_month(period) else known.get((FIXED.id, period))
            amount = None if is_unasked else known.get((metric_id, period))
            share = percent(amount, whole) if metric_id != FIXED.id else None
            rows.append((metric_id, name, int(period[5:]), amount, share, period == periods[-1]))
    schema: dict[str, Any] = {
        "metric_id": pl.String,
        "name": pl.String,
        "month": pl.Int64,
        "amount": EXACT,
        "share": pl.Decimal(12, 1),
        "is_last": pl.Boolean,
    }
    return pl.DataFrame(rows, schema, orient="row")


def economy_problem(economy: pl.DataFrame, period: str, last_filed: str | None) -> str:
    """Why the city's investment of the period is not known; empty where it is.

    `economy` are the whole city's rows of `economy_facts` of the period.
    """
    if is_exempt_month(period):
        return "1月统计免报，没有固定资产投资和入统完成投资，不作比较"
    rows = _fixed(economy)
    if rows.is_empty():
        last = f"，最近一期是{period_text(last_filed)}" if last_filed else ""
        return (
            f"运行数据台账没有报送本期的全市固定资产投资{last}；在“台账报送”页下载运行数据的模板，填写后报送"
        )
    row = rows.row(0, named=True)
    if row["value"] is None:
        return "运行数据台账的全市固定资产投资没有填本年累计"
    if row["amount"] is None:
        return f"全市固定资产投资的计量单位“{row['unit'] or '未填'}”不是亿元或万元，不能换算，按不详处理"
    return ""


def _current(economy: pl.DataFrame) -> pl.DataFrame:
    """The whole city's figures that were filed for the period itself."""
    return economy.filter(pl.col("is_of_city"), pl.col("filed_period") == pl.col("period"))


def _fixed(economy: pl.DataFrame) -> pl.DataFrame:
    return _current(economy).filter(pl.col("measure") == "固定资产投资")


def economy_sentence(
    explained: pl.DataFrame, economy: pl.DataFrame, rules: StatisticsRules, period: str, currency: str
) -> str:
    """`1—9月，全市固定资产投资1,955.6亿元（市统计局）；台账完成投资1,340.5亿元，相当于其68.5%；…`

    The whole city's, whatever the filters.
    """
    last = {row["metric_id"]: row for row in explained.filter("is_last").iter_rows(named=True)}
    whole, ledger = last.pop(FIXED.id), last.pop("invested_year")
    cited = _fixed(economy)["source"].to_list()
    noted = f"（{rules.share_note}）" if rules.share_note else ""
    parts = [
        f"{months_text(period)}，全市固定资产投资{amount_text(whole['amount'], currency)}"
        f"（{cited[0] if cited and cited[0] else '未填数据来源'}）",
        f"台账完成投资{amount_text(ledger['amount'], currency)}，相当于其{percent_text(ledger['share'])}",
        *(
            f"其中{row['name']}{amount_text(row['amount'], currency)}，占{percent_text(row['share'])}{noted}"
            for row in last.values()
        ),
    ]
    return f"{'；'.join(parts)}。台账与统计口径不同，只作比照，不相加。"


def share_sentence(invested: Mapping[str, Any], explained: pl.DataFrame, subject: str, currency: str) -> str:
    """`全市（航空）台账完成投资32.1亿元，相当于全市固定资产投资的1.6%。`"""
    whole = explained.filter("is_last", pl.col("metric_id") == FIXED.id)["amount"].item()
    amount = amount_text(invested["numerator"], currency)
    share = percent_text(percent(invested["numerator"], whole))
    return f"{subject}台账完成投资{amount}，相当于全市固定资产投资的{share}。"


def beside_rows(values: pl.DataFrame, names: Mapping[str, str], source: str) -> pl.DataFrame:
    """The ledger's amount of each area beside that of statistics, the largest first.

    `values` are rows of `metric_values` of COMPARED by area, `source` one of SOURCES. Returns id, name,
    ledger, statistics, difference (ledger − statistics; Decimal 万元, null where either is missing),
    ledger_projects, statistics_projects.
    """
    ledger, other = (
        values.filter(pl.col("metric_id") == metric).select(
            pl.col("area_id").alias("id"),
            pl.col("numerator").alias(name),
            pl.col("projects").alias(f"{name}_projects"),
        )
        for name, metric in (("ledger", "invested_year"), ("statistics", source))
    )
    return (
        ledger.join(other, on="id", how="full", coalesce=True)
        .with_columns(
            difference=pl.col("ledger") - pl.col("statistics"),
            name=pl.col("id").replace(names),
            ledger_projects=pl.col("ledger_projects").fill_null(0),
            statistics_projects=pl.col("statistics_projects").fill_null(0),
        )
        .filter(pl.col("ledger").is_not_null() | pl.col("statistics").is_not_null())
        .sort("ledger", "id", descending=[True, False], nulls_last=True)
    )


def beside_words(values: pl.DataFrame, names: Mapping[str, str], carried: Mapping[str, str]) -> pl.DataFrame:
    """Ledger and both statistical amounts of each area under Chinese terms; `carried` tells whose figures
    are of an earlier filing, in words."""
    by_ledger, by_library = (beside_rows(values, names, source) for source in SOURCES)
    library = {row["id"]: row for row in by_library.iter_rows(named=True)}
    told = [(row, library.get(row["id"], {})) for row in by_ledger.iter_rows(named=True)]
    words: dict[str, Sequence[str | None]] = {
        "责任地区": [row["name"] for row, _ in told],
        "台账完成投资（亿元）": [hundred_millions_text(row["ledger"]) for row, _ in told],
        "台账填报项目": [count_text(row["ledger_projects"]) for row, _ in told],
        "台账所填入统投资（亿元）": [hundred_millions_text(row["statistics"]) for row, _ in told],
        "入统填报项目": [count_text(row["statistics_projects"]) for row, _ in told],
        "台账减入统（亿元）": [hundred_millions_text(row["difference"]) for row, _ in told],
        "统计在建库（亿元）": [hundred_millions_text(row.get("statistics")) for _, row in told],
        "在建库填报项目": [count_text(row.get("statistics_projects")) for _, row in told],
        "台账减在建库（亿元）": [hundred_millions_text(row.get("difference")) for _, row in told],
        "备注": [carried.get(row["id"], "") for row, _ in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def carried_words(statuses: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """`统计在建库沿用2024-08` for each area whose rows of a ledger are carried, by area; `statuses` are
    frames of `store.filing_status` by the ledger's term."""
    said: dict[str, list[str]] = {}
    for term, status in statuses.items():
        for row in status.filter("is_carried").iter_rows(named=True):
            said.setdefault(row["area_id"], []).append(f"{term}沿用{row['filed_period']}")
    return {area: "、".join(words) for area, words in said.items()}


def beside_sentence(facts: pl.DataFrame, numbers: Mapping[str, Mapping[str, Any]], currency: str) -> str:
    """Both totals with how many projects tell them, and the same two of the projects that tell both."""
    ledger, entered, library = (numbers[metric] for metric in COMPARED)
    both = facts.filter(stands() & filed("invested_year", "invested_statistics_year"))
    same = both.select(pl.col(name).cast(EXACT).sum() for name in COMPARED[:2]).row(0)
    return (
        f"台账完成投资{_told(ledger, currency)}，台账所填入统完成投资{_told(entered, currency)}，"
        f"统计在建库{_told(library, currency)}；"
        f"两项都填报的{count_text(both.height)}个项目，台账{amount_text(same[0], currency)}、"
        f"入统{amount_text(same[1], currency)}，台账减入统{amount_text(same[0] - same[1], currency)}。"
    )


def _told(row: Mapping[str, Any], currency: str) -> str:
    return f"{amount_text(row['numerator'], currency)}（{count_text(row['projects'])}个填报）"


def economy_words(economy: pl.DataFrame) -> pl.DataFrame:
    """The whole city's figures filed for the period itself under Chinese terms, as filed."""
    return _current(economy).select(
        指标="measure",
        本年累计="value",
        计量单位="unit",
        **{"同比增长（%）": "growth"},
        数据来源="source",
    )


def rules_sentence(rules: StatisticsRules) -> str:
    """What the page goes by, and that it is ours: bands, papers and days."""
    papers = "、".join(
        paper.name + (f"（{'、'.join(paper.except_natures)}项目不要）" if paper.except_natures else "")
        for paper in rules.papers
    )
    return (
        f"{rules.name}：应统为已开工、总投资500万元及以上；天数按{'、'.join(map(str, rules.ages))}天分段；"
        f"入统材料为{papers}；手续{rules.near_days}天内到期为将到期；1月统计免报。{rules.label}。"
    )


def rows_by_metric(values: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Rows of `metric_values` of one period by metric id."""
    return {row["metric_id"]: row for row in values.iter_rows(named=True)}
