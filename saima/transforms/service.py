"""Service: who serves which project, whether 五个一 is complete, at which level, and each leader's load.

Source: 沈阳“四个一批”方案 二（二）9, 三, 四（三）; 大政办发〔2023〕2号 五（四）; 淮安重特大项目攻坚方案 三
(强化领导帮办机制, 加强项目前期研判). Levels by size are the city's (`reference.ServiceRules`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.ledgers import STAGE_TERMS
from saima.metrics import CATALOGUE, EXACT, Metric
from saima.metrics.facts import YI, filed, in_service
from saima.reference import Level, ServiceRules
from saima.transforms.lights import light_reasons
from saima.wording import (
    LIGHTS,
    MISSING,
    amount_text,
    count_text,
    hundred_millions_text,
    percent,
    percent_text,
    period_text,
)

FACTS = (
    *("project_id", "area_id", "stage", "investment_total", "leader", "leader_level", "team", "steward"),
    *("plan_document", "responsible_person", "light", "is_exempt"),
)
"""Columns of the facts that service is told from."""

FITS: Mapping[str, str] = MappingProxyType(
    {"met": "达到或高于要求", "below": "低于要求", "unknown": "层级不明", "none": "无包保领导"}
)
"""How the level of a project's leader stands to the level that its size asks for."""

_PARTS = ("leader_rate", "team_rate", "plan_document_rate", "responsible_rate")

_ONES: Mapping[str, str] = MappingProxyType(
    {"leader": "包保领导", "team": "专班", "plan_document": "推进方案", "responsible_person": "责任人"}
)
"""The columns of 五个一 beside the project itself; 一抓到底 is told by the person who answers for it."""

GROUPS: Mapping[str, str] = MappingProxyType({"projects": "按项目个数", "investment": "按总投资"})
"""By what leaders are ordered."""


def service_metrics(rules: ServiceRules) -> dict[str, Metric]:
    """The rates of a city's service by id, in the order shown; its own word for the helper in their names.

    五个一 is asked of projects from `complete_from` on; the rest are the catalogue's.
    """
    size = {"investment_from": (str(rules.complete_from),)} if rules.complete_from else {}
    within = f"（{_yi(rules.complete_from)}亿元以上）" if rules.complete_from else ""
    told = {}
    for metric_id in ("service_complete_rate", *_PARTS):
        metric = CATALOGUE[metric_id]
        definition = f"{metric.definition}；只计总投资{_yi(rules.complete_from)}亿元及以上的项目"
        told[metric_id] = replace(
            metric.narrowed(size),
            name=f"{metric.name}{within}",
            definition=definition if within else metric.definition,
        )
    told["work_arranged_rate"] = CATALOGUE["work_arranged_rate"]
    told["steward_rate"] = replace(
        CATALOGUE["steward_rate"], name=f"{rules.helper}覆盖率（亿元以上签约未开工）"
    )
    told["review_rate"] = CATALOGUE["review_rate"]
    return told


def missing_metric(metric: Metric) -> Metric:
    """The projects that a rate was looked for among and did not find: what is left to do."""
    assert metric.among is not None
    return replace(
        metric,
        id=f"{metric.id}_missing",
        name=f"未达到“{metric.name}”的项目",
        unit="个",
        kind="stock",
        counted=metric.among & ~metric.counted,
        among=None,
        is_less_better=True,
    )


def band_terms(rules: ServiceRules) -> list[str]:
    """Each band of sizes in words from the lowest, lower ends included: `1—10亿元`, the last `50亿元以上`."""
    ends = [level.investment_from for level in rules.levels]
    words = [f"{_yi(low)}—{_yi(high)}亿元" for low, high in pairwise(ends)]
    return [*words, f"{_yi(ends[-1])}亿元以上"]


def _yi(wan: int) -> str:
    return f"{Decimal(wan) / YI:f}".rstrip("0").rstrip(".") if wan % YI else str(wan // YI)


def leader_fit(rules: ServiceRules) -> pl.Expr:
    """One of FITS for a project; null below the smallest size that asks for a level, or without a size."""
    rank = pl.lit(None, pl.Int64)
    for place, level in enumerate(rules.levels):
        rank = pl.when(pl.col("leader_level").is_in(level.words)).then(pl.lit(place)).otherwise(rank)
    return (
        pl.when(required_level(rules).is_null())
        .then(None)
        .when(pl.col("leader").is_null())
        .then(pl.lit("none"))
        .when(rank.is_null())
        .then(pl.lit("unknown"))
        .when(rank < required_level(rules))
        .then(pl.lit("below"))
        .otherwise(pl.lit("met"))
    )


def required_level(rules: ServiceRules) -> pl.Expr:
    """The place among the city's levels that a project's size asks for; null where none is asked."""
    place_of = pl.lit(None, pl.Int64)
    for place, level in enumerate(rules.levels):
        place_of = (
            pl.when(pl.col("investment_total") >= level.investment_from)
            .then(pl.lit(place))
            .otherwise(place_of)
        )
    return place_of


def level_metrics(rules: ServiceRules) -> dict[str, Metric]:
    """How many projects of each band stand how to their level: `<place>_<fit>`, then `unsized`."""
    told = {}
    for place, (level, band) in enumerate(zip(rules.levels, band_terms(rules), strict=True)):
        for fit, term in FITS.items():
            counted = (required_level(rules) == place) & (leader_fit(rules) == fit)
            told[f"{place}_{fit}"] = _level_metric(
                f"level_{place}_{fit}",
                f"总投资{band}项目：{term}",
                counted,
                f"报告期末处于签约、落地、立项、开工环节、总投资{band}的项目，应由{level.name}包保；"
                f"其中{term}的项目。层级按台账“包保层级”的写法归类，没有归类的为层级不明",
                rules,
            )
    told["unsized"] = _level_metric(
        "level_unsized",
        "总投资未填报的项目",
        pl.col("investment_total").is_null(),
        "报告期末处于签约、落地、立项、开工环节、没有填报总投资的项目，无法判断应由哪一级领导包保",
        rules,
    )
    return told


def _level_metric(
    metric_id: str, name: str, counted: pl.Expr, definition: str, rules: ServiceRules
) -> Metric:
    return Metric(
        id=metric_id,
        name=name,
        unit="个",
        kind="stock",
        definition=definition,
        source=f"{rules.document}；{rules.label}",
        counted=in_service() & counted.fill_null(value=False),
        is_less_better="met" not in metric_id,
    )


def service_bars(values: pl.DataFrame, metrics: Mapping[str, Metric]) -> pl.DataFrame:
    """The rates as the figure shows them: metric_id, name, numerator, denominator, missing, share, words.

    `values` are rows of `metric_values`; a rate of nothing has a null share and `—`.
    """
    known = {row["metric_id"]: row for row in values.iter_rows(named=True)}
    rows = []
    for metric_id, metric in metrics.items():
        part, whole = known[metric_id]["numerator"], known[metric_id]["denominator"]
        share = percent(part, whole)
        rows.append(
            {
                "metric_id": metric_id,
                "name": metric.name,
                "share": known[metric_id]["value"],
                "words": MISSING
                if share is None
                else f"{percent_text(share)}  {count_text(int(part))}/{count_text(int(whole))}个",
                "missing": None if share is None else int(whole - part),
            }
        )
    schema = {
        **dict.fromkeys(("metric_id", "name", "words"), pl.String()),
        "share": pl.Float64(),
        "missing": pl.Int64(),
    }
    return pl.DataFrame(rows, schema=schema)


def level_bars(values: pl.DataFrame, rules: ServiceRules) -> pl.DataFrame:
    """Each band of sizes with its projects by fit: place, band, level, a column for each of FITS, projects.

    `values` are rows of `metric_values` of `level_metrics`. The largest band first.
    """
    known = {row["metric_id"]: int(row["numerator"]) for row in values.iter_rows(named=True)}
    rows = [
        {"place": str(place), "band": band, "level": level.name}
        | {fit: known[f"level_{place}_{fit}"] for fit in FITS}
        for place, (level, band) in enumerate(zip(rules.levels, band_terms(rules), strict=True))
    ]
    schema = {
        **dict.fromkeys(("place", "band", "level"), pl.String()),
        **dict.fromkeys(FITS, pl.Int64()),
    }
    return pl.DataFrame(rows, schema=schema).with_columns(projects=pl.sum_horizontal(*FITS)).reverse()


def service_sentence(
    values: pl.DataFrame, levels: pl.DataFrame, rules: ServiceRules, period: str, subject: str
) -> str:
    """`截至2024年9月末，全市包保服务中的项目3,613个，五个一完整率60.1%；项目管家覆盖率90.0%；10亿元以上…`"""
    known = {row["metric_id"]: row for row in values.iter_rows(named=True)}

    def rate(metric_id: str) -> str:
        return percent_text(percent(known[metric_id]["numerator"], known[metric_id]["denominator"]))

    whole = f"（{_yi(rules.complete_from)}亿元以上）" if rules.complete_from else ""
    sentence = (
        f"截至{period_text(period)}末，{subject}签约至开工环节的项目中已明确包保领导的"
        f"{count_text(int(known['led_projects']['numerator']))}个，五个一完整率{whole}"
        f"{rate('service_complete_rate')}；{rules.helper}覆盖率{rate('steward_rate')}"
    )
    graded = {fit: int(levels[fit].sum()) for fit in FITS}
    projects = sum(graded.values())
    if projects:
        sentence += (
            f"；按规模应由相应层级领导包保的{count_text(projects)}个项目，达到要求的占"
            f"{percent_text(percent(graded['met'], projects))}，低于要求{count_text(graded['below'])}个"
        )
    if known["review_rate"]["denominator"]:
        sentence += f"；10亿元以上签约前研判率{rate('review_rate')}"
    return sentence + "。"


def rule_words(rules: ServiceRules) -> list[str]:
    """The city's rules as they are set, a sentence each."""
    told = [
        f"总投资{band}：{level.name}（台账写作{'、'.join(level.words)}）"
        for level, band in zip(rules.levels, band_terms(rules), strict=True)
    ]
    return [
        f"包保层级：{'；'.join(told)}。更高一级的领导包保也算达到要求。",
        f"依据：{rules.document}，{rules.clause}。{rules.label}。",
        f"{rules.helper}：{rules.helper_clause or '本系统默认'}。",
        "五个一：一个项目、一名领导（包保领导）、一套专班、一个方案（推进方案）、一抓到底（责任人），以台账填报为准。",
    ]


def leaders_named(facts: pl.DataFrame) -> pl.DataFrame:
    """The facts once for each leader named: a text of several names (张三、李四) is several leaders.

    Adds `person`; a project without a leader has no row.
    """
    names = (
        pl.col("leader")
        .str.replace_all(r"[，,；;/\n]", "、")
        .str.split("、")
        .list.eval(pl.element().str.strip_chars().filter(pl.element().str.strip_chars() != ""))
        .list.unique(maintain_order=True)
    )
    return facts.filter(filed("leader")).with_columns(person=names).explode("person").drop_nulls("person")


def leader_load(facts: pl.DataFrame, problems: pl.DataFrame | None, by: str) -> pl.DataFrame:
    """What each leader has to serve, the most loaded first by one of GROUPS.

    `facts` has FACTS of one period, `problems` project_id of the open problems (None:
    that ledger was not filed). Returns person, levels (as filed), filed_as (the texts of the ledger that
    name this leader), projects, sized (those with a total investment), investment (万元, null where none is
    known), red, yellow, problems (of these projects, null where not known).
    """
    held_up = facts.select("project_id").clear() if problems is None else problems
    count = held_up.group_by("project_id").agg(problems=pl.len().cast(pl.Int64))
    known = pl.col("problems").sum().cast(pl.Int64)
    counted = ~pl.col("is_exempt").fill_null(value=False)
    return (
        leaders_named(facts.filter(in_service()))
        .join(count, on="project_id", how="left")
        .group_by("person")
        .agg(
            levels=pl.col("leader_level").drop_nulls().unique().sort(),
            filed_as=pl.col("leader").unique().sort(),
            projects=pl.len().cast(pl.Int64),
            sized=pl.col("investment_total").count().cast(pl.Int64),
            investment=pl.when(pl.col("investment_total").count() > 0).then(
                pl.col("investment_total").cast(EXACT).sum()
            ),
            red=((pl.col("light") == "red") & counted).sum().cast(pl.Int64),
            yellow=((pl.col("light") == "yellow") & counted).sum().cast(pl.Int64),
            problems=pl.lit(None, pl.Int64) if problems is None else known,
        )
        .sort(by, "projects", "person", descending=[True, True, False], nulls_last=True)
    )


def shown_leaders(load: pl.DataFrame) -> pl.DataFrame:
    """The first leaders of `leader_load`, as the figure shows them, with their amount in words."""
    return load.head(_SHOWN).with_columns(
        amount=pl.Series([amount_text(wan) for wan in load.head(_SHOWN)["investment"]], dtype=pl.String)
    )


_SHOWN = 12
"""Leaders in the figure; the table has all."""


def leader_filters(load: pl.DataFrame) -> dict[str, tuple[str, ...]]:
    """Every text of the ledger that names a leader, by leader."""
    return {person: tuple(texts) for person, texts in load.select("person", "filed_as").iter_rows()}


def leader_options(load: pl.DataFrame) -> dict[str, str]:
    """Leaders to choose from by name, `all` first; the same person once, whatever the level."""
    return {"all": "全部包保领导"} | {
        person: f"{person}（{count}个）"
        for person, count in load.select("person", "projects").sort("person").iter_rows()
    }


def load_words(load: pl.DataFrame) -> pl.DataFrame:
    """The load of every leader under Chinese terms."""
    return load.select(
        pl.col("person").alias("包保领导"),
        pl.col("levels").list.join("、").replace("", MISSING).alias("包保层级"),
        pl.col("projects").alias("项目（个）"),
        pl.Series("总投资（亿元）", [hundred_millions_text(wan) for wan in load["investment"]], pl.String),
        (pl.col("projects") - pl.col("sized")).alias("未报总投资（个）"),
        pl.col("red").alias("■ 红灯"),
        pl.col("yellow").alias("▲ 黄灯"),
        pl.col("problems").alias("未办结问题"),
    )


def load_line(load: pl.DataFrame, values: pl.DataFrame) -> str:
    """How many leaders serve how many projects; `values` has `led_projects`, where each counts once."""
    if load.is_empty():
        return "没有填报包保领导的项目。"
    projects = int(values.filter(pl.col("metric_id") == "led_projects")["numerator"][0])
    most = load.sort("projects", "person", descending=[True, False]).row(0, named=True)
    return (
        f"{count_text(load.height)}名包保领导服务{count_text(projects)}个项目，"
        f"最多的{most['person']}{count_text(most['projects'])}个；"
        "几名领导共同包保的项目各计一次，合计只计一次；同名的按一人计。"
    )


def area_words(values: pl.DataFrame, names: Mapping[str, str], rules: ServiceRules) -> pl.DataFrame:
    """The rates area by area under Chinese terms, each with numerator and denominator; by area code."""
    terms = {
        "service_complete_rate": "五个一完整率",
        "leader_rate": "包保领导",
        "team_rate": "专班",
        "plan_document_rate": "推进方案",
        "responsible_rate": "责任人",
        "steward_rate": f"{rules.helper}覆盖率",
        "review_rate": "签约前研判率",
    }
    rows: dict[str, dict[str, str]] = {}
    for row in values.sort("area_id").iter_rows(named=True):
        if term := terms.get(row["metric_id"]):
            told = rows.setdefault(row["area_id"], {"责任地区": names.get(row["area_id"], row["area_id"])})
            told[term] = _share_words(row)
    return pl.DataFrame(list(rows.values()), schema=dict.fromkeys(("责任地区", *terms.values()), pl.String))


def _share_words(row: Mapping[str, Any]) -> str:
    share = percent(row["numerator"], row["denominator"])
    if share is None:
        return MISSING
    return (
        f"{percent_text(share)}（{count_text(int(row['numerator']))}/{count_text(int(row['denominator']))}）"
    )


def incomplete_projects(facts: pl.DataFrame, rules: ServiceRules) -> pl.DataFrame:
    """Projects that lack one of 五个一, or whose leader is of another level than their size asks for.

    `facts` has FACTS of one period. Adds lacking (terms of what is not filed) and fit; the largest first.
    """
    asked = (pl.col("investment_total") >= rules.complete_from) | (rules.complete_from == 0)
    lacking = pl.concat_list(
        pl.when(pl.col(column).is_null() & asked.fill_null(value=False)).then(pl.lit(term))
        for column, term in _ONES.items()
    ).list.drop_nulls()
    return (
        facts.filter(in_service())
        .with_columns(
            lacking=lacking,
            fit=leader_fit(rules),
            required=required_level(rules),
        )
        .filter((pl.col("lacking").list.len() > 0) | pl.col("fit").is_in(["below", "unknown", "none"]))
        .sort("investment_total", "project_id", descending=[True, False], nulls_last=True)
    )


def incomplete_words(
    found: pl.DataFrame, rows: pl.DataFrame, names: Mapping[str, str], rules: ServiceRules
) -> pl.DataFrame:
    """The same under Chinese terms: 项目名称, 责任地区, 环节, 总投资（亿元）, 所缺, 应由, 现由, 层级."""
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    told = [(row, known.get(row["project_id"], {})) for row in found.iter_rows(named=True)]
    words = {
        "项目名称": [project.get("name") for _, project in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row, _ in told],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for row, _ in told],
        "所缺": ["、".join(row["lacking"]) or MISSING for row, _ in told],
        "应由": [_level_name(rules.levels, row["required"]) for row, _ in told],
        "现由": [_led_by(row) for row, _ in told],
        "层级": [FITS.get(row["fit"], MISSING) for row, _ in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def _level_name(levels: Sequence[Level], place: int | None) -> str:
    return MISSING if place is None else levels[place].name


def _led_by(row: Mapping[str, Any]) -> str:
    if row["leader"] is None:
        return MISSING
    return f"{row['leader']}（{row['leader_level'] or '层级未填'}）"


def led_projects(lit: pl.DataFrame, person: str) -> pl.DataFrame:
    """The projects of one leader that have not left, from `lit` (rows of `project_lights` with leader).

    Red first, then yellow, then by size. A text of several names counts for each of them.
    """
    rank = {"red": 0, "yellow": 1, "green": 2, "grey": 3}
    return (
        leaders_named(lit)
        .filter(pl.col("person") == person)
        .with_columns(place=pl.col("light").replace_strict(rank, default=3))
        .sort("place", "investment_total", "project_id", descending=[False, True, False], nulls_last=True)
        .drop("place")
    )


def unsized_line(values: pl.DataFrame) -> str:
    """How many projects have no total investment, so that no level can be asked for."""
    (count,) = values.filter(pl.col("metric_id") == "level_unsized")["numerator"]
    return f"另有{count_text(int(count))}个项目没有填报总投资，无法判断应由哪一级领导包保。" if count else ""


def leader_sentence(
    person: str,
    led: pl.DataFrame,
    problems: pl.DataFrame | None,
    decisions: pl.DataFrame | None,
    period: str,
) -> str:
    """`截至2024年9月末，王五包保项目24个，总投资86.20亿元，红灯3个、黄灯5个；未办结问题4个，未办结交办事项1项。`

    `problems` or `decisions` None: that ledger was not filed.
    """
    serving = led.filter(in_service())
    counted = serving.filter(~pl.col("is_exempt"))
    red, yellow = (int((counted["light"] == light).sum()) for light in ("red", "yellow"))
    amounts = serving["investment_total"].drop_nulls().to_list()
    sentence = (
        f"截至{period_text(period)}末，{person}包保的签约至开工环节项目{count_text(serving.height)}个，"
        f"总投资{amount_text(sum(amounts) if amounts else None)}"
    )
    if len(amounts) < serving.height:
        sentence += f"（{count_text(serving.height - len(amounts))}个未报总投资）"
    sentence += f"，红灯{count_text(red)}个、黄灯{count_text(yellow)}个"
    for term, unit, frame in (("受阻问题", "个", problems), ("交办事项", "项", decisions)):
        if frame is None:
            sentence += f"，{term}台账还没有报送"
        else:
            sentence += f"，未办结{term}{count_text(frame.height)}{unit}"
    rest = led.height - serving.height
    return sentence + (f"；另有其他环节的项目{count_text(rest)}个。" if rest else "。")


def led_words(
    led: pl.DataFrame,
    rows: pl.DataFrame,
    names: Mapping[str, str],
    stage_terms: Mapping[str, str],
) -> pl.DataFrame:
    """A leader's projects under Chinese terms, in the order of `led`: 灯, 项目名称, 责任地区, 环节,
    总投资（亿元）, 形象进度, 责任人, 依据."""
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    terms = {**STAGE_TERMS, **stage_terms}
    told = [(row, known.get(row["project_id"], {})) for row in led.iter_rows(named=True)]
    words = {
        "灯": [" ".join(LIGHTS[row["light"]]) + ("（豁免）" if row["is_exempt"] else "") for row, _ in told],
        "项目名称": [project.get("name") for _, project in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row, _ in told],
        "环节": [terms.get(row["stage"], "阶段不明") for row, _ in told],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for row, _ in told],
        "形象进度": [project.get("progress_text") for _, project in told],
        "责任人": [project.get("responsible_person") for _, project in told],
        "亮灯依据": ["；".join(sentence for _, sentence in light_reasons(row)) for row, _ in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def open_decisions(
    decisions: pl.DataFrame, person: str, project_ids: Sequence[str], end: date
) -> pl.DataFrame:
    """Decisions not closed by that day that name the person or are about one of these projects.

    `decisions` are rows of the query `decision_rows`. The earliest due first.
    """
    named = pl.col("person").str.contains(person, literal=True).fill_null(value=False)
    is_closed = (pl.col("closed_on") <= end).fill_null(value=False)
    return decisions.filter(~is_closed, named | pl.col("project_id").is_in(list(project_ids))).sort(
        "due_on", "area_id", "decision_id", nulls_last=True
    )


def decision_words(decisions: pl.DataFrame, end: date) -> pl.DataFrame:
    """Open decisions under Chinese terms: 状态, 完成时限, 交办事项, 项目名称, 责任单位, 责任人."""
    return decisions.select(
        _due_words(end).alias("状态"),
        pl.col("due_on").cast(pl.String).alias("完成时限"),
        pl.col("text").alias("交办事项"),
        pl.col("name").alias("项目名称"),
        pl.col("unit").alias("责任单位"),
        pl.col("person").alias("责任人"),
    )


def problem_words(problems: pl.DataFrame, end: date) -> pl.DataFrame:
    """Open problems under Chinese terms: 状态, 办结时限, 项目名称, 问题类别, 问题描述, 问题层级, 责任单位.

    `problems` are rows of the query `problem_rows`; the earliest due first.
    """
    return problems.sort("due_on", "row_key", nulls_last=True).select(
        _due_words(end).alias("状态"),
        pl.col("due_on").cast(pl.String).alias("办结时限"),
        pl.col("name").alias("项目名称"),
        pl.col("class").alias("问题类别"),
        pl.col("description").alias("问题描述"),
        pl.col("level").alias("问题层级"),
        pl.col("unit").alias("责任单位"),
    )


def _due_words(end: date) -> pl.Expr:
    return (
        pl.when(pl.col("due_on").is_null())
        .then(pl.lit("○ 未定时限"))
        .when(pl.col("due_on") < end)
        .then(pl.lit("■ 已过时限"))
        .otherwise(pl.lit("● 时限内"))
    )
