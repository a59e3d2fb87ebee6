"""Rewards: which projects and enterprises meet which clause, with the arithmetic and the missing step.

Source: 沈阳“四个一批”方案 二（三）19, 二（四）22 and 23; the readings are settings (`reference.RewardRules`).
Amounts are 万元. What is not known is never taken as met, and never as zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.metrics import EXACT, Metric
from saima.metrics.facts import happened, stands
from saima.reference import Clause, FastRules, PromptRules, RewardRules
from saima.wording import MISSING, count_text, months_text, number_text, percent, percent_text, period_text

FACTS = (
    *("project_id", "area_id", "category", "year_from", "end_on", "stage", "invested_year", "land_cost_year"),
    *("plan_year", "planned_to_date", "baseline_plan_year", "baseline_planned_to_date"),
    *("started_on", "completed_on", "produced_on"),
    *("enterprise_name", "enterprise_kind", "listed_enterprise_on", "is_first_listing"),
)
"""Columns of `project_facts` that rewards are told from."""

CLAUSES: Mapping[str, str] = MappingProxyType(
    {
        "fast": "进度较快项目",
        "prompt": "当年竣工投产项目",
        "service": "首次入库服务业等企业",
        "industry": "首次升规工业企业",
    }
)

VERDICTS: Mapping[str, str] = MappingProxyType({"met": "符合", "near": "差一项", "unknown": "缺数据"})

_BLANK = (
    pl.when(pl.col("invested_year").is_null())
    .then(pl.lit("缺本年完成投资"))
    .otherwise(pl.lit("缺土地购置费"))
)

_EFFECTIVE = pl.col("invested_year").cast(EXACT) - pl.col("land_cost_year").cast(EXACT)

_ROW: Mapping[str, pl.DataType] = MappingProxyType(
    {
        **dict.fromkeys(("clause", "subject", "area_id", "verdict"), pl.String()),
        **dict.fromkeys(("project_ids", "lacking"), pl.List(pl.String())),
        **dict.fromkeys(("invested_year", "land_cost_year", "effective", "plan", "owed", "need"), EXACT),
        **dict.fromkeys(("started_on", "completed_on", "produced_on", "listed_on"), pl.Date()),
        "kind": pl.String(),
        "reward": EXACT,
    }
)

_COLUMNS = MappingProxyType({**_ROW, "short": EXACT})
"""With how much is short, by which they are ordered."""


def reward_rows(facts: pl.DataFrame, rules: RewardRules) -> pl.DataFrame:
    """Every project and enterprise that meets a clause, is one condition short, or cannot be told.

    `facts` has FACTS of one period of the rules' year. Columns: clause (one of CLAUSES), subject (project_id,
    or the name of the enterprise), area_id, verdict (one of VERDICTS), project_ids, lacking (in words, what
    keeps it from being met), invested_year, land_cost_year, effective, plan, owed (of the plan by now), need
    (what must be invested by now), started_on, completed_on, produced_on, listed_on, kind, reward (万元: 0
    unless met). By clause, verdict, closeness and subject.
    """
    told = [
        _fast_rows(facts.filter(stands()), rules.fast),
        _prompt_rows(facts.filter(stands()), rules.prompt),
        _listed_rows(facts.filter(stands()), rules),
    ]
    rows = pl.concat(told)
    if rules.stack == "once":
        is_second = (pl.col("reward") > 0) & (pl.col("clause") == "prompt")
        fast = rows.filter(pl.col("clause") == "fast", pl.col("verdict") == "met")["subject"]
        is_paid = is_second & pl.col("subject").is_in(fast.implode())
        rows = rows.with_columns(reward=pl.when(is_paid).then(pl.lit(0, EXACT)).otherwise("reward"))
    order = [
        pl.col(name).replace_strict({key: n for n, key in enumerate(known)}, return_dtype=pl.Int64)
        for name, known in (("clause", CLAUSES), ("verdict", VERDICTS))
    ]
    return rows.sort(*order, "short", "subject", nulls_last=True).drop("short")


def _fast_rows(facts: pl.DataFrame, rules: FastRules) -> pl.DataFrame:
    months = pl.col("end_on").dt.month()
    plan, monthly = (
        ("baseline_plan_year", "baseline_planned_to_date")
        if rules.plan == "baseline"
        else ("plan_year", "planned_to_date")
    )
    # Twelve monthly plans say what is due even where nobody filed the plan of the year.
    against = "owed_12" if rules.mode == "relative" else "plan"
    actual = pl.col("invested_year").cast(EXACT) if rules.actual == "invested" else _EFFECTIVE
    told = (
        facts.with_columns(
            plan=pl.col(plan).cast(EXACT),
            effective=_EFFECTIVE,
            actual=actual,
            # Twelve times what is due by now: exact, whatever the month.
            owed_12=pl.coalesce(pl.col(monthly).cast(EXACT) * 12, pl.col(plan).cast(EXACT) * months),
        )
        .with_columns(
            need_1200=(
                pl.col("owed_12") * (100 + rules.excess)
                if rules.mode == "relative"
                else pl.col("owed_12") * 100 + pl.col("plan") * 12 * rules.excess
            ).cast(EXACT)
        )
        .with_columns(
            is_eligible=~pl.col("category").is_in(rules.excluded),
            is_told=pl.col("invested_year").is_not_null(),
            is_large=_reaches(rules.floor),
            is_ahead=pl.when(pl.col(against) > 0).then(pl.col("actual") * 1200 >= pl.col("need_1200")),
            owed=(pl.col("owed_12") / 12).cast(EXACT),
            need=(pl.col("need_1200") / 1200).cast(EXACT),
        )
    )
    floor_short, pace_short = _short_of(rules.floor, "effective"), _short_of(pl.col("need"), "actual")
    lacking = [
        _lack("is_eligible", None, "缺项目类别"),
        _lack("is_large", _short("有效投资差", floor_short), _BLANK),
        _lack(
            "is_ahead",
            _short("投资进度差", pace_short),
            pl.when(pl.col(against).is_null())
            .then(pl.lit("缺年度计划投资"))
            .when(pl.col(against) <= 0)
            .then(pl.lit("年度计划投资为零，无从比较"))
            .otherwise(_BLANK),
        ),
    ]
    told = told.with_columns(short=floor_short + pace_short)
    return _told(told, "fast", ("is_eligible", "is_told"), ("is_large", "is_ahead"), lacking, rules)


def _prompt_rows(facts: pl.DataFrame, rules: PromptRules) -> pl.DataFrame:
    told = facts.with_columns(
        effective=_EFFECTIVE,
        is_eligible=pl.col("category").is_in(rules.categories),
        is_begun=happened("started"),
        is_completed=happened("completed"),
        is_produced=happened("produced"),
        is_large=_reaches(rules.floor),
    )
    floor_short = _short_of(rules.floor, "effective")
    lacking = [
        _lack("is_eligible", None, "缺项目类别"),
        _lack("is_completed", "当年未竣工", None),
        _lack("is_produced", "当年未投产", None),
        _lack("is_large", _short("有效投资差", floor_short), _BLANK),
    ]
    told = told.with_columns(short=floor_short)
    conditions = ("is_completed", "is_produced", "is_large")
    return _told(told, "prompt", ("is_eligible", "is_begun"), conditions, lacking, rules)


def _listed_rows(facts: pl.DataFrame, rules: RewardRules) -> pl.DataFrame:
    """One row an enterprise, whatever its projects; where its rows contradict each other nobody can tell."""
    within = pl.col("listed_enterprise_on").is_between("year_from", "end_on")
    kinds = {kind: clause for clause in ("service", "industry") for kind in getattr(rules, clause).kinds}
    rows = facts.filter(pl.col("listed_enterprise_on").is_not_null()).with_columns(
        name=pl.col("enterprise_name").str.strip_chars()
    )
    named = pl.coalesce("name", pl.concat_str(pl.lit("企业名称未填："), "project_id"))
    told = (
        rows.with_columns(subject=named, of=pl.col("enterprise_kind").replace_strict(kinds, default=None))
        .group_by("subject")
        .agg(
            pl.col("area_id").sort_by("project_id").first(),
            pl.col("project_id").sort().alias("project_ids"),
            is_named=pl.col("name").is_not_null().all(),
            is_within=within.fill_null(value=False).any(),
            was_listed=(pl.col("listed_enterprise_on") < pl.col("year_from")).any(),
            says_first=pl.col("is_first_listing").any(ignore_nulls=False),
            says_all=pl.col("is_first_listing").all(ignore_nulls=False),
            clauses=pl.col("of").filter(pl.col("enterprise_kind").is_not_null()).unique().sort(),
            kinds=pl.col("enterprise_kind").drop_nulls().unique().sort(),
            is_industry=(pl.col("category") == "工业").all(),
            listed_on=pl.col("listed_enterprise_on").min(),
        )
        .filter("is_within")
        .with_columns(
            is_first=pl.when("was_listed")
            .then(pl.lit(value=False))
            .when(pl.col("says_first") == pl.col("says_all"))
            .then("says_all"),
            kind=pl.col("kinds").list.join("、"),
            is_other=pl.col("kinds").list.len().gt(0)
            & pl.col("kinds").list.eval(pl.element().is_in(list(rules.other_kinds))).list.all(),
            is_kind=(pl.col("clauses").list.len() == 1)
            & pl.col("clauses").list.first().is_not_null().fill_null(value=False),
        )
        # Whose kind is not understood is listed with its like, so that somebody sees to it.
        .with_columns(
            clause=pl.when("is_kind")
            .then(pl.col("clauses").list.first())
            .when(pl.col("is_industry").fill_null(value=False))
            .then(pl.lit("industry"))
            .otherwise(pl.lit("service"))
        )
        .filter(~pl.col("is_other"), pl.col("is_first").fill_null(value=True))
    )
    lacking = [
        pl.when(~pl.col("is_named")).then(pl.lit("缺企业名称")),
        pl.when(pl.col("is_first").is_null()).then(pl.lit("是否首次入库未填或填报不一致")),
        pl.when(~pl.col("is_kind")).then(pl.lit("企业类型未填、不一致或没有归类")),
    ]
    amounts = {clause: getattr(rules, clause).amount for clause in ("service", "industry")}
    is_met = pl.col("is_named") & pl.col("is_kind") & pl.col("is_first").fill_null(value=False)
    amount = (
        pl.when(pl.col("clause") == "service")
        .then(pl.lit(amounts["service"]))
        .otherwise(pl.lit(amounts["industry"]))
    )
    return _full(
        told.with_columns(
            verdict=pl.when(is_met).then(pl.lit("met")).otherwise(pl.lit("unknown")),
            lacking=pl.concat_list(lacking).list.drop_nulls(),
            reward=pl.when(is_met).then(amount.cast(EXACT)).otherwise(pl.lit(0, EXACT)),
        )
    )


def _reaches(floor: Decimal) -> pl.Expr:
    """Whether effective investment reaches the floor; what falls short even before land costs does not."""
    invested = pl.col("invested_year").cast(EXACT)
    return pl.when(invested < floor).then(pl.lit(value=False)).otherwise(floor <= _EFFECTIVE)


def _lack(condition: str, unmet: str | pl.Expr | None, unknown: str | pl.Expr | None) -> pl.Expr:
    """What to say of a condition that is not met, or not known; null where there is nothing to say."""
    said, blank = (pl.lit(one) if isinstance(one, str | None) else one for one in (unmet, unknown))
    return pl.when(pl.col(condition).is_null()).then(blank).when(~pl.col(condition)).then(said)


def _short(words: str, amount: pl.Expr) -> pl.Expr:
    """`有效投资差1234.5000万元`; the words alone where the amount is not known."""
    return (
        pl.when(amount.is_null())
        .then(pl.lit(f"{words}额未知"))
        .otherwise(
            pl.concat_str(pl.lit(words), amount.cast(pl.Decimal(38, 2)).cast(pl.String), pl.lit("万元"))
        )
    )


def _short_of(goal: Decimal | pl.Expr, column: str) -> pl.Expr:
    """By how much a column falls short of a goal, at least 0; null where it is not known."""
    wanted = goal if isinstance(goal, pl.Expr) else pl.lit(goal).cast(EXACT)
    short = (wanted - pl.col(column)).cast(EXACT)
    return pl.when(short < 0).then(pl.lit(0, EXACT)).otherwise(short)


def _told(
    told: pl.DataFrame,
    clause: str,
    asked: Sequence[str],
    conditions: Sequence[str],
    lacking: Sequence[pl.Expr],
    rules: Clause,
) -> pl.DataFrame:
    """The rows with a verdict. What `asked` rules out is out; of the `conditions` one may be short."""
    out = pl.any_horizontal(~pl.col(name).fill_null(value=True) for name in asked)
    unmet = pl.sum_horizontal((~pl.col(name)).fill_null(value=False).cast(pl.Int64) for name in conditions)
    blank = pl.any_horizontal(pl.col(name).is_null() for name in (*asked, *conditions))
    verdict = (
        pl.when(out)
        .then(None)
        .when((unmet == 0) & ~blank)
        .then(pl.lit("met"))
        .when(unmet == 0)
        .then(pl.lit("unknown"))
        .when((unmet == 1) & ~blank)
        .then(pl.lit("near"))
    )
    return _full(
        told.with_columns(verdict=verdict)
        .filter(pl.col("verdict").is_not_null())
        .with_columns(
            clause=pl.lit(clause),
            subject="project_id",
            project_ids=pl.concat_list("project_id"),
            lacking=pl.concat_list(list(lacking)).list.drop_nulls(),
            reward=pl.when(pl.col("verdict") == "met")
            .then(pl.lit(rules.amount).cast(EXACT))
            .otherwise(pl.lit(0, EXACT)),
        )
    )


def _full(rows: pl.DataFrame) -> pl.DataFrame:
    """Every column of a row; those that the clause does not know are null."""
    absent = {name: pl.lit(None, kind) for name, kind in _COLUMNS.items() if name not in rows.columns}
    return rows.with_columns(**absent).select(pl.col(name).cast(kind) for name, kind in _COLUMNS.items())


@dataclass(frozen=True)
class RewardSum:
    """What a clause comes to: how many met, near and not known, and the money that they need (万元)."""

    clause: str
    met: int
    near: int
    unknown: int
    reward: Decimal


def reward_sums(rows: pl.DataFrame) -> list[RewardSum]:
    """The sums of every clause in the order of CLAUSES."""
    sums = []
    for clause in CLAUSES:
        own = rows.filter(pl.col("clause") == clause)
        counted = dict(own["verdict"].value_counts().iter_rows())
        met, near, unknown = (int(counted.get(verdict, 0)) for verdict in VERDICTS)
        sums.append(RewardSum(clause, met, near, unknown, sum(own["reward"].to_list(), Decimal(0))))
    return sums


def reward_bars(rows: pl.DataFrame) -> pl.DataFrame:
    """The sums as the figure shows them: clause, name, met, near, unknown, words."""
    sums = reward_sums(rows)
    return pl.DataFrame(
        {
            "clause": [one.clause for one in sums],
            "name": [CLAUSES[one.clause] for one in sums],
            **{verdict: [getattr(one, verdict) for one in sums] for verdict in VERDICTS},
            "words": [f"需{wan_text(one.reward)}" for one in sums],
        }
    )


def verdict_metrics(rows: pl.DataFrame, rules: RewardRules) -> dict[str, Metric]:
    """What proves each mark of the figure, `<clause>_<verdict>`: the ledger rows of what it counts."""
    told = {}
    for clause, name in CLAUSES.items():
        rule = getattr(rules, clause)
        for verdict, term in VERDICTS.items():
            own = rows.filter(pl.col("clause") == clause, pl.col("verdict") == verdict)
            project_ids = own["project_ids"].explode().drop_nulls()
            told[f"{clause}_{verdict}"] = Metric(
                id=f"reward_{clause}_{verdict}",
                name=f"{name}：{term}",
                unit="个",
                kind="flow",
                definition=f"{rule.wording}。{'；'.join(reading_words(rules)[clause])}",
                source=f"{rules.document} {rule.clause}；{rules.label}",
                counted=stands() & pl.col("project_id").is_in(project_ids.implode()),
            )
    return told


def reading_words(rules: RewardRules) -> dict[str, list[str]]:
    """How each clause is read, as it is set: sentences by clause."""
    plan = "年初首次填报的年度计划" if rules.fast.plan == "baseline" else "报告期的年度计划"
    actual = "本年完成投资" if rules.fast.actual == "invested" else "扣除土地购置费的本年完成投资"
    pace = (
        f"{actual}达到应完成投资的{100 + rules.fast.excess:g}%"
        if rules.fast.mode == "relative"
        else f"{actual}占年度计划的比例高于序时{rules.fast.excess:g}个百分点"
    )
    effective = "有效投资为本年完成投资减本年土地购置费，缺土地购置费的不认定、不计入金额"
    listed = "同一企业只计一次，企业各行填报不一致的不认定"
    return {
        "fast": [
            f"“超出计划投资进度”按：{pace}",
            f"应完成投资按{plan}，各月都有月度计划的按月度计划，其余按月均",
            effective,
        ],
        "prompt": [
            f"“产业项目”按：{'、'.join(rules.prompt.categories)}",
            "竣工缺竣工时间的取验收时间",
            effective,
        ],
        "service": [f"企业类型写作{'、'.join(rules.service.kinds)}的", listed],
        "industry": [f"企业类型写作{'、'.join(rules.industry.kinds)}的", listed],
    }


def rule_sentences(rules: RewardRules) -> list[str]:
    """The clauses with their wording and how each is read, then how they go together."""
    readings = reading_words(rules)
    told = [
        f"{CLAUSES[clause]}（{rule.clause}）：“{rule.wording}。”读法：{'；'.join(readings[clause])}。"
        for clause in CLAUSES
        for rule in (getattr(rules, clause),)
    ]
    both = "各奖一次" if rules.stack == "each" else "只奖一次"
    return [*told, f"同时符合第19条和第23条的项目{both}（原文没有说互斥）。{rules.label}。"]


def rewards_sentence(rows: pl.DataFrame, rules: RewardRules, period: str, subject: str) -> str:
    """`1—9月，按2024年方案测算，全市符合奖励条件的项目64个（项次）、企业49户，共需奖励资金6,890万元；…`"""
    sums = {one.clause: one for one in reward_sums(rows)}
    projects = sums["fast"].met + sums["prompt"].met
    firms = sums["service"].met + sums["industry"].met
    total = sum((one.reward for one in sums.values()), Decimal(0))
    sentence = (
        f"{months_text(period)}，按{rules.year}年方案试算，{subject}符合奖励条件的项目{count_text(projects)}项次、"
        f"企业{count_text(firms)}户，共需奖励资金{wan_text(total)}"
    )
    near, unknown = (sum(getattr(one, name) for one in sums.values()) for name in ("near", "unknown"))
    sentence += f"；差一项的{count_text(near)}个，缺数据不能认定的{count_text(unknown)}个"
    both = both_clauses(rows)
    return sentence + (f"；{count_text(both)}个项目同时符合两条。" if both else "。")


def both_clauses(rows: pl.DataFrame) -> int:
    """How many projects meet both clauses of projects."""
    met = rows.filter(pl.col("verdict") == "met")
    fast, prompt = (met.filter(pl.col("clause") == clause) for clause in ("fast", "prompt"))
    return fast.join(prompt, on="subject").height


def trial_words(rules: RewardRules, period: str) -> str:
    """That a month before the last is a trial, and what is left out of it."""
    if period.endswith("-12"):
        return f"依据：{rules.document}。本表待审批，以审批结果为准。"
    return (
        f"依据：{rules.document}。方案按{rules.year}年全年认定，本期为截至当月的试算；"
        "待审批，以审批结果为准。"
    )


def silent_words(facts: pl.DataFrame) -> str:
    """How many projects are no candidates because nothing was reported of the year's investment."""
    silent = facts.filter(stands(), pl.col("invested_year").is_null()).height
    return f"另有{count_text(silent)}个项目没有填报本年完成投资，不列为候选。" if silent else ""


def reward_words(
    rows: pl.DataFrame, projects: pl.DataFrame, names: Mapping[str, str], rules: RewardRules
) -> pl.DataFrame:
    """Rows under Chinese terms: 奖励条款, 名称, 责任地区, 认定, 所缺, 有效投资
    （万元）, 进度（万元）或时间, 奖励（万元）.

    `projects` is the frame of the query `project_rows` for them.
    """
    known = dict(projects.select("project_id", "name").iter_rows())
    told = list(rows.iter_rows(named=True))
    words = {
        "奖励条款": [CLAUSES[row["clause"]] for row in told],
        "名称": [known.get(row["subject"], row["subject"]) for row in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row in told],
        "认定": [VERDICTS[row["verdict"]] for row in told],
        "所缺": ["、".join(row["lacking"]) or MISSING for row in told],
        "有效投资（万元）": [arithmetic(row, rules)[0] for row in told],
        "进度（万元）或时间": [arithmetic(row, rules)[1] for row in told],
        "奖励（万元）": [
            number_text(row["reward"], 0) if row["verdict"] == "met" else MISSING for row in told
        ],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def arithmetic(row: Mapping[str, Any], rules: RewardRules) -> tuple[str, str]:
    """(effective investment, pace or dates) of a row, so that it can be checked by hand; amounts in 万元."""
    if row["clause"] in {"service", "industry"}:
        return MISSING, f"{row['listed_on']}入库，{row['kind'] or '类型未填'}"
    floor = getattr(rules, row["clause"]).floor
    effective = (
        f"{_plain(row['invested_year'])}−{_plain(row['land_cost_year'])}={_plain(row['effective'])}"
        f"{_against(row['effective'], floor)}"
    )
    if row["clause"] == "prompt":
        days = (
            f"{row[name] or MISSING}{term}"
            for term, name in (("开工", "started_on"), ("竣工", "completed_on"), ("投产", "produced_on"))
        )
        return effective, "，".join(days)
    actual = row["invested_year"] if rules.fast.actual == "invested" else row["effective"]
    return effective, (
        f"应完成{_plain(row['owed'])}，完成{_plain(actual)}"
        f"（{percent_text(percent(actual, row['owed']))}）{_against(actual, row['need'])}"
    )


def _against(value: Decimal | None, goal: Decimal | None) -> str:
    if value is None or goal is None:
        return ""
    return f" {'≥' if value >= goal else '<'} {_plain(goal)}"


def _plain(wan: Decimal | None) -> str:
    """An amount of 万元 without a fraction that is nothing."""
    return MISSING if wan is None else number_text(wan, 0 if wan == int(wan) else 2)


def wan_text(wan: Decimal) -> str:
    """`6,890万元`: rewards are small and promised in 万元."""
    return f"{_plain(wan)}万元"


def area_reward_words(rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """What each area's projects and enterprises come to under Chinese terms, the most money first."""
    met = rows.filter(pl.col("verdict") == "met")
    counted = [
        (pl.col("clause") == clause).sum().cast(pl.Int64).alias(term) for clause, term in CLAUSES.items()
    ]
    by_area = met.group_by("area_id").agg(*counted, reward=pl.col("reward").sum())
    return by_area.sort("reward", "area_id", descending=[True, False]).select(
        pl.col("area_id").replace(names).alias("责任地区"),
        *CLAUSES.values(),
        pl.col("reward").cast(pl.Decimal(38, 2)).alias("奖励（万元）"),
    )


def approval_title(city: str, period: str, *, is_demonstration: bool) -> str:
    """`沈阳市2024年9月项目奖励审批表（待审批）`; demonstration data are named so."""
    return f"{city}{period_text(period)}项目奖励审批表（待审批）{'（示例数据）' if is_demonstration else ''}"


def approval_facts(
    rows: pl.DataFrame, rules: RewardRules, period: str, areas: Sequence[str], narrowed: Sequence[str]
) -> list[tuple[str, str]]:
    """Term and text of what is asked for: basis, range, each clause's number and money, signatures."""
    sums = reward_sums(rows)
    told = [
        (
            CLAUSES[one.clause],
            f"符合{count_text(one.met)}个，{wan_text(one.reward)}；差一项{count_text(one.near)}个；"
            f"缺数据不能认定{count_text(one.unknown)}个",
        )
        for one in sums
    ]
    total = sum((one.reward for one in sums), Decimal(0))
    where = "、".join((*areas, *narrowed))
    return [
        ("依据", rules.document),
        ("报告期", period_text(period)),
        ("范围", where or "全市"),
        *told,
        ("资金合计", wan_text(total)),
        ("说明", trial_words(rules, period)),
        *(("条款与读法", sentence) for sentence in rule_sentences(rules)),
        ("经办人", ""),
        ("审核人", ""),
        ("审批意见", ""),
    ]


def approval_sheets(
    rows: pl.DataFrame, projects: pl.DataFrame, names: Mapping[str, str], rules: RewardRules
) -> dict[str, pl.DataFrame]:
    """The rows by verdict under Chinese terms, a sheet each, and what each area comes to."""
    sheets = {
        term: reward_words(rows.filter(pl.col("verdict") == verdict), projects, names, rules)
        for verdict, term in (("met", "符合"), ("near", "差一项"), ("unknown", "缺数据"))
    }
    return {**sheets, "各地区": area_reward_words(rows, names)}


def chosen_rows(rows: pl.DataFrame, verdict: str) -> pl.DataFrame:
    """The rows of one verdict, in their order."""
    return rows.filter(pl.col("verdict") == verdict)


def no_rules_words(known: Mapping[str, RewardRules], city_code: str, city: str, period: str) -> list[str]:
    """Why there is nothing to reward, and what to do about it: of another year, or of no document at all."""
    rules = known.get(city_code)
    if rules is not None:
        return [
            f"{months_text(period)}，没有{period[:4]}年的奖励规则。",
            f"现有规则出自{rules.document}，只适用于{rules.year}年，请在上方改选{rules.year}年的报告期；"
            f"有新文件时，改参考数据文件夹里本市的奖励文件。",
        ]
    return [
        f"{months_text(period)}，{city}没有设定项目奖励规则。",
        f"文件中没有{city}的奖励条款。需要测算时，在参考数据文件夹里照沈阳市的文件建一份本市的。",
    ]
