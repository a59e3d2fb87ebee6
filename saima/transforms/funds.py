"""Funds: asked for, approved, arrived and paid, by source and domain; what lies idle and what must start.

Source: 沈阳“四个一批”方案 二（一）1, 二（三）13; 大政办发〔2023〕2号 五（三）; an unsigned paper 一（二）;
data-model.md section 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.metrics import EXACT
from saima.metrics.facts import (
    approved_in_the_first_half,
    filed,
    occurred,
    treasury_of_the_second_half,
    without_work,
    won_from_above,
)
from saima.reference import FundRules
from saima.wording import (
    MISSING,
    amount_text,
    count_text,
    hundred_millions_text,
    months_text,
    percent,
    percent_text,
    rounded,
)

TOLD = (
    *("funds_won", "payment_rate", "payment_rate_of_the_year", "funds_arrived_this_year"),
    *("funds_without_work", "funded_projects", "funded_projects_started", "treasury_projects_started"),
    "credit_amount",
)
"""The metrics of the page."""

PARTS: Mapping[str, str] = MappingProxyType(
    {"requested": "申请", "approved": "获批", "arrived": "到位", "paid": "支付"}
)
"""Amounts of a fund on its way, each of which is said of its own."""

FACTS = (
    *("row_key", "project_id", "area_id", "year_from", "end_on", "source", "domain", *PARTS),
    *("approved_on", "issued_on", "arrived_on", "physical_on", "started_on"),
)
"""Columns of `fund_facts` that the page is told from."""

_LISTED = 200
"""Rows in a table."""


def _total(amount: pl.Expr) -> pl.Expr:
    return pl.when(amount.count() > 0).then(amount.cast(EXACT).sum())


def source_chain(facts: pl.DataFrame, rules: FundRules) -> pl.DataFrame:
    """Each source with what was asked for, approved, arrived and paid of the funds on the ledger.

    Columns: source, funds, requested, approved, arrived, paid (Decimal 万元, null where nothing is
    reported), won (of the year), idle (arrived 3 months ago or more without work). Sources of the rules
    that have funds, in their order; others after them.
    """
    order = {source.name: place for place, source in enumerate(rules.sources)}
    return (
        facts.group_by("source")
        .agg(
            funds=pl.len().cast(pl.Int64),
            **{part: _total(pl.col(part)) for part in PARTS},
            won=_total(pl.col("approved").filter(won_from_above())),
            idle=_total(pl.col("arrived").filter(without_work(3))),
        )
        .with_columns(place=pl.col("source").replace_strict(order, default=len(order), return_dtype=pl.Int64))
        .sort("place", "source", nulls_last=True)
        .drop("place")
    )


def payment_rows(facts: pl.DataFrame, rules: FundRules) -> pl.DataFrame:
    """Payment by source as `charts.funnel.rate_bars` wants it: of funds that have arrived and say both."""
    both = facts.filter(occurred("arrived") & filed("arrived", "paid"))
    rows = []
    for row in source_chain(both, rules).iter_rows(named=True):
        share = percent(row["paid"], row["arrived"])
        rows.append(
            {
                "metric_id": row["source"],
                "name": row["source"],
                "value": float(row["paid"]) / float(row["arrived"]) if row["arrived"] else None,
                "target": rules.payment_goal,
                "light": None,
                "said": percent_text(share),
                "parts": f"{hundred_millions_text(row['paid'])}/{hundred_millions_text(row['arrived'])}亿",
            }
        )
    texts = dict.fromkeys(("metric_id", "name", "light", "said", "parts"), pl.String())
    return pl.DataFrame(rows, schema=texts | dict.fromkeys(("value", "target"), pl.Float64()))


def won_by_source(now: pl.DataFrame, before: pl.DataFrame | None, rules: FundRules) -> pl.DataFrame:
    """What was won this year by source beside the same months of last year: source, won, last, growth.

    Decimal 万元 each, null where nothing is known; growth the printed % with its sign, or 无上年同期.
    `before` is None where last year has no snapshot of the month.
    """
    here = _won(now, rules)
    if before is None:
        there = here.select("source", last=pl.lit(None, EXACT))
    else:
        there = _won(before, rules).rename({"won": "last"})
    joined = here.join(there, on="source", how="full", coalesce=True, maintain_order="left_right")
    growth = [growth_text(row["won"], row["last"]) for row in joined.iter_rows(named=True)]
    return joined.with_columns(growth=pl.Series(growth, dtype=pl.String))


def _won(facts: pl.DataFrame, rules: FundRules) -> pl.DataFrame:
    return source_chain(facts.filter(won_from_above()), rules).select("source", "won")


def growth_of(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """Growth in % as printed; None without one of the two amounts, or against nothing."""
    return None if now is None or not before else rounded((now - before) / before * 100, 1)


def growth_text(now: Decimal | None, before: Decimal | None) -> str:
    """`+34.3%`, or that there is nothing to compare with."""
    growth = growth_of(now, before)
    return "无上年同期" if growth is None else f"{growth:+,f}%"


def funds_sentence(
    values: pl.DataFrame, won: pl.DataFrame, period: str, subject: str, currency: str = "元"
) -> str:
    """`1—9月，全市争取上级资金238.6亿元，同比增长34.3%；到位资金支付率92.6%；
    到位满3个月未形成实物工作量23.21亿元（14笔）。`"""
    row = {one["metric_id"]: one for one in values.iter_rows(named=True)}
    last: list[Decimal] = won["last"].drop_nulls().to_list()
    growth = growth_of(row["funds_won"]["numerator"], sum(last, Decimal(0)) if last else None)
    rate, idle = row["payment_rate"], row["funds_without_work"]
    said = "，没有上年同期可比"
    if growth is not None:
        said = f"，同比{'下降' if growth < 0 else '增长'}{percent_text(abs(growth))}"
    return (
        f"{months_text(period)}，{subject}争取上级资金{amount_text(row['funds_won']['numerator'], currency)}"
        f"{said}；到位资金支付率{percent_text(percent(rate['numerator'], rate['denominator']))}；"
        f"到位满3个月未形成实物工作量{amount_text(idle['numerator'], currency)}"
        f"（{count_text(idle['projects'])}笔）。"
    )


def spending_sentence(values: pl.DataFrame, period: str, rules: FundRules, currency: str = "元") -> str:
    """`本年到位120.0亿元，其中填报支付的120.0亿元已支付80.00亿元（66.7%），年底前应全部支付，还差40.00亿元，
    今后每月需13.33亿元。`"""
    row = {one["metric_id"]: one for one in values.iter_rows(named=True)}
    arrived = row["funds_arrived_this_year"]["numerator"]
    rate = row["payment_rate_of_the_year"]
    if arrived is None or rate["denominator"] is None:
        return "本年还没有到位的资金。"
    left, months = rate["denominator"] - rate["numerator"], 12 - int(period[5:])
    ahead = f"，今后每月需{amount_text(left / months, currency)}" if months and left > 0 else ""
    line = f"；{rules.payment_source}" if rules.payment_source else ""
    return (
        f"本年到位{amount_text(arrived, currency)}，"
        f"其中填报支付的{amount_text(rate['denominator'], currency)}"
        f"已支付{amount_text(rate['numerator'], currency)}"
        f"（{percent_text(percent(rate['numerator'], rate['denominator']))}），"
        f"年底前应全部支付，还差{amount_text(left, currency)}{ahead}{line}。"
    )


def credit_sentence(values: pl.DataFrame, meetings: int | None, currency: str = "元") -> str:
    """`本年举办银企对接12场；105个项目获得授信277.6亿元。`"""
    (row,) = values.filter(pl.col("metric_id") == "credit_amount").to_dicts()
    held = "调度活动台账没有报送，银企对接场次不详" if meetings is None else f"本年举办银企对接{meetings}场"
    if row["numerator"] is None:
        return f"{held}；项目台账没有填报授信。"
    return f"{held}；{count_text(row['projects'])}个项目获得授信{amount_text(row['numerator'], currency)}。"


def chain_words(facts: pl.DataFrame, rules: FundRules) -> pl.DataFrame:
    """Sources under Chinese terms, amounts in 亿元: 资金来源, 笔数, those of PARTS, 本年争取, and what lies
    without work."""
    rows = list(source_chain(facts, rules).iter_rows(named=True))
    return _amount_words("资金来源", [row["source"] for row in rows], rows)


def _amount_words(term: str, names: Sequence[str | None], rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    words = {
        term: [name or f"未填{term}" for name in names],
        "笔数": [row["funds"] for row in rows],
        **{
            f"{words}（亿元）": [hundred_millions_text(row[part]) for row in rows]
            for part, words in PARTS.items()
        },
        "本年争取（亿元）": [hundred_millions_text(row["won"]) for row in rows],
        "满3个月未形成实物工作量（亿元）": [hundred_millions_text(row["idle"]) for row in rows],
    }
    return pl.DataFrame(words, schema_overrides={term: pl.String, "笔数": pl.Int64})


def domain_words(facts: pl.DataFrame, rules: FundRules) -> pl.DataFrame:
    """Domains of every source under Chinese terms, those of the rules without money among them; what the
    ledger names beside the rules is marked. Columns as `chain_words` and 投向领域, 说明."""
    found = {
        (source, domain): source_chain(part, rules).row(0, named=True)
        for (source, domain), part in facts.partition_by("source", "domain", as_dict=True).items()
    }
    listed = [(source.name, domain) for source in rules.sources for domain in source.domains]
    beside = sorted(
        (pair for pair in found if pair not in set(listed)), key=lambda p: (p[0] or "", p[1] or "")
    )
    sources = {row[0] for row in found}
    shown = [pair for pair in listed if pair[0] in sources] + beside
    nothing = {"funds": 0, "won": None, "idle": None} | dict.fromkeys(PARTS)
    rows = [found.get(pair, nothing) for pair in shown]
    words = _amount_words("资金来源", [source for source, _ in shown], rows)
    return words.insert_column(
        1, pl.Series("投向领域", [domain or "未填投向领域" for _, domain in shown], dtype=pl.String)
    ).with_columns(
        说明=pl.Series(["" if pair in set(listed) else "不在领域表内" for pair in shown], dtype=pl.String)
    )


def domain_sentence(facts: pl.DataFrame, rules: FundRules) -> str:
    """`超长期特别国债14个领域中10个有资金；地方政府专项债券11个领域中9个有资金。`"""
    told = []
    for source in rules.sources:
        of_source = facts.filter(pl.col("source") == source.name)
        if source.domains and not of_source.is_empty():
            served = of_source.filter(pl.col("domain").is_in(source.domains))["domain"].n_unique()
            told.append(f"{source.name}{len(source.domains)}个领域中{served}个有资金")
    return "；".join(told) + "。" if told else ""


def idle_words(facts: pl.DataFrame, rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Funds that arrived 3 months ago or more without work under Chinese terms, the longest first.

    `rows` are the ledger rows of `idle_keys`.
    """
    known = {row["row_key"]: row for row in rows.iter_rows(named=True)}
    told = [(row, known[row["row_key"]]) for row in _idle(facts).iter_rows(named=True)]
    words = {
        "到位天数": [row["days"] for row, _ in told],
        "项目名称": [filed["name"] for _, filed in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row, _ in told],
        "项目单位": [filed["owner"] for _, filed in told],
        "资金来源": [filed["source"] for _, filed in told],
        "到位": [str(row["arrived_on"]) for row, _ in told],
        "到位金额（亿元）": [hundred_millions_text(row["arrived"]) for row, _ in told],
        "累计支付（亿元）": [hundred_millions_text(row["paid"]) for row, _ in told],
        "项目开工": [str(row["started_on"] or "未开工") for row, _ in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String) | {"到位天数": pl.Int64})


def _idle(facts: pl.DataFrame) -> pl.DataFrame:
    return (
        facts.filter(without_work(3))
        .with_columns(days=(pl.col("end_on") - pl.col("arrived_on")).dt.total_days())
        .sort("days", "row_key", descending=[True, False])
        .head(_LISTED)
    )


def idle_keys(facts: pl.DataFrame) -> tuple[str, ...]:
    """Keys of the funds in `idle_words`, in its order."""
    return tuple(_idle(facts)["row_key"])


@dataclass(frozen=True)
class Deadline:
    """Projects with money of a kind that must start by a day: None where no document of the city says one."""

    name: str
    metric: str
    kind: pl.Expr
    due_on: date | None


def deadlines(milestones: Mapping[str, date]) -> tuple[Deadline, Deadline]:
    """The two deadlines of S0, with the days that the city's calendar has for their metrics."""
    kinds = (
        ("上半年获批上级资金项目", "funded_projects_started", approved_in_the_first_half()),
        ("下半年获批超长期特别国债项目", "treasury_projects_started", treasury_of_the_second_half()),
    )
    first, second = (Deadline(name, metric, kind, milestones.get(metric)) for name, metric, kind in kinds)
    return first, second


def deadline_sentence(facts: pl.DataFrame, deadline: Deadline) -> str:
    """`上半年获批上级资金项目66个，应于2024-09-30前开工：已开工52个，未开工14个。`"""
    projects = _to_start(facts, deadline)
    started = projects.filter(occurred("started")).height
    due = f"，应于{deadline.due_on}前开工" if deadline.due_on else "，文件没有规定开工期限"
    return (
        f"{deadline.name}{count_text(projects.height)}个{due}："
        f"已开工{count_text(started)}个，未开工{count_text(projects.height - started)}个。"
    )


def deadline_keys(facts: pl.DataFrame, deadline: Deadline) -> tuple[str, ...]:
    """Projects of a deadline that have not started."""
    waiting = _to_start(facts, deadline).filter(~occurred("started"))
    return tuple(waiting["project_id"].drop_nulls())


def deadline_words(
    facts: pl.DataFrame, deadline: Deadline, rows: pl.DataFrame, names: Mapping[str, str]
) -> pl.DataFrame:
    """Projects of a deadline that have not started, under Chinese terms; `rows` their rows in the project
    ledger."""
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    waiting = _to_start(facts, deadline).filter(~occurred("started"))
    told = [(row, known.get(row["project_id"], {})) for row in waiting.iter_rows(named=True)]
    words = {
        "状态": [_deadline_state(row["end_on"], deadline.due_on) for row, _ in told],
        "项目名称": [project.get("name") for _, project in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row, _ in told],
        "项目单位": [project.get("owner") for _, project in told],
        "资金来源": [row["source"] for row, _ in told],
        "获批": [str(row["approved_on"] or MISSING) for row, _ in told],
        "获批金额（亿元）": [hundred_millions_text(row["approved"]) for row, _ in told],
        "计划开工": [str(project.get("start_due_on") or MISSING) for _, project in told],
        "责任人": [project.get("responsible_person") for _, project in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def _deadline_state(end: date, due: date | None) -> str:
    if due is None:
        return "○ 没有期限"
    return f"■ 逾期{(end - due).days}天" if end > due else ("■ 今日到期" if end == due else "▲ 未到期")


def _to_start(facts: pl.DataFrame, deadline: Deadline) -> pl.DataFrame:
    """A row for each project of the deadline, with its first fund of that kind and what all bring."""
    return (
        facts.filter(deadline.kind & pl.col("project_id").is_not_null())
        .sort("approved_on", "row_key", nulls_last=True)
        .group_by("project_id", maintain_order=True)
        .agg(
            pl.col("area_id", "source", "approved_on", "started_on", "end_on").first(),
            approved=_total(pl.col("approved")),
        )
    )
