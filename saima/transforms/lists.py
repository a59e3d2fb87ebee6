"""Lists of projects: who is filed on them, who should be by their rules, how they overlap, what they bring.

Source: 大政办发〔2023〕2号 二; the rules of each city are in data/reference/lists, the bounds that the
document leaves open are ours and say so there.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.ledgers import STAGE_TERMS
from saima.metrics import EXACT, Metric, members_metric, total_of
from saima.metrics.facts import (
    CARRY_KINDS,
    EVENTS,
    carry_kind,
    happened,
    in_stage,
    occurred,
    of_the_year,
    stands,
    won,
)
from saima.reference import ListRule, ListRules
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

FACTS = (
    *("project_id", "area_id", "category", "chain", "stage", "lists", "tags", "nature", "asset_kind"),
    *("lead_unit", "end_on", "year_from", "investment_total", "plan_year", "invested_year"),
    *("baseline_start_due_on", "planned_to_date", "exited_on", *(f"{event}_on" for event in EVENTS)),
)
"""What lists ask of a project: columns of `project_facts`."""

FUND_FACTS = ("project_id", "source", "end_on", "approved", "approved_on", "issued_on", "arrived_on")
"""What they ask of its funds: columns of `fund_facts`."""

BASES: Mapping[str, str] = MappingProxyType({"reported": "按填报", "computed": "按规则"})
"""Whom a list counts: those filed on it, or those that its rule makes members."""

DIFFERENCES: Mapping[str, str] = MappingProxyType(
    {"missing": "应列未列", "extra": "列入不合规则", "unknown": "列入、无法判定"}
)

COMBINATIONS = 12
"""Combinations of lists that the figure shows; the rest is counted."""

_TERMS = {**STAGE_TERMS, "finished": "竣工投产"}


def won_sources(funds: pl.DataFrame) -> pl.DataFrame:
    """The sources of what each project has won: project_id, fund_sources (list of text, sorted).

    `funds` has FUND_FACTS; what belongs to no project is left out.
    """
    return (
        funds.filter(won() & pl.col("project_id").is_not_null())
        .group_by("project_id")
        .agg(fund_sources=pl.col("source").drop_nulls().unique().sort())
    )


def list_memberships(
    facts: pl.DataFrame, rules: ListRules, won_by_project: pl.DataFrame, fund_areas: Collection[str]
) -> pl.DataFrame:
    """Each project and list that it is filed on, or that its rule makes it a member of, or may do.

    `facts` has FACTS of the whole city's projects, `won_by_project` is the frame of `won_sources`,
    `fund_areas` the areas whose ledger of funds is known. Returns project_id, list, reported, computed
    (null where it cannot be told; of a list without a rule as reported), met, failed and unknown (names of
    the rule's conditions). Projects that have left are on no list. A tag that no project of the city has is
    not known of any.
    """
    known = facts.filter(stands()).join(won_by_project, on="project_id", how="left")
    is_told = pl.col("area_id").is_in(list(fund_areas))
    known = known.with_columns(
        lists=pl.col("lists").fill_null([]),
        tags=pl.col("tags").fill_null([]),
        fund_sources=pl.when(is_told | pl.col("fund_sources").is_not_null()).then(
            pl.col("fund_sources").fill_null([])
        ),
    )
    told: dict[str, pl.DataFrame] = {}
    # A list that takes in others is told after them.
    for rule in sorted(rules.rules, key=lambda rule: len(rule.includes)):
        inside = [told[name].filter(reported=True)["project_id"] for name in rule.includes if name in told]
        inside += [told[name].filter(computed=True)["project_id"] for name in rule.includes if name in told]
        included = {project for projects in inside for project in projects}
        told[rule.list] = _members_of(known, rule, included)
    ordered = [told[rule.list] for rule in rules.rules]
    return pl.concat(ordered) if ordered else _members_of(known.clear(), ListRule(""), ())


def _members_of(known: pl.DataFrame, rule: ListRule, included: Collection[str]) -> pl.DataFrame:
    conditions = _conditions(rule, included)
    reported = pl.col("lists").list.contains(rule.list)
    names = {
        state: pl.concat_list(
            [pl.when(_is(condition, value)).then(pl.lit(name)) for name, condition in conditions.items()]
        ).list.drop_nulls()
        if conditions
        else pl.lit([], pl.List(pl.String))
        for state, value in (("met", True), ("failed", False), ("unknown", None))
    }
    computed = pl.all_horizontal(*conditions.values()) if conditions else reported
    return known.select(
        "project_id", list=pl.lit(rule.list), reported=reported, computed=computed, **names
    ).filter(pl.col("reported") | pl.col("computed").fill_null(value=True))


def _is(condition: pl.Expr, value: bool | None) -> pl.Expr:
    return condition.is_null() if value is None else condition.eq_missing(pl.lit(value))


def _conditions(rule: ListRule, included: Collection[str]) -> dict[str, pl.Expr]:
    """The rule's conditions by name; true, false, or null where the ledger does not say."""
    if not rule.is_computed:
        return {}
    told = {"of_year": of_the_year()}
    if rule.investment_from is not None:
        amount = pl.col("investment_total")
        is_large = amount >= _amount(rule.investment_from)
        if rule.relaxed_from is not None:
            is_entitled = _tagged(rule.relaxed_tags) | pl.col("nature").is_in(rule.relaxed_natures).fill_null(
                value=False
            )
            is_large = is_large | ((amount >= _amount(rule.relaxed_from)) & is_entitled)
        told["size"] = is_large | pl.col("project_id").is_in(list(included))
    if rule.tags:
        has_tag = _tagged(rule.tags)
        told["tags"] = pl.when(has_tag.any()).then(has_tag)
    if rule.stages:
        told["stages"] = pl.when(pl.col("stage").is_not_null()).then(in_stage(*rule.stages))
    if rule.event:
        told["event"] = happened(rule.event)
    if rule.awaits_landing:
        awaits = occurred("signed") & ~occurred("landed")
        told["landing"] = pl.when(~awaits | pl.col("asset_kind").is_not_null()).then(awaits)
    if rule.fund_sources:
        told["funds"] = pl.col("fund_sources").list.set_intersection(list(rule.fund_sources)).list.len() > 0
    return told


def _amount(wan: float) -> pl.Expr:
    return pl.lit(Decimal(repr(wan))).cast(pl.Decimal(18, 4))


def _tagged(tags: Sequence[str]) -> pl.Expr:
    """Whether a project has a tag of one of these schemes, or one of these tags."""
    asked = (pl.element() == tag if ":" in tag else pl.element().str.starts_with(f"{tag}:") for tag in tags)
    return pl.col("tags").list.eval(pl.any_horizontal(False, *asked)).list.any()


def members_of(memberships: pl.DataFrame, basis: str) -> pl.DataFrame:
    """(list, project_id) of one of BASES; what cannot be told is no member by the rule."""
    return memberships.filter(pl.col(basis).fill_null(value=False)).select("list", "project_id")


def list_rows(
    memberships: pl.DataFrame, facts: pl.DataFrame, rules: ListRules, names: Mapping[str, str], basis: str
) -> pl.DataFrame:
    """A row for each list, in order, then `sum` of the lists that are counted together and `distinct`.

    Returns list, name, is_beside, reported, computed (null of a list without a rule), missing, extra,
    unknown (projects), and of the members by `basis`: projects, told (with an investment), investment_total,
    invested_year, planned (with plan and progress), plan_year and done (of those), Decimals of 万元.
    """
    members = members_of(memberships, basis).join(facts, on="project_id")
    both = pl.col("plan_year").is_not_null() & pl.col("invested_year").is_not_null()
    amounts = {
        "projects": pl.col("project_id").n_unique().cast(pl.Int64),
        "told": pl.col("investment_total").count().cast(pl.Int64),
        "investment_total": total_of("investment_total"),
        "invested_year": total_of("invested_year"),
        "planned": both.sum().cast(pl.Int64),
        "plan_year": total_of("plan_year", both),
        "done": total_of("invested_year", both),
    }
    own = members.group_by("list").agg(**amounts)
    counts = memberships.group_by("list").agg(
        reported=pl.col("reported").sum().cast(pl.Int64),
        computed=pl.col("computed").fill_null(value=False).sum().cast(pl.Int64),
        missing=_difference("missing").sum().cast(pl.Int64),
        extra=_difference("extra").sum().cast(pl.Int64),
        unknown=pl.col("computed").is_null().sum().cast(pl.Int64),
    )
    listed = pl.DataFrame(
        [
            (rule.list, names.get(rule.list, rule.list), rule.is_beside, rule.is_computed)
            for rule in rules.rules
        ],
        {"list": pl.String, "name": pl.String, "is_beside": pl.Boolean, "is_computed": pl.Boolean},
        orient="row",
    )
    rows = listed.join(counts, on="list", how="left").join(own, on="list", how="left")
    numbers = ("reported", "computed", "missing", "extra", "unknown", "projects", "told", "planned")
    rows = rows.with_columns(pl.col(numbers).fill_null(0)).with_columns(
        pl.when("is_computed").then(pl.col("computed", "missing", "extra", "unknown"))
    )
    together = rows.filter(~pl.col("is_beside"))
    sums = together.select(
        pl.lit("sum").alias("list"),
        pl.lit("各清单相加").alias("name"),
        *(
            pl.col(name).sum()
            for name in (*numbers, "investment_total", "invested_year", "plan_year", "done")
        ),
    )
    counted = [rule.list for rule in rules.counted]
    whole = members.filter(pl.col("list").is_in(counted)).unique("project_id").select(**amounts)
    distinct = {
        basis: memberships.filter(pl.col("list").is_in(counted) & pl.col(basis).fill_null(value=False))[
            "project_id"
        ].n_unique()
        for basis in BASES
    }
    whole = whole.select(
        pl.lit("distinct").alias("list"),
        pl.lit("合计（去重）").alias("name"),
        *(pl.lit(count, pl.Int64).alias(basis) for basis, count in distinct.items()),
        pl.all(),
    )
    return pl.concat([rows.drop("is_computed"), sums, whole], how="diagonal_relaxed").with_columns(
        pl.col("is_beside").fill_null(value=False)
    )


def _difference(kind: str) -> pl.Expr:
    reported, computed = pl.col("reported"), pl.col("computed")
    told = {
        "missing": ~reported & computed.fill_null(value=False),
        "extra": reported & ~computed.fill_null(value=True),
        "unknown": reported & computed.is_null(),
    }
    return told[kind]


def list_differences(memberships: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Memberships that are filed and not borne out by the rule, or the other way round.

    The columns of `list_memberships` and difference (one of DIFFERENCES); by list, then as in DIFFERENCES,
    the largest projects first. `facts` has project_id and investment_total.
    """
    difference = pl.coalesce(pl.when(_difference(kind)).then(pl.lit(kind)) for kind in DIFFERENCES)
    order = pl.Enum(memberships["list"].unique(maintain_order=True))
    return (
        memberships.with_columns(difference=difference)
        .filter(pl.col("difference").is_not_null())
        .join(facts.select("project_id", "investment_total"), on="project_id")
        .sort(
            pl.col("list").cast(order),
            pl.col("difference").cast(pl.Enum(list(DIFFERENCES))),
            "investment_total",
            "project_id",
            descending=[False, False, True, False],
            nulls_last=True,
        )
        .drop("investment_total")
    )


def list_changes(now: pl.DataFrame, before: pl.DataFrame, rules: ListRules) -> pl.DataFrame:
    """Who came onto a list since the last period, and who left one, as filed: project_id, list, change, why.

    `now` and `before` have project_id, lists and stage of two periods' projects; what has left is on no list.
    change is 列入 or 调出, why says whether the project is new to the ledger, has left it, or neither. By
    list, 列入 first, then by project.
    """
    order = {rule.list: place for place, rule in enumerate(rules.rules)}
    filed = [
        frame.filter(stands())
        .select("project_id", list=pl.col("lists"))
        .explode("list")
        .filter(pl.col("list").is_in(list(order)))
        for frame in (now, before)
    ]
    told = [
        part.join(other, on=["project_id", "list"], how="anti").with_columns(
            change=pl.lit(change),
            why=pl.when(~pl.col("project_id").is_in(elsewhere.implode()))
            .then(pl.lit(absent))
            .otherwise(pl.lit("")),
        )
        for part, other, change, absent, elsewhere in (
            (filed[0], filed[1], "列入", "台账新增项目", before["project_id"]),
            (filed[1], filed[0], "调出", "已退库或不在台账", now.filter(stands())["project_id"]),
        )
    ]
    return (
        pl.concat(told)
        .with_columns(place=pl.col("list").replace_strict(order, return_dtype=pl.Int64))
        .sort("place", pl.col("change") == "调出", "project_id")
        .drop("place")
    )


def changes_label(changes: pl.DataFrame, previous: str | None) -> str:
    """`清单进出（比2024年8月列入31项、调出25项）`."""
    if previous is None:
        return "清单进出（之前没有快照，不作比较）"
    came, went = (changes.filter(change=change).height for change in ("列入", "调出"))
    return f"清单进出（比{period_text(previous)}列入{count_text(came)}项、调出{count_text(went)}项）"


def change_words(
    changes: pl.DataFrame, rows: pl.DataFrame, lists: Mapping[str, str], areas: Mapping[str, str]
) -> pl.DataFrame:
    """Changes under Chinese terms: 清单, 变化, 项目名称, 责任地区, 总投资（亿元）, 说明.

    `rows` are the ledger rows of the projects, of this period or, where it has them no more, the last one.
    """
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    told = [(row, known.get(row["project_id"], {})) for row in changes.iter_rows(named=True)]
    words = {
        "清单": [lists.get(row["list"], row["list"]) for row, _ in told],
        "变化": [row["change"] for row, _ in told],
        "项目名称": [project.get("name") for _, project in told],
        "责任地区": [areas.get(project.get("area_id", ""), project.get("area_id")) for _, project in told],
        "总投资（亿元）": [hundred_millions_text(project.get("investment_total")) for _, project in told],
        "说明": [row["why"] for row, _ in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def list_combinations(members: pl.DataFrame, rules: ListRules) -> pl.DataFrame:
    """How many projects are on exactly the same lists of those counted together, the most first.

    `members` is the frame of `members_of`. Returns key (the lists joined), lists, projects, project_ids.
    """
    order = {rule.list: place for place, rule in enumerate(rules.counted)}
    return (
        members.filter(pl.col("list").is_in(list(order)))
        .with_columns(place=pl.col("list").replace_strict(order, return_dtype=pl.Int64))
        .sort("place", "project_id")
        .group_by("project_id", maintain_order=True)
        .agg(lists=pl.col("list"))
        .with_columns(key=pl.col("lists").list.join(" + "))
        .group_by("key")
        .agg(
            lists=pl.col("lists").first(),
            projects=pl.len().cast(pl.Int64),
            project_ids=pl.col("project_id").sort(),
        )
        .sort("projects", "key", descending=[True, False])
    )


def overlapping_lists(
    combinations: pl.DataFrame, rules: ListRules, names: Mapping[str, str]
) -> dict[str, str]:
    """The names of the lists that have projects, by id, in their order."""
    filled = set(combinations["lists"].explode())
    return {rule.list: names.get(rule.list, rule.list) for rule in rules.counted if rule.list in filled}


def overlap_sentence(combinations: pl.DataFrame) -> str:
    """`在一个清单的1,812个，在两个及以上清单的1,034个，最多同在4个清单；图中列前12种组合，其余5种31个。`"""
    depth = combinations.with_columns(depth=pl.col("lists").list.len())
    if depth.is_empty():
        return "没有项目列入这些清单。"
    single = int(depth.filter(pl.col("depth") == 1)["projects"].sum())
    several = int(depth.filter(pl.col("depth") > 1)["projects"].sum())
    sentence = (
        f"只在一个清单的项目{count_text(single)}个，在两个及以上清单的{count_text(several)}个，"
        f"最多同在{max(depth['depth'])}个清单"
    )
    rest = combinations[COMBINATIONS:]
    if rest.height:
        sentence += (
            f"；图中列前{COMBINATIONS}种组合，其余{rest.height}种{count_text(int(rest['projects'].sum()))}个"
        )
    return sentence + "。"


def kind_rows(facts: pl.DataFrame, members: Collection[str] | None) -> pl.DataFrame:
    """The kinds of carry-over of these projects (None: of 亿元以上 that are the year's), one row a kind.

    Returns kind, term, projects, investment_total, invested_year (Decimal 万元). A project is of one kind;
    finished before the year is only told where there is such a one.
    """
    of_size = (pl.col("investment_total") >= _amount(10_000)) & of_the_year()
    chosen = facts.filter(of_size if members is None else pl.col("project_id").is_in(list(members)))
    rows = [
        chosen.filter(carry_kind(kind)).select(
            pl.lit(kind).alias("kind"),
            pl.lit(term).alias("term"),
            projects=pl.len().cast(pl.Int64),
            investment_total=total_of("investment_total"),
            invested_year=total_of("invested_year"),
        )
        for kind, term in CARRY_KINDS.items()
    ]
    return pl.concat(rows).filter((pl.col("kind") != "finished") | (pl.col("projects") > 0))


def plan_months(planned_by_month: pl.DataFrame, done: pl.DataFrame, period: str) -> pl.DataFrame:
    """The year's twelve months: what the monthly plans add up to by each, and what was done.

    `planned_by_month` is the frame of that query for one period, `done` has period and invested_year (of the
    same projects, in each snapshot of the year) and projects (that filed it). Returns month (1 to 12),
    planned and done (Decimal 万元, cumulative; done null where there is no snapshot, or nothing filed) and
    projects.
    """
    months = pl.DataFrame({"month": list(range(1, 13))}, {"month": pl.Int64})
    planned = planned_by_month.select(
        pl.col("month").str.slice(5).cast(pl.Int64),
        planned=pl.col("planned_amount").cast(EXACT),
    )
    told = done.filter(pl.col("period").str.starts_with(period[:4])).select(
        pl.col("period").str.slice(5).cast(pl.Int64).alias("month"),
        pl.col("invested_year").cast(EXACT).alias("done"),
        pl.col("projects").cast(pl.Int64),
    )
    return (
        months.join(planned, on="month", how="left")
        .join(told, on="month", how="left")
        .sort("month")
        .with_columns(pl.col("planned").cum_sum().cast(EXACT))
    )


def plan_sentence(months: pl.DataFrame, period: str, planned: int, members: int, currency: str) -> str:
    """`1—9月计划812.0亿元，完成790.3亿元，为计划的97.3%；全年计划1,120.0亿元。有全年各月计划的1,032个（共1,209个）。`"""
    among = f"有全年各月计划的项目{count_text(planned)}个（清单共{count_text(members)}个）"
    if not planned:
        return "清单里没有项目报送全年各月的月度计划，报送月度计划台账后这里显示计划与完成。"
    row = months.row(int(period[5:]) - 1, named=True)
    return (
        f"{months_text(period)}计划{amount_text(row['planned'], currency)}，"
        f"完成{amount_text(row['done'], currency)}，"
        f"为计划的{percent_text(percent(row['done'], row['planned']))}；"
        f"全年计划{amount_text(months['planned'][-1], currency)}。"
        f"{among}，完成数由其中{count_text(row['projects'] or 0)}个填报。"
    )


_WAN = MappingProxyType({"万元": Fraction(1), "亿元": Fraction(10_000), "万亿元": Fraction(10**8)})
"""How much 万元 one of each unit is."""


def city_share(
    rules: ListRules, invested: Decimal | None, economy: pl.DataFrame, city: str, period: str
) -> dict[str, Any]:
    """What the members of a list have invested, of the city's investment as the economy ledger has it.

    `economy` is the frame of the query `economy_values`. Returns invested and whole (Decimal 万元), percent
    (None where it cannot be told), why (a sentence of the reason, else empty), and filed (what the ledger
    says: value and unit). A figure of an earlier month is none of this one.
    """
    told = {"invested": invested, "whole": None, "percent": None, "filed": MISSING, "source": MISSING}
    measure = rules.share_measure
    rows = economy.filter(
        (pl.col("area_id") == city) & (pl.col("measure") == measure) & pl.col("value").is_not_null()
    )
    if rows.is_empty():
        month = "，1月统计免报" if period.endswith("-01") else ""
        return told | {"why": f"运行数据台账没有全市{measure}{month}"}
    row = rows.row(0, named=True)
    told |= {"filed": f"{row['value']:,}{row['unit'] or ''}", "source": row["source"] or MISSING}
    if row["filed_period"] != period:
        return told | {"why": f"{measure}只报到{period_text(row['filed_period'])}，与本期不是同一时段"}
    if row["unit"] not in _WAN:
        return told | {"why": f"{measure}的计量单位“{row['unit'] or '未填'}”不是金额"}
    exact = Fraction(repr(row["value"])) * _WAN[row["unit"]]
    whole = Decimal(exact.numerator) / Decimal(exact.denominator)
    told |= {"whole": whole, "percent": percent(invested, whole)}
    return told | {"why": "" if invested is not None else "清单项目没有填报本年完成投资"}


def share_sentence(rules: ListRules, share: Mapping[str, Any], name: str, currency: str) -> str:
    """`全市百大项目84个，本年完成投资…，占全市固定资产投资33.2%（分子…）。`"""
    sentence = (
        f"全市{name}{count_text(share['projects'])}个，"
        f"本年完成投资{amount_text(share['invested'], currency)}，"
        f"占全市{rules.share_measure}{percent_text(share['percent'])}"
    )
    if share["why"]:
        return f"{sentence}（{share['why']}）。"
    return (
        f"{sentence}（全市{amount_text(share['whole'], currency)}；"
        "台账完成投资与统计投资口径不同，比重供参考）。"
    )


def share_words(rules: ListRules, share: Mapping[str, Any], name: str) -> pl.DataFrame:
    """The share with its parts under Chinese terms, one row."""
    words = {
        "清单": name,
        "本年完成投资（亿元）": hundred_millions_text(share["invested"]),
        "分母": f"全市{rules.share_measure}",
        "运行数据填报": share["filed"],
        "折亿元": hundred_millions_text(share["whole"]),
        "数据来源": share["source"],
        "占比": percent_text(share["percent"]),
        "说明": share["why"] or MISSING,
        "文件": rules.share_clause or MISSING,
    }
    return pl.DataFrame([words])


def lists_sentence(rows: pl.DataFrame, rules: ListRules, period: str, subject: str, currency: str) -> str:
    """`1—9月，全市六个清单列入项目2,846个（去重，各清单相加4,950个），总投资…，本年完成投资…，为年度计划的…；填报与规则不一致512项。`"""
    whole, total = (rows.row(by_predicate=pl.col("list") == key, named=True) for key in ("distinct", "sum"))
    sentence = (
        f"{months_text(period)}，{subject}{rules.name}列入项目{count_text(whole['reported'])}个"
        f"（去重，各清单相加{count_text(total['reported'])}个），"
        f"总投资{amount_text(whole['investment_total'], currency)}，"
        f"本年完成投资{amount_text(whole['invested_year'], currency)}"
    )
    if whole["plan_year"]:
        sentence += f"，完成年度计划的{percent_text(percent(whole['done'], whole['plan_year']))}"
    counted = [rule for rule in rules.rules if rule.is_computed]
    if counted:
        differ = int(total["missing"] or 0) + int(total["extra"] or 0)
        sentence += f"；填报与规则不一致{count_text(differ)}项"
    return sentence + "。"


def list_words(rows: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The lists under Chinese terms, amounts and rates as printed; a list beside the others is marked."""
    told = rows.to_dicts()
    words = {
        "清单": [row["name"] + ("（另列）" if row["is_beside"] else "") for row in told],
        "填报": [count_text(row["reported"]) for row in told],
        "按规则": [count_text(row["computed"]) if row["list"] != "sum" else MISSING for row in told],
        "应列未列": [count_text(row["missing"]) for row in told],
        "列入不合规则": [count_text(row["extra"]) for row in told],
        "无法判定": [count_text(row["unknown"]) for row in told],
        "总投资": [amount_text(row["investment_total"], currency) for row in told],
        "已填总投资": [f"{count_text(row['told'])}/{count_text(row['projects'])}个" for row in told],
        "本年完成投资": [amount_text(row["invested_year"], currency) for row in told],
        "完成年度计划": [_completion_words(row) for row in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def _completion_words(row: Mapping[str, Any]) -> str:
    """`69.8%（1,297.1/1,858.5，1,069个）`: 亿元 of the projects that filed both."""
    if not row["plan_year"]:
        return MISSING
    done, plan = (hundred_millions_text(row[name]) for name in ("done", "plan_year"))
    rate = percent_text(percent(row["done"], row["plan_year"]))
    return f"{rate}（{done}/{plan}亿，{count_text(row['planned'])}个）"


def unit_words(facts: pl.DataFrame, members: Collection[str], currency: str) -> pl.DataFrame:
    """Members of a list by leading unit under Chinese terms, the most projects first.

    `megaproject` tags, where they are filed, name the one of the 15项重大工程.
    """
    both = pl.col("plan_year").is_not_null() & pl.col("invested_year").is_not_null()
    works = (
        pl.col("tags")
        .fill_null([])
        .list.eval(
            pl.element().filter(pl.element().str.starts_with("megaproject:")).str.strip_prefix("megaproject:")
        )
    )
    rows = (
        facts.filter(pl.col("project_id").is_in(list(members)))
        .with_columns(works=works)
        .group_by("lead_unit")
        .agg(
            projects=pl.len(),
            works=pl.col("works").explode().drop_nulls().unique().sort().str.join("、"),
            investment_total=total_of("investment_total"),
            invested_year=total_of("invested_year"),
            planned=both.sum().cast(pl.Int64),
            plan_year=total_of("plan_year", both),
            done=total_of("invested_year", both),
        )
        .sort("projects", "lead_unit", descending=[True, False], nulls_last=True)
        .to_dicts()
    )
    words = {
        "牵头部门": [row["lead_unit"] or "未填牵头部门" for row in rows],
        "重大工程": [row["works"] or MISSING for row in rows],
        "项目": [count_text(row["projects"]) for row in rows],
        "总投资": [amount_text(row["investment_total"], currency) for row in rows],
        "本年完成投资": [amount_text(row["invested_year"], currency) for row in rows],
        "完成年度计划": [_completion_words(row) for row in rows],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def difference_words(
    differences: pl.DataFrame,
    facts: pl.DataFrame,
    rows: pl.DataFrame,
    rules: ListRules,
    names: Mapping[str, Mapping[str, str]],
    currency: str,
) -> pl.DataFrame:
    """Differences under Chinese terms: 清单, 差异, 项目名称, 责任地区, 项目单位, 总投资（亿元）, 依据.

    `facts` has FACTS and fund_sources, `rows` the ledger rows (name, owner) of the projects; `names` the
    names of `lists` and `areas`.
    """
    by_list = {rule.list: rule for rule in rules.rules}
    fact = {row["project_id"]: row for row in facts.iter_rows(named=True)}
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    told = [
        (row, fact[row["project_id"]], known.get(row["project_id"], {}))
        for row in differences.iter_rows(named=True)
    ]
    words = {
        "清单": [names["lists"].get(row["list"], row["list"]) for row, _, _ in told],
        "差异": [DIFFERENCES[row["difference"]] for row, _, _ in told],
        "项目名称": [project.get("name") for _, _, project in told],
        "责任地区": [names["areas"].get(row["area_id"], row["area_id"]) for _, row, _ in told],
        "项目单位": [project.get("owner") for _, _, project in told],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for _, row, _ in told],
        "依据": [_reason(row, told, by_list[row["list"]], currency) for row, told, _ in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def differences_label(differences: pl.DataFrame) -> str:
    """`填报与规则不一致的项目（99项，另有7项无法判定）`."""
    unknown = differences.filter(difference="unknown").height
    beside = f"，另有{count_text(unknown)}项无法判定" if unknown else ""
    return f"填报与规则不一致的项目（{count_text(differences.height - unknown)}项{beside}）"


_DECIDING = {"missing": "met", "extra": "failed", "unknown": "unknown"}


def _reason(difference: Mapping[str, Any], fact: Mapping[str, Any], rule: ListRule, currency: str) -> str:
    """Why the rule says otherwise: the conditions that are met, fail, or cannot be told."""
    state = _DECIDING[difference["difference"]]
    told = [_condition_words(name, state, fact, rule, currency) for name in difference[state]]
    return "；".join(words for words in told if words)


def _condition_words(name: str, state: str, fact: Mapping[str, Any], rule: ListRule, currency: str) -> str:
    words = ""
    match name, state:
        case "of_year", "failed":
            words = "本年1月1日前已竣工"
        case "size", "unknown":
            words = "总投资未填"
        case "size", _:
            words = _size_words(fact, rule, currency, is_met=state == "met")
        case "tags", "met":
            words = (
                f"标签：{'、'.join(tag.partition(':')[2] for tag in fact['tags'] if _has(tag, rule.tags))}"
            )
        case "tags", _:
            words = "没有这类标签" if state == "failed" else "台账里没有一个项目填这类标签"
        case "stages", _:
            words = "环节不明" if state == "unknown" else f"处于{_TERMS[fact['stage']]}环节"
        case "event", _:
            term = _TERMS[rule.event or ""]
            words = f"{fact[f'{rule.event}_on']}{term}" if state == "met" else f"本年没有{term}"
        case "landing", _:
            words = _landing_words(fact, state)
        case "funds", "met":
            won_here = "、".join(one for one in fact["fund_sources"] if one in rule.fund_sources)
            words = f"已获批{won_here}"
        case "funds", _:
            words = "资金台账里没有这类获批资金" if state == "failed" else "资金台账没有报送"
    return words


def _landing_words(fact: Mapping[str, Any], state: str) -> str:
    if state == "unknown":
        return "资产类型未填，落地标准无法判定"
    if state == "met":
        return f"{fact['signed_on']}签约，未达到落地标准"
    is_landed = fact["landed_on"] is not None and fact["landed_on"] <= fact["end_on"]
    return f"{fact['landed_on']}已落地" if is_landed else "报告期末以前没有签约"


def _size_words(fact: Mapping[str, Any], rule: ListRule, currency: str, *, is_met: bool) -> str:
    amount = fact["investment_total"]
    floor, relaxed = (Decimal(repr(value or 0)) for value in (rule.investment_from, rule.relaxed_from))
    is_entitled = rule.relaxed_from is not None and (
        any(_has(tag, rule.relaxed_tags) for tag in fact["tags"] or ())
        or fact["nature"] in rule.relaxed_natures
    )
    bound = relaxed if is_entitled else floor
    words = f"总投资{amount_text(amount, currency)}"
    if not is_met and amount_text(amount, currency) == amount_text(bound, currency):
        # Rounded alike, they would contradict the verdict.
        return f"总投资{amount:,f}万{currency}，低于{bound:,.0f}万{currency}"
    if not is_met:
        return f"{words}，低于{amount_text(bound, currency)}"
    if amount is None or amount < bound:
        return f"{'、'.join(rule.includes)}项目统一纳入"
    return words if amount >= floor else f"{words}，放宽至{amount_text(bound, currency)}"


def _has(tag: str, asked: Collection[str]) -> bool:
    return tag in asked or tag.partition(":")[0] in asked


def rule_words(rules: ListRules, names: Mapping[str, str]) -> pl.DataFrame:
    """What makes a project a member of each list: 清单, 认定, 系统计算, 条款."""
    words = {
        "清单": [names.get(rule.list, rule.list) for rule in rules.rules],
        "认定": [rule.wording or MISSING for rule in rules.rules],
        "系统计算": [_computed_words(rule) for rule in rules.rules],
        "条款": [rule.clause or MISSING for rule in rules.rules],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def _computed_words(rule: ListRule) -> str:
    if not rule.is_computed:
        return "由人确定，按填报计"
    told = ["本年在库（未退库、本年1月1日前未竣工）"]
    if rule.investment_from is not None:
        told.append(f"总投资{amount_text(Decimal(repr(rule.investment_from)))}及以上")
    if rule.relaxed_from is not None:
        told.append(
            f"战略性新兴产业等标签或技术改造项目放宽至{amount_text(Decimal(repr(rule.relaxed_from)))}（本系统默认）"
        )
    if rule.includes:
        told.append(f"{'、'.join(rule.includes)}清单项目不限规模纳入")
    if rule.tags:
        told.append("有这类标签")
    if rule.stages:
        told.append(f"处于{'、'.join(STAGE_TERMS[stage] for stage in rule.stages)}环节")
    if rule.event:
        told.append(f"本年{_TERMS[rule.event]}")
    if rule.awaits_landing:
        told.append("已签约、按落地标准未落地")
    if rule.fund_sources:
        told.append(f"资金台账有获批的{'、'.join(rule.fund_sources)}")
    return "；".join(told)


def list_metrics(
    members: Mapping[tuple[str, str], Sequence[str]], rules: ListRules, names: Mapping[str, str]
) -> dict[str, Metric]:
    """A metric for each list and basis, by `<basis>/<list>`, whose rows are the members."""
    by_list = {rule.list: rule for rule in rules.rules}
    return {
        f"{basis}/{name}": members_metric(
            f"{basis}_{name}",
            f"{names.get(name, name)}（{BASES[basis]}）",
            "填报在这个清单的项目，退库除外" if basis == "reported" else _computed_words(by_list[name]),
            rules.label,
            found,
        )
        for (basis, name), found in members.items()
    }


def combination_metrics(combinations: pl.DataFrame, rules: ListRules, basis: str) -> dict[str, Metric]:
    """A metric for each combination of lists, by its key, whose rows are the projects on exactly these."""
    return {
        row["key"]: members_metric(
            f"on_{row['key']}",
            f"只在{row['key']}" if len(row["lists"]) == 1 else f"同在{row['key']}",
            f"{rules.name}中恰好在这些清单里的项目（{BASES[basis]}），退库除外",
            rules.label,
            row["project_ids"],
        )
        for row in combinations.iter_rows(named=True)
    }


def bar_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The lists as the figure shows them: list, name, reported, computed and label."""
    told = rows.filter(~pl.col("list").is_in(["sum", "distinct"]))
    return told.select(
        "list",
        pl.col("name") + pl.when("is_beside").then(pl.lit("（另列）")).otherwise(pl.lit("")),
        "reported",
        "computed",
        label=pl.Series([_bar_label(row) for row in told.iter_rows(named=True)], dtype=pl.String),
    )


def _bar_label(row: Mapping[str, Any]) -> str:
    """`填报2,677 规则2,893 不一致259`."""
    if row["computed"] is None:
        return f"填报{count_text(row['reported'])} 无规则"
    differ = row["missing"] + row["extra"]
    return f"填报{count_text(row['reported'])} 规则{count_text(row['computed'])} 不一致{count_text(differ)}"


def kind_labels(rows: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The rows of `kind_rows` with label, `812个 3,120.5亿元`."""
    labels = [
        f"{count_text(row['projects'])}个 {amount_text(row['investment_total'], currency)}"
        for row in rows.iter_rows(named=True)
    ]
    return rows.select("kind", "term", "projects", label=pl.Series(labels, dtype=pl.String))


def plan_points(months: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The rows of `plan_months` as the figure shows them: amounts in 亿元 (Float64) and as texts."""
    return months.select(
        "month",
        *(pl.col(name).cast(pl.Float64) / 10_000 for name in ("planned", "done")),
        **{
            f"{name}_text": pl.Series(
                [amount_text(amount, currency) for amount in months[name]], dtype=pl.String
            )
            for name in ("planned", "done")
        },
    )


def kind_metrics(members: Sequence[str] | None, name: str, rules: ListRules) -> dict[str, Metric | str]:
    """A metric for each kind of carry-over of a list's members; of no list the catalogue's own."""
    if members is None:
        return {kind: f"large_{kind}_projects" for kind in CARRY_KINDS}
    return {
        kind: members_metric(
            f"{kind}_of_list",
            f"{name}：{term}",
            f"{name}中的{term}项目；先看是否上年结转，再看是否应在本年开工，再看环节，一个项目只在一类",
            rules.label,
            members,
            kind=kind,
        )
        for kind, term in CARRY_KINDS.items()
    }


def plan_metric(planned: Sequence[str], name: str, rules: ListRules) -> Metric:
    """What projects with plans for every month have done this year, as a metric with their rows."""
    return members_metric(
        "invested_of_planned",
        f"{name}：有月度计划项目本年完成投资",
        "清单里有全年各月月度计划的项目，本年1月1日至报告期末台账累计完成投资之和；"
        "计划取本年最近一次报送的月度计划，名单取报告期",
        rules.label,
        planned,
        amount="invested_year",
    )


def totals_sentence(rows: pl.DataFrame, rules: ListRules, basis: str, currency: str) -> str:
    """`按填报：各清单相加5,050个、…，去重后2,846个、…；一个项目只计一次。`"""
    whole, total = (rows.row(by_predicate=pl.col("list") == key, named=True) for key in ("distinct", "sum"))
    return (
        f"{BASES[basis]}，{rules.name}各清单相加{count_text(total['projects'])}个、"
        f"总投资{amount_text(total['investment_total'], currency)}，"
        f"去重后{count_text(whole['projects'])}个、{amount_text(whole['investment_total'], currency)}；"
        "一个项目只计一次。"
    )


def unknown_sentence(rows: pl.DataFrame) -> str:
    """`按规则无法判定：中央资金3,210个。`, empty where all can be told."""
    told = rows.filter(~pl.col("list").is_in(["sum", "distinct"]) & (pl.col("unknown") > 0))
    if told.is_empty():
        return ""
    words = "、".join(f"{row['name']}{count_text(row['unknown'])}个" for row in told.iter_rows(named=True))
    return f"缺数据而无法按规则判定：{words}。"
