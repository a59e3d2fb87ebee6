"""Problems: how many, of what kind, how old, where they wait, who must act, and what they hold up.

Source: 沈阳“四个一批”方案 二（三）16, 大政办发〔2023〕2号 三; ages and groupings are ours.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.metrics import CATALOGUE, EXACT, Metric
from saima.metrics.facts import (
    days_between,
    in_hand,
    near_due,
    occurred,
    open_,
    past_due,
    within_the_year,
)
from saima.reference import LightRules, ProblemRules
from saima.transforms.catalogue import value_text
from saima.wording import (
    LIGHTS,
    MISSING,
    amount_text,
    count_text,
    hundred_millions_text,
    months_text,
    number_text,
    percent,
    percent_text,
)

GROUPS: Mapping[str, str] = MappingProxyType(
    {"class": "问题类别", "area_id": "责任地区", "unit": "责任单位", "level": "办理层级"}
)
"""By what problems are counted."""

TOLD = (
    *("problems_raised", "problems_resolved", "problem_resolution_rate", "problem_punctuality_rate"),
    *("problems_open", "problems_overdue", "days_raised_to_resolved"),
    *("problems_plan", "problems_plan_left"),
)
"""The metrics of the page."""

STEPS: Mapping[str, str] = MappingProxyType(
    {
        "raised": "提报",
        "accepted": "处理",
        "dispatched": "调度",
        "urged": "催办",
        "inspected": "督查",
        "assessed": "考核",
    }
)
"""The steps of a problem on its way to being resolved (沈阳“四个一批”方案 二（三）16)."""

FACTS = (
    *("row_key", "project_id", "area_id", "end_on", "year_from", "class", "subclass", "level", "unit"),
    *("is_direct", "parties", "plan_year", "invested_year", "stage", "due_on", "escalated_on"),
    *(f"{step}_on" for step in (*STEPS, "resolved")),
    *(f"{step}_on_precision" for step in (*STEPS, "resolved")),
)
"""Columns of `problem_facts` that the page is told from."""

_BANDS: Sequence[tuple[str, int, int | None]] = (
    ("30天以内", 0, 30),
    ("31—60天", 31, 60),
    ("61—90天", 61, 90),
    ("91—180天", 91, 180),
    ("180天以上", 181, None),
)

_LISTED = 100
"""Problems in the table of those open for longest."""


def _age() -> pl.Expr:
    """Days from being raised to the end of the period; null unless the day is known."""
    is_exact = pl.col("raised_on_precision") == "day"
    return pl.when(is_exact).then((pl.col("end_on") - pl.col("raised_on")).dt.total_days())


def _lights(rules: LightRules) -> dict[str, pl.Expr]:
    """Which open problems are red, yellow and green by their due day."""
    red, yellow = past_due(), near_due(rules.problem_near_days) & ~past_due()
    return {"red": open_() & red, "yellow": open_() & yellow, "green": open_() & ~red & ~yellow}


def light_metrics(rules: LightRules) -> dict[str, Metric]:
    """Open problems by the light of their due day, as metrics of the page's own: red, yellow, green."""
    terms = {
        "red": ("逾期未办结", "办结时限已过"),
        "yellow": ("临近时限", f"距办结时限不足{rules.problem_near_days}天"),
        "green": ("时限之内", "未到时限，或没有填报时限"),
    }
    return {
        light: _open(f"problems_{light}", f"{term}的受阻问题", counted, words)
        for (light, counted), (term, words) in zip(_lights(rules).items(), terms.values(), strict=True)
    }


def age_metrics() -> dict[str, Metric]:
    """Open problems by how old they are, as metrics of the page's own, by band; the last of unknown age."""
    found = {
        band: _open(f"problems_age_{low}", f"未办结{band}的受阻问题", open_() & _within(low, high), band)
        for band, low, high in _BANDS
    }
    unknown = _open(
        "problems_age_unknown",
        "提报时间不到日的未办结问题",
        open_() & _age().is_null(),
        "提报时间没有精确到日",
    )
    return found | {"时间不详": unknown}


def _within(low: int, high: int | None) -> pl.Expr:
    age = _age()
    return (age >= low if high is None else age.is_between(low, high)).fill_null(value=False)


def _open(metric_id: str, name: str, counted: pl.Expr, words: str) -> Metric:
    return Metric(
        id=metric_id,
        name=name,
        unit="个",
        kind="stock",
        definition=f"已提报、报告期末尚未办结的受阻问题中，{words}的",
        source="本系统默认",
        counted=counted,
        is_less_better=True,
        facts="problem_facts",
    )


def is_filed(values: pl.DataFrame) -> bool:
    """Whether the ledger of problems was ever filed for the scope, by the frame of its numbers."""
    (opened,) = values.filter(pl.col("metric_id") == "problems_open")["numerator"]
    return opened is not None


def problems_sentence(
    values: pl.DataFrame, lit: Mapping[str, int], period: str, subject: str, currency: str = "元"
) -> str:
    """`1—9月，全市提报受阻问题226个、办结201个，办结率78.2%；未办结76个，其中逾期12个、临近时限9个，
    涉及年度计划投资33.62亿元。`

    `values` is the frame of `answers.paced` over TOLD, `lit` how many are open by light.
    """
    row = {one["metric_id"]: one for one in values.iter_rows(named=True)}
    counts = {name: int(row[name]["numerator"]) for name in ("problems_raised", "problems_resolved")}
    rate = row["problem_resolution_rate"]
    plan = row["problems_plan"]["numerator"]
    held = "" if plan is None else f"，涉及年度计划投资{amount_text(plan, currency)}"
    return (
        f"{months_text(period)}，{subject}提报受阻问题{count_text(counts['problems_raised'])}个、"
        f"办结{count_text(counts['problems_resolved'])}个，"
        f"办结率{percent_text(percent(rate['numerator'], rate['denominator']))}；"
        f"未办结{count_text(int(row['problems_open']['numerator']))}个，"
        f"其中逾期{count_text(lit['red'])}个、临近时限{count_text(lit['yellow'])}个{held}。"
    )


def open_by_light(facts: pl.DataFrame, rules: LightRules) -> dict[str, int]:
    """How many open problems are red, yellow and green."""
    counted = facts.select(**{light: is_lit.sum() for light, is_lit in _lights(rules).items()})
    return {light: int(count) for light, count in counted.row(0, named=True).items()}


def problem_groups(facts: pl.DataFrame, by: str, rules: LightRules) -> pl.DataFrame:
    """Problems by one of GROUPS, those with most open first.

    `facts` has FACTS of one period. Returns id, raised and resolved (in the year), in_hand and solved (of
    those in hand), timed and in_time (of those that are decided by their due day), open, red, yellow,
    green, days (median of those resolved in the year, to the day) and of_days, plan and plan_left
    (Decimal 万元, each project once; null where no project reports it).
    """
    days = days_between("raised", "resolved").filter(within_the_year("resolved_on"))
    is_open, lights = open_(), _lights(rules)
    held = facts.filter(is_open & pl.col("project_id").is_not_null()).unique(
        [by, "project_id"], keep="first", maintain_order=True
    )
    plans = held.group_by(by).agg(
        **{
            name: pl.when(amount.count() > 0).then(amount.cast(EXACT).sum())
            for name, amount in (
                ("plan", pl.col("plan_year")),
                ("plan_left", (pl.col("plan_year") - pl.col("invested_year")).clip(0)),
            )
        }
    )
    decided = in_hand() & pl.col("due_on").is_not_null() & (occurred("resolved") | past_due())
    counted = facts.group_by(by).agg(
        raised=within_the_year("raised_on").sum(),
        resolved=within_the_year("resolved_on").sum(),
        in_hand=in_hand().sum(),
        solved=(in_hand() & occurred("resolved")).sum(),
        timed=decided.sum(),
        in_time=(decided & occurred("resolved") & (pl.col("resolved_on") <= pl.col("due_on"))).sum(),
        open=is_open.sum(),
        **{light: is_lit.sum() for light, is_lit in lights.items()},
        days=days.median(),
        of_days=days.count(),
    )
    return (
        counted.join(plans, on=by, how="left", nulls_equal=True)
        .rename({by: "id"})
        .sort("open", "red", "id", descending=[True, True, False], nulls_last=True)
    )


def named_groups(groups: pl.DataFrame, names: Mapping[str, str], by: str) -> pl.DataFrame:
    """The first groups with problems open and their names, as the figure shows them."""
    named = groups.filter(pl.col("open") > 0).head(_SHOWN)
    return named.with_columns(name=pl.col("id").replace(names).fill_null(f"未填{GROUPS[by]}"))


_SHOWN = 12
"""Groups in the figure; the table has all."""


def group_words(groups: pl.DataFrame, names: Mapping[str, str], by: str) -> pl.DataFrame:
    """The groups under Chinese terms, each rate with what it divides."""
    rows = list(groups.iter_rows(named=True))
    words = {
        GROUPS[by]: [names.get(row["id"], row["id"]) or f"未填{GROUPS[by]}" for row in rows],
        "未办结": [row["open"] for row in rows],
        "■ 逾期": [row["red"] for row in rows],
        "▲ 临近时限": [row["yellow"] for row in rows],
        "本年提报": [row["raised"] for row in rows],
        "本年办结": [row["resolved"] for row in rows],
        "办结率": [_share_words(row["solved"], row["in_hand"]) for row in rows],
        "按期办结率": [_share_words(row["in_time"], row["timed"]) for row in rows],
        "办结天数（中位）": [_days_words(row["days"], row["of_days"]) for row in rows],
        "涉及年度计划（亿元）": [hundred_millions_text(row["plan"]) for row in rows],
        "其中未完成（亿元）": [hundred_millions_text(row["plan_left"]) for row in rows],
    }
    return pl.DataFrame(words, schema_overrides={GROUPS[by]: pl.String})


def _share_words(part: int, whole: int) -> str:
    return f"{percent_text(percent(part, whole))}（{part}/{whole}）" if whole else MISSING


def _days_words(days: float | None, count: int) -> str:
    return MISSING if days is None else f"{number_text(days, 0)}天（{count}个）"


def age_bands(facts: pl.DataFrame) -> pl.DataFrame:
    """Open problems by how old they are: band, problems; the band of unknown age only where there are any."""
    counted = facts.select(**{band: metric.counted.sum() for band, metric in age_metrics().items()})
    rows = [(band, int(count)) for band, count in counted.row(0, named=True).items()]
    known = [row for row in rows if row[0] != "时间不详" or row[1]]
    return pl.DataFrame(known, {"band": pl.String, "problems": pl.Int64}, orient="row")


def step_days(facts: pl.DataFrame) -> pl.DataFrame:
    """How long problems in hand this year stay in each step: step, term, days, moved, waiting, waited.

    A problem stays in a step until the next one that its row dates, or its resolution; `days` is the median
    of those that have moved on (`moved`), both days known; `waiting` are those open that stand there, and
    `waited` the median of their days so far.
    """
    order = pl.DataFrame({"step": [*STEPS, "resolved"]}).with_row_index("place")
    taken = facts.filter(in_hand())
    long = pl.concat(
        [
            taken.select(
                "row_key",
                "end_on",
                pl.lit(step).alias("step"),
                on=pl.when(occurred(step)).then(f"{step}_on"),
                is_exact=pl.col(f"{step}_on_precision") == "day",
            )
            for step in (*STEPS, "resolved")
        ]
    )
    walked = (
        long.filter(pl.col("on").is_not_null())
        .join(order, on="step")
        .sort("row_key", "on", "place")
        .with_columns(
            next_on=pl.col("on").shift(-1).over("row_key"),
            next_exact=pl.col("is_exact").shift(-1).over("row_key"),
        )
    )
    stayed = (
        pl.when(pl.col("is_exact") & pl.col("next_exact"))
        .then((pl.col("next_on") - pl.col("on")).dt.total_days())
        .filter(pl.col("next_on").is_not_null())
    )
    stands_there = pl.col("next_on").is_null()
    so_far = pl.when("is_exact").then((pl.col("end_on") - pl.col("on")).dt.total_days()).filter(stands_there)
    told = walked.group_by("step").agg(
        days=stayed.median(),
        moved=stayed.count().cast(pl.Int64),
        waiting=stands_there.sum().cast(pl.Int64),
        waited=so_far.median(),
    )
    terms = pl.DataFrame({"step": list(STEPS), "term": list(STEPS.values())})
    return terms.join(told, on="step", how="left", maintain_order="left").with_columns(
        pl.col("moved", "waiting").fill_null(0)
    )


def step_metrics() -> dict[str, Metric]:
    """Open problems by the last step that their row dates, as metrics of the page's own."""
    names = list(STEPS)
    found = {}
    for place, step in enumerate(names):
        on = pl.col(f"{step}_on")
        later = [
            occurred(other)
            & (pl.col(f"{other}_on") > on if names.index(other) < place else pl.col(f"{other}_on") >= on)
            for other in names
            if other != step
        ]
        stands_there = open_() & occurred(step) & ~pl.any_horizontal(later)
        found[step] = _open(
            f"problems_at_{step}", f"停在{STEPS[step]}环节的受阻问题", stands_there, f"停在{STEPS[step]}环节"
        )
    return found


def level_words(facts: pl.DataFrame, rules: ProblemRules, lights: LightRules) -> pl.DataFrame:
    """Levels under Chinese terms, the highest last: who chairs, how many are open, overdue, escalated in the
    year and reported directly; problems without a level are a row of their own."""
    shown = facts.with_columns(is_open=open_(), is_red=_lights(lights)["red"])
    known = [(level.name, level.words, level.chair, level.clause) for level in rules.levels]
    others = [
        (name, "", "", "")
        for name in shown["level"].unique().drop_nulls().sort()
        if name not in {level.name for level in rules.levels}
    ]
    words: dict[str, list[Any]] = {
        name: [] for name in ("层级", "问题", "牵头", "未办结", "■ 逾期", "本年提级", "直报未办结", "条款")
    }
    for name, said, chair, clause in (*known, *others, (None, "", "", "")):
        at = shown.filter(pl.col("level").eq_missing(pl.lit(name, pl.String)))
        if name is None and at.is_empty():
            continue
        opened = at.filter("is_open")
        row = (
            name or "未填层级",
            said,
            chair,
            opened.height,
            int(at["is_red"].sum()),
            at.filter(within_the_year("escalated_on")).height,
            int(opened["is_direct"].sum()),
            clause,
        )
        for cell, column in zip(row, words.values(), strict=True):
            column.append(cell)
    return pl.DataFrame(words, schema_overrides={"层级": pl.String})


def party_words(facts: pl.DataFrame, rules: ProblemRules, lights: LightRules) -> pl.DataFrame:
    """Responsible parties under Chinese terms: open and overdue problems that name them. A problem that
    names several counts for each: the column is not to be added up."""
    shown = facts.filter(open_()).with_columns(is_red=_lights(lights)["red"])
    counted = (
        shown.explode("parties")
        .group_by(责任方="parties")
        .agg(pl.len().cast(pl.Int64).alias("未办结"), pl.col("is_red").sum().cast(pl.Int64).alias("■ 逾期"))
    )
    order = {party: place for place, party in enumerate(rules.parties)}
    return (
        counted.with_columns(
            place=pl.col("责任方").replace_strict(order, default=len(order), return_dtype=pl.Int64),
            责任方=pl.col("责任方").fill_null("未填责任方"),
        )
        .sort("place", "责任方")
        .drop("place")
    )


def class_words(facts: pl.DataFrame, rules: ProblemRules) -> pl.DataFrame:
    """The list of classes and subclasses with what is filed under each: 大类, 小类, 本年提报, 未办结; words
    of the ledger that are not on the list come last, marked."""
    listed = [(name, sub) for name, subs in rules.classes.items() for sub in (subs or (None,))]
    counted = facts.group_by("class", "subclass").agg(
        raised=within_the_year("raised_on").sum().cast(pl.Int64), open=open_().sum().cast(pl.Int64)
    )
    found = {(row["class"], row["subclass"]): row for row in counted.iter_rows(named=True)}
    strange = sorted(
        (pair for pair in found if pair not in set(listed)), key=lambda pair: (pair[0] or "", pair[1] or "")
    )
    rows = [(pair, "") for pair in listed] + [(pair, "不在分类表内") for pair in strange]
    words = {
        "大类": [name or "未填" for (name, _), _ in rows],
        "小类": [sub or "未填" for (_, sub), _ in rows],
        "本年提报": [found[pair]["raised"] if pair in found else 0 for pair, _ in rows],
        "未办结": [found[pair]["open"] if pair in found else 0 for pair, _ in rows],
        "说明": [remark for _, remark in rows],
    }
    return pl.DataFrame(words, schema_overrides={"大类": pl.String, "小类": pl.String})


def longest_open(facts: pl.DataFrame) -> pl.DataFrame:
    """The open problems, the longest open first, those of unknown age last: FACTS and age (days)."""
    return (
        facts.filter(open_())
        .with_columns(age=_age())
        .sort("age", "raised_on", "row_key", descending=[True, False, False], nulls_last=True)
        .head(_LISTED)
    )


def longest_words(
    longest: pl.DataFrame,
    rows: pl.DataFrame,
    names: Mapping[str, str],
    rules: ProblemRules,
    lights: LightRules,
) -> pl.DataFrame:
    """Problems of `longest_open` under Chinese terms; `rows` are their ledger rows (`problem_rows`)."""
    known = {row["row_key"]: row for row in rows.iter_rows(named=True)}
    lit = longest.with_columns(
        light=pl.coalesce(pl.when(is_lit).then(pl.lit(light)) for light, is_lit in _lights(lights).items())
    )
    told = [(row, known[row["row_key"]]) for row in lit.iter_rows(named=True)]
    words = {
        "灯": [" ".join((LIGHTS[row["light"]][0], _LIGHT_WORDS[row["light"]])) for row, _ in told],
        "未办结天数": [row["age"] for row, _ in told],
        "建议": [_advice(row, rules) for row, _ in told],
        "项目名称": [filed["name"] for _, filed in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row, _ in told],
        "类别": [" · ".join(filter(None, (filed["class"], filed["subclass"]))) for _, filed in told],
        "问题描述": [filed["description"] for _, filed in told],
        "责任单位": [filed["unit"] for _, filed in told],
        "层级与牵头": [_chair_words(filed["level"], rules) for _, filed in told],
        "提报": [str(filed["raised_on"] or MISSING) for _, filed in told],
        "办结时限": [str(filed["due_on"] or MISSING) for _, filed in told],
        "年度计划（亿元）": [hundred_millions_text(row["plan_year"]) for row, _ in told],
    }
    schema = dict.fromkeys(words, pl.String) | {"未办结天数": pl.Int64}
    return pl.DataFrame(words, schema=schema)


_LIGHT_WORDS: Mapping[str, str] = MappingProxyType({"red": "逾期", "yellow": "临近", "green": "时限内"})


def _chair_words(level: str | None, rules: ProblemRules) -> str:
    chairs = {one.name: one.chair for one in rules.levels}
    return " · ".join(filter(None, (level or "未填层级", chairs.get(level or ""))))


def _advice(row: Mapping[str, Any], rules: ProblemRules) -> str:
    """What the rules of escalation suggest for a problem past its due day."""
    due: date | None = row["due_on"]
    if row["light"] != "red" or due is None:
        return ""
    late = f"逾期{(row['end_on'] - due).days}天"
    names = [level.name for level in rules.levels]
    if row["level"] not in names:
        return late
    place = names.index(row["level"])
    if place + 1 == len(names):
        return f"{late}，已在最高层级"
    above = rules.levels[place + 1]
    return f"{late}，建议提级到{above.name}" + (f"（{above.chair}）" if above.chair else "")


def stock_targets(targets: pl.DataFrame) -> pl.DataFrame:
    """The targets that ask for a stock of problems to be resolved, in file order."""
    return targets.filter(pl.col("metric") == "problems_resolved")


def stock_lines(stock: pl.DataFrame) -> list[tuple[str, str]]:
    """(light, sentence) of each target of `answers.problem_stock`: what it asks and how much is resolved."""
    return [
        (
            row["light"],
            f"{row['wording']}：已办结{count_text(int(row['numerator'] or 0))}个，"
            f"{percent_text(row['completion_percent'])}",
        )
        for row in stock.iter_rows(named=True)
    ]


def beside_sentence(values: pl.DataFrame, currency: str) -> str:
    """`问题按期办结率40.6%；问题提报到办结天数45天；受阻项目尚未完成的年度计划投资22.02亿元。`"""
    rows = {row["metric_id"]: row for row in values.iter_rows(named=True)}
    told = (
        f"{CATALOGUE[metric_id].name}{value_text(CATALOGUE[metric_id], rows[metric_id], currency)}"
        for metric_id in ("problem_punctuality_rate", "days_raised_to_resolved", "problems_plan_left")
    )
    return "；".join(told) + "。"
