"""Lists of projects: who is on which, who should be by the rules, how they overlap and how they go on.

Source: 大政办发〔2023〕2号 二; an unsigned paper 一（一）; the rules are `reference.ListRules`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

import polars as pl

from saima.metrics import CATALOGUE, EXACT, Metric
from saima.metrics.facts import carried_over, happened, in_stage, occurred, reached, stands
from saima.reference import ListRule, ListRules
from saima.wording import (
    amount_text,
    count_text,
    hundred_millions_text,
    months_text,
    percent,
    percent_text,
    points_text,
)

FACTS = (
    *("project_id", "area_id", "lists", "tags", "nature", "stage", "investment_total", "plan_year"),
    *("invested_year", "started_on", "finished_on", "signed_on", "landed_on", "start_due_on", "lead_unit"),
    *(f"{event}_on" for event in ("planned", "approved", "produced", "ramped")),
    *("year_from", "end_on"),
)
"""Columns of `project_facts` that lists are told from."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "carried": "上年结转续建",
        "to_start": "当年拟新开工",
        "preliminary": "正在实质推进前期",
        "reserve": "新谋划储备",
        "other": "其他（本年以前已竣工等）",
    }
)
"""Kinds of the projects of a list (大政办发〔2023〕2号 二（二）), each project of one."""

_COMBINATIONS = 12
_LISTED = 200


def in_the_year() -> pl.Expr:
    """Whether the project belongs to the year's lists at all: it stands and was not finished before it."""
    return stands() & ~(pl.col("finished_on") < pl.col("year_from")).fill_null(value=False)


def _has_scheme(schemes: Sequence[str]) -> pl.Expr:
    """Whether the project has a tag of one of these schemes."""
    starts = [pl.element().str.starts_with(f"{scheme}:") for scheme in schemes]
    return pl.col("tags").list.eval(pl.any_horizontal(starts)).list.any().fill_null(value=False)


def belongs(rule: ListRule, funded: Sequence[str]) -> pl.Expr:
    """Whether a project belongs on the list by its rule; `funded` are projects with a fund of its sources."""
    conditions = []
    if rule.investment_from is not None:
        size = pl.col("investment_total") >= Decimal(repr(rule.investment_from))
        if rule.relaxed_from is not None:
            is_relaxed = pl.col("nature").is_in(rule.relaxed_natures).fill_null(value=False)
            if rule.relaxed_schemes:
                is_relaxed = is_relaxed | _has_scheme(rule.relaxed_schemes)
            size = size | (is_relaxed & (pl.col("investment_total") >= Decimal(repr(rule.relaxed_from))))
        conditions.append(size.fill_null(value=False))
    if rule.schemes:
        conditions.append(_has_scheme(rule.schemes))
    if rule.happened:
        conditions.append(happened(rule.happened))
    if rule.waits:
        conditions.append(occurred("signed") & ~occurred(rule.waits))
    if rule.fund_sources:
        conditions.append(pl.col("project_id").is_in(funded))
    met = pl.all_horizontal(conditions) if conditions else pl.lit(value=False)
    if rule.also_schemes:
        met = met | _has_scheme(rule.also_schemes)
    return in_the_year() & met


def on_list(name: str) -> pl.Expr:
    """Whether the project is filed as being on the list."""
    return pl.col("lists").list.contains(name).fill_null(value=False)


def list_rows(
    facts: pl.DataFrame, names: Mapping[str, str], rules: ListRules, funded: Mapping[str, Sequence[str]]
) -> pl.DataFrame:
    """Each list of the city as filed and by its rule, in the order of `names` (list → its name).

    `facts` has FACTS of one period, of projects that stand; `funded` the projects with a fund of the sources
    of each rule. Columns: list, name, projects, investment_total, plan_year, invested_year (Decimal 万元, the
    last two of projects that report both; null where none does), ruled (projects by the rule, null where the
    list has none), missing (by the rule and not filed) and beside (filed and not by the rule).
    """
    by_list = {rule.list: rule for rule in rules.rules}
    rows = []
    for name, words in names.items():
        filed = facts.filter(on_list(name))
        both = filed.filter(pl.col("plan_year").is_not_null() & pl.col("invested_year").is_not_null())
        rule = by_list.get(name)
        ruled = None if rule is None else facts.filter(belongs(rule, funded.get(name, ())))
        ids, others = (set(filed["project_id"]), set() if ruled is None else set(ruled["project_id"]))
        rows.append(
            {
                "list": name,
                "name": words,
                "projects": filed.height,
                "investment_total": _sum(filed["investment_total"]),
                "plan_year": _sum(both["plan_year"]),
                "invested_year": _sum(both["invested_year"]),
                "ruled": None if ruled is None else ruled.height,
                "missing": None if ruled is None else len(others - ids),
                "beside": None if ruled is None else len(ids - others),
            }
        )
    amounts = dict.fromkeys(("investment_total", "plan_year", "invested_year"), EXACT)
    counts = dict.fromkeys(("projects", "ruled", "missing", "beside"), pl.Int64())
    return pl.DataFrame(rows, schema={"list": pl.String(), "name": pl.String(), **amounts, **counts}).select(
        *("list", "name", "projects", "investment_total", "plan_year", "invested_year"),
        *("ruled", "missing", "beside"),
    )


def _sum(amounts: pl.Series) -> Decimal | None:
    known: list[Decimal] = amounts.drop_nulls().to_list()
    return sum(known, Decimal(0)) if known else None


def lists_sentence(rows: pl.DataFrame, facts: pl.DataFrame, period: str, subject: str, currency: str) -> str:
    """`1—9月，全市6个清单共4,412个次，去除重复后2,933个项目、总投资8,123.0亿元；按规则核对，应列未列312个次、
    列而不符208个次。`"""
    listed = facts.filter(pl.col("lists").list.len() > 0)
    names = set(rows["list"])
    mine = listed.filter(pl.col("lists").list.eval(pl.element().is_in(names)).list.any())
    total = _sum(mine["investment_total"])
    missing, beside = (int(rows[name].sum() or 0) for name in ("missing", "beside"))
    checked = rows["ruled"].drop_nulls().len()
    said = (
        f"；{checked}个清单按规则核对，应列未列{count_text(missing)}个次、列而不符{count_text(beside)}个次"
        if checked
        else ""
    )
    return (
        f"{months_text(period)}，{subject}{rows.height}个清单共{count_text(int(rows['projects'].sum()))}个次，"
        f"去除重复后{count_text(mine.height)}个项目、总投资{amount_text(total, currency)}{said}。"
    )


def list_words(rows: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Lists under Chinese terms, the last line the projects on any of them, each once."""
    told = list(rows.iter_rows(named=True))
    any_of = facts.filter(pl.col("lists").list.eval(pl.element().is_in(set(rows["list"]))).list.any())
    both = any_of.filter(pl.col("plan_year").is_not_null() & pl.col("invested_year").is_not_null())
    told.append(
        {
            "name": "以上合计（去除重复）",
            "projects": any_of.height,
            "investment_total": _sum(any_of["investment_total"]),
            "plan_year": _sum(both["plan_year"]),
            "invested_year": _sum(both["invested_year"]),
        }
        | dict.fromkeys(("ruled", "missing", "beside"))
    )
    words = {
        "清单": [row["name"] for row in told],
        "项目（个）": [row["projects"] for row in told],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for row in told],
        "年度计划（亿元）": [hundred_millions_text(row["plan_year"]) for row in told],
        "本年完成（亿元）": [hundred_millions_text(row["invested_year"]) for row in told],
        "完成率": [percent_text(percent(row["invested_year"], row["plan_year"])) for row in told],
        "按规则应列": [count_text(row["ruled"]) for row in told],
        "应列未列": [count_text(row["missing"]) for row in told],
        "列而不符": [count_text(row["beside"]) for row in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String) | {"项目（个）": pl.Int64})


def combinations(facts: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Projects by the exact set of the lists that they are on, the largest first: lists (in the order of
    `names`), projects, investment_total. Every project on a list is in one row."""
    kept = list(names)
    mine = facts.with_columns(
        lists=pl.concat_list(
            pl.when(on_list(name)).then(pl.lit(name)).otherwise(pl.lit(None, pl.String)) for name in kept
        ).list.drop_nulls()
    ).filter(pl.col("lists").list.len() > 0)
    return (
        mine.group_by(pl.col("lists").list.join("\n").alias("key"))
        .agg(
            projects=pl.len().cast(pl.Int64),
            investment_total=pl.col("investment_total").cast(EXACT).sum(),
        )
        .sort("projects", "key", descending=[True, False])
        .with_columns(lists=pl.col("key").str.split("\n"))
        .select("lists", "projects", "investment_total")
    )


def shown_combinations(found: pl.DataFrame) -> pl.DataFrame:
    """The first of them, as the figure shows."""
    return found.head(_COMBINATIONS)


def overlap_line(found: pl.DataFrame) -> str:
    """`只在一个清单上的1,870个，在两个及以上清单上的1,063个；图中未列的组合18种、64个。`"""
    one = found.filter(pl.col("lists").list.len() == 1)["projects"].sum()
    rest = found.slice(_COMBINATIONS)
    line = (
        f"只在一个清单上的{count_text(int(one))}个，"
        f"在两个及以上清单上的{count_text(int(found['projects'].sum()) - int(one))}个"
    )
    if rest.is_empty():
        return line + "。"
    return f"{line}；图中未列的组合{rest.height}种、{count_text(int(rest['projects'].sum()))}个。"


def combination_metric(lists: Sequence[str], names: Mapping[str, str]) -> Metric:
    """The projects on exactly these lists of the city, as a metric of the page's own."""
    exactly = pl.all_horizontal(on_list(name) if name in lists else ~on_list(name) for name in names)
    return Metric(
        id="projects_on_lists",
        name="同在" + "、".join(lists) + "的项目",
        unit="个",
        kind="stock",
        definition="报告期末未退库、所在清单恰好是这些的项目",
        source="本系统默认",
        counted=stands() & exactly,
    )


def kind_of() -> pl.Expr:
    """Which of KINDS a project of a list is."""
    year_end = pl.col("year_from").dt.offset_by("1y")
    due = (pl.col("start_due_on") < year_end).fill_null(value=False)
    this_year = (pl.col("started_on").is_between(pl.col("year_from"), year_end, closed="left")).fill_null(
        value=False
    )
    return (
        pl.when(~in_the_year())
        .then(pl.lit("other"))
        .when(carried_over())
        .then(pl.lit("carried"))
        .when(this_year | (due & ~reached("started")))
        .then(pl.lit("to_start"))
        .when(in_stage("landed", "approved"))
        .then(pl.lit("preliminary"))
        .when(in_stage("planned", "signed"))
        .then(pl.lit("reserve"))
        .otherwise(pl.lit("other"))
    )


def kind_rows(facts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Projects of a list by kind: kind, term, projects, investment_total, plan_year; all kinds, in order."""
    counted = (
        facts.filter(on_list(name))
        .with_columns(kind=kind_of())
        .group_by("kind")
        .agg(
            projects=pl.len().cast(pl.Int64),
            investment_total=_total("investment_total"),
            plan_year=_total("plan_year"),
        )
    )
    terms = pl.DataFrame({"kind": list(KINDS), "term": list(KINDS.values())})
    return terms.join(counted, on="kind", how="left", maintain_order="left").with_columns(
        pl.col("projects").fill_null(0)
    )


def _total(column: str) -> pl.Expr:
    amount = pl.col(column)
    return pl.when(amount.count() > 0).then(amount.cast(EXACT).sum())


def kind_metrics(name: str) -> dict[str, Metric]:
    """The projects of a list by kind, as metrics of the page's own."""
    return {
        kind: Metric(
            id=f"listed_{kind}",
            name=term,
            unit="个",
            kind="stock",
            definition=f"报告期末未退库、填报在清单上的项目中，{term}的",
            source="大政办发〔2023〕2号 二（二）；四类的算法为本系统默认",
            counted=stands() & on_list(name) & (kind_of() == kind),
        )
        for kind, term in KINDS.items()
    }


def unit_words(facts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Projects of a list by the unit that leads them, under Chinese terms: number and amounts."""
    rows = list(
        facts.filter(on_list(name))
        .group_by("lead_unit")
        .agg(
            pl.len().cast(pl.Int64).alias("projects"),
            *(_total(column).alias(column) for column in ("investment_total", "plan_year", "invested_year")),
        )
        .sort("projects", "lead_unit", descending=[True, False], nulls_last=True)
        .iter_rows(named=True)
    )
    words = {
        "牵头部门": [row["lead_unit"] or "未填牵头部门" for row in rows],
        "项目（个）": [row["projects"] for row in rows],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for row in rows],
        "年度计划（亿元）": [hundred_millions_text(row["plan_year"]) for row in rows],
        "本年完成（亿元）": [hundred_millions_text(row["invested_year"]) for row in rows],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String) | {"项目（个）": pl.Int64})


def month_rows(values: pl.DataFrame, periods: Sequence[str], year: str) -> pl.DataFrame:
    """The year's twelve months of a list: month, done and planned (percent of the year's plan as printed,
    Float64; null where the month has no snapshot, or the list no plan by month).

    `values` holds investment_completion and planned_share narrowed to the list.
    """
    found = {
        (row["metric_id"], row["period"]): percent(row["numerator"], row["denominator"])
        for row in values.iter_rows(named=True)
    }
    rows = []
    for month in range(1, 13):
        period = f"{year}-{month:02}"
        told = [
            found.get((metric, period)) if period in periods else None
            for metric in ("investment_completion", "planned_share")
        ]
        rows.append((month, *(None if value is None else float(value) for value in told)))
    return pl.DataFrame(rows, {"month": pl.Int64, "done": pl.Float64, "planned": pl.Float64}, orient="row")


def month_line(values: pl.DataFrame, period: str, name: str) -> str:
    """`亿元以上：年度计划完成69.8%，按月度计划应完成62.0%，超序时7.8个百分点。`"""
    now = {row["metric_id"]: row for row in values.iter_rows(named=True) if row["period"] == period}
    done, planned = (
        percent(row["numerator"], row["denominator"]) if (row := now.get(metric)) else None
        for metric in ("investment_completion", "planned_share")
    )
    if done is None:
        return f"{name}：没有填报年度计划和完成投资。"
    if planned is None:
        return f"{name}：年度计划完成{percent_text(done)}，没有分解到月的计划。"
    return (
        f"{name}：年度计划完成{percent_text(done)}，"
        f"按月度计划应完成{percent_text(planned)}，{points_text(done - planned)}。"
    )


def share_line(
    invested: Decimal | None, economy: pl.DataFrame, rules: ListRules, period: str, currency: str
) -> str | None:
    """`百大项目本年完成78.88亿元，占全市固定资产投资1,676.0亿元的4.7%（参照……）。`, or why it is not told;
    None where the city asks for none.

    `economy` is the frame of the query economy_rows of the period for the whole city.
    """
    if rules.share_of is None:
        return None
    said = f"（{rules.share_source}）" if rules.share_source else ""
    start = f"{rules.share_of}本年完成{amount_text(invested, currency)}"
    if int(period[5:]) == 1:
        return f"{start}；1月统计免报，没有全市固定资产投资可比{said}。"
    whole = city_investment(economy, period)
    if whole is None:
        return f"{start}；运行数据台账没有报送全市固定资产投资，占比算不出{said}。"
    share = None if invested is None else percent(invested, whole)
    return f"{start}，占全市固定资产投资{amount_text(whole, currency)}的{percent_text(share)}{said}。"


def sum_on(facts: pl.DataFrame, name: str | None) -> Decimal | None:
    """What the projects of a list have invested this year (万元); None without list or figure."""
    return None if name is None else _sum(facts.filter(on_list(name))["invested_year"])


UNITS: Mapping[str, int] = MappingProxyType({"万元": 1, "亿元": 10_000})
"""万元 in a unit of the ledger of running figures."""


def city_investment(economy: pl.DataFrame, period: str) -> Decimal | None:
    """The city's 固定资产投资 of the period in 万元; None unless it was filed for that month."""
    rows = economy.filter(
        (pl.col("measure") == "固定资产投资")
        & (pl.col("filed_period") == period)
        & pl.col("value").is_not_null()
    ).to_dicts()
    if len(rows) != 1 or rows[0]["unit"] not in UNITS:
        return None
    return Decimal(repr(rows[0]["value"])) * UNITS[rows[0]["unit"]]


def difference_rows(
    facts: pl.DataFrame, rules: ListRules, funded: Mapping[str, Sequence[str]]
) -> pl.DataFrame:
    """Projects on which a list as filed and its rule differ: project_id, area_id, list, is_filed; by list."""
    found = [
        facts.filter(on_list(rule.list) != belongs(rule, funded.get(rule.list, ()))).select(
            "project_id",
            "area_id",
            pl.lit(rule.list).alias("list"),
            on_list(rule.list).alias("is_filed"),
            "investment_total",
        )
        for rule in rules.rules
    ]
    if not found:
        schema = {"project_id": pl.String, "area_id": pl.String, "list": pl.String, "is_filed": pl.Boolean}
        return pl.DataFrame(schema=schema | {"investment_total": pl.Decimal(18, 4)})
    return pl.concat(found)


def difference_words(
    differences: pl.DataFrame, rows: pl.DataFrame, names: Mapping[str, str], rules: ListRules
) -> pl.DataFrame:
    """The largest differences under Chinese terms, with the rule that says otherwise."""
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    by_list = {rule.list: rule.words for rule in rules.rules}
    told = [
        (row, known.get(row["project_id"], {}))
        for row in shown_differences(differences).iter_rows(named=True)
    ]
    words = {
        "差异": ["列而不符" if row["is_filed"] else "应列未列" for row, _ in told],
        "清单": [row["list"] for row, _ in told],
        "项目名称": [project.get("name") for _, project in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row, _ in told],
        "项目单位": [project.get("owner") for _, project in told],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for row, _ in told],
        "入选规则": [by_list[row["list"]] for row, _ in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def shown_differences(differences: pl.DataFrame) -> pl.DataFrame:
    """The differences in the table: the largest projects."""
    return differences.sort(
        "investment_total", "list", "project_id", descending=[True, False, False], nulls_last=True
    ).head(_LISTED)


def progress_metrics(name: str) -> tuple[Metric, Metric]:
    """The year's investment against plan, and the plan by month, of the projects of a list."""
    done, planned = (CATALOGUE[metric] for metric in ("investment_completion", "planned_share"))
    return done.narrowed({"list": (name,)}), planned.narrowed({"list": (name,)})
