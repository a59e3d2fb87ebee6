"""Warnings: which lights have come on, gone worse, better or out, whose they are, and what follows."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.metrics.facts import open_, reached
from saima.reference import Consequence, LightRules
from saima.transforms.lights import LIT, RECENT, light_reasons
from saima.wording import LIGHTS, MISSING, count_text, hundred_millions_text, months_text, period_text

CHANGES: Mapping[str, str] = MappingProxyType(
    {"new": "新增", "worse": "加重", "steady": "延续", "better": "减轻", "solved": "解除"}
)
"""What became of a project's light since the last period."""

GROUPS: Mapping[str, str] = MappingProxyType(
    {"area_id": "责任地区", "leader": "包保领导", "chain": "产业链", "category": "项目类别"}
)
"""By what the lights are counted."""


def light_changes(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The projects that are, or were, yellow or red, with `change` (one of CHANGES) and `light_before`.

    `now` and `before` are rows of `lights.project_lights` of two periods; exempt ones count as not lit.
    What left the ledger, or is not told of any more, is not solved: it is left out. Ordered by light, the
    worst first, then by how long it has been on, and by size.
    """
    lit, was = (
        frame.with_columns(
            shown=pl.when(pl.col("light").is_in(LIT) & ~pl.col("is_exempt")).then("light").otherwise(None)
        )
        for frame in (now, before)
    )
    joined = lit.join(
        was.select("project_id", light_before="shown"), on="project_id", how="left", maintain_order="left"
    ).filter(pl.col("shown").is_not_null() | pl.col("light_before").is_not_null())
    rank = {None: 0, "yellow": 1, "red": 2}
    here, there = (pl.col(name).replace_strict(rank, default=0) for name in ("shown", "light_before"))
    change = (
        pl.when(there == 0)
        .then(pl.lit("new"))
        .when(here == 0)
        .then(pl.lit("solved"))
        .when(here > there)
        .then(pl.lit("worse"))
        .when(here < there)
        .then(pl.lit("better"))
        .otherwise(pl.lit("steady"))
    )
    return (
        joined.with_columns(change=change, place=here)
        .sort(
            *("place", "red_periods", "lit_periods", "investment_total", "project_id"),
            descending=[True, True, True, True, False],
            nulls_last=True,
        )
        .drop("place", "shown")
    )


def change_counts(changes: pl.DataFrame) -> pl.DataFrame:
    """How many projects by change, in the order of CHANGES: change, term, projects."""
    counted = dict(changes["change"].value_counts().iter_rows())
    rows = [(change, term, int(counted.get(change, 0))) for change, term in CHANGES.items()]
    return pl.DataFrame(rows, {"change": pl.String, "term": pl.String, "projects": pl.Int64}, orient="row")


def change_numbers(lights: tuple[pl.DataFrame, pl.DataFrame]) -> dict[str, int]:
    """How many projects by change, of (lights now, changes)."""
    return dict(change_counts(lights[1]).select("change", "projects").iter_rows())


def warnings_sentence(
    now: pl.DataFrame, changes: pl.DataFrame, period: str, previous: str | None, subject: str
) -> str:
    """`1—9月，全市红灯554个、黄灯540个；比8月新增62个、加重18个、减轻20个、解除41个。`"""
    counted = now.filter(~pl.col("is_exempt"))
    red, yellow = (int((counted["light"] == light).sum()) for light in ("red", "yellow"))
    exempt = now.filter(pl.col("is_exempt") & pl.col("light").is_in(LIT)).height
    found = dict(change_counts(changes).select("change", "projects").iter_rows())
    moved = "、".join(
        f"{CHANGES[change]}{count_text(found[change])}个" for change in ("new", "worse", "better", "solved")
    )
    sentence = f"{months_text(period)}，{subject}红灯{count_text(red)}个、黄灯{count_text(yellow)}个"
    sentence += f"，另有{count_text(exempt)}个豁免" if exempt else ""
    if previous is None:
        return f"{sentence}；之前没有快照，不作比较。"
    return f"{sentence}；比{period_text(previous)}{moved}。"


def light_groups(now: pl.DataFrame, changes: pl.DataFrame, by: str) -> pl.DataFrame:
    """Lights by one of GROUPS, those with most red first.

    Returns id, red, yellow, green, exempt and the changes.
    """
    counted = ~pl.col("is_exempt")
    stock = now.group_by(by).agg(
        *(((pl.col("light") == light) & counted).sum().alias(light) for light in ("red", "yellow", "green")),
        exempt=(pl.col("is_exempt") & pl.col("light").is_in(LIT)).sum(),
    )
    moved = changes.group_by(by).agg(
        *((pl.col("change") == change).sum().alias(change) for change in CHANGES)
    )
    return (
        stock.join(moved, on=by, how="left", nulls_equal=True)
        .with_columns(pl.col(*CHANGES).fill_null(0))
        .filter(pl.col("red") + pl.col("yellow") + pl.col("exempt") + pl.col("solved") > 0)
        .rename({by: "id"})
        .sort("red", "yellow", "id", descending=[True, True, False], nulls_last=True)
    )


def named_groups(groups: pl.DataFrame, names: Mapping[str, str], by: str) -> pl.DataFrame:
    """The first groups of `light_groups` with their name, as the figure shows them."""
    return groups.head(_SHOWN).with_columns(name=pl.col("id").replace(names).fill_null(f"未填{GROUPS[by]}"))


_SHOWN = 14
"""Groups in the figure; the table has all."""


def group_words(groups: pl.DataFrame, names: Mapping[str, str], by: str) -> pl.DataFrame:
    """The groups under Chinese terms."""
    return groups.select(
        pl.col("id").replace(names).fill_null(f"未填{GROUPS[by]}").alias(GROUPS[by]),
        *(
            pl.col(name).cast(pl.Int64).alias(term)
            for name, term in (
                *(("red", "■ 红灯"), ("yellow", "▲ 黄灯"), ("green", "● 绿灯"), ("exempt", "豁免")),
                *((change, CHANGES[change]) for change in ("new", "worse", "better", "solved")),
            )
        ),
    )


def slow_lines(now: pl.DataFrame, rules: LightRules) -> list[tuple[str, str]]:
    """(light, sentence) of what drags on: 马拉松, 蜗牛, and what is exempt from its light."""
    marathon, snail = (int(now[name].sum()) for name in ("is_marathon", "is_snail"))
    exempt = now.filter(pl.col("is_exempt") & pl.col("light").is_in(LIT)).height
    told = [
        ("yellow", marathon, f"“马拉松”项目 {marathon:,d} 个：开工满{rules.marathon_months}个月仍未竣工"),
        (
            "yellow",
            snail,
            f"“蜗牛”项目 {snail:,d} 个：累计完成投资低于工期进度{rules.snail_points:g}个百分点以上",
        ),
        ("grey", exempt, f"豁免亮灯 {exempt:,d} 个：原因、批准人、期限见下表"),
    ]
    return [(light, sentence) for light, count, sentence in told if count]


def exempt_words(now: pl.DataFrame, rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Exempt projects with a light on under Chinese terms: 灯, 项目名称, 责任地区, 原因, 批准人, 期限."""
    exempt = now.filter(pl.col("is_exempt") & pl.col("light").is_in(LIT)).sort("project_id")
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    told = [(row, known.get(row["project_id"], {})) for row in exempt.iter_rows(named=True)]
    words = {
        "灯": [f"{' '.join(LIGHTS[row['light']])}（豁免）" for row, _ in told],
        "项目名称": [project.get("name") for _, project in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row, _ in told],
        "原因": [project.get("exemption_reason") for _, project in told],
        "批准人": [project.get("exempt_by") for _, project in told],
        "期限": [str(project.get("exempt_until") or MISSING) for _, project in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def reached_consequences(rules: LightRules, of: str, periods: int) -> list[Consequence]:
    """What follows from so many periods in a row, the gravest last."""
    due = [rule for rule in rules.consequences if rule.of == of and periods >= rule.periods]
    return sorted(due, key=lambda rule: rule.periods)


def consequence_of(rules: LightRules, of: str, periods: int) -> Consequence | None:
    """The gravest of them, None where nothing follows yet."""
    return next(reversed(reached_consequences(rules, of, periods)), None)


def warning_words(
    changes: pl.DataFrame, rows: pl.DataFrame, names: Mapping[str, str], rules: LightRules
) -> pl.DataFrame:
    """Projects with a light on under Chinese terms, in the order of `changes`.

    `rows` is the frame of the query `project_rows` for them. Columns: 灯, 变化, 连续, 项目名称, 责任地区,
    项目单位, 包保领导, 责任人, 总投资（亿元）, 依据, 后果.
    """
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    told = [(row, known.get(row["project_id"], {})) for row in changes.iter_rows(named=True)]
    words = {
        "灯": [" ".join(LIGHTS[row["light"]]) for row, _ in told],
        "变化": [CHANGES[row["change"]] for row, _ in told],
        "连续": [_streak_words(row) for row, _ in told],
        "项目名称": [project.get("name") for _, project in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row, _ in told],
        "项目单位": [project.get("owner") for _, project in told],
        "包保领导": [project.get("leader") for _, project in told],
        "责任人": [project.get("responsible_person") for _, project in told],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for row, _ in told],
        "依据": ["；".join(sentence for _, sentence in light_reasons(row)) for row, _ in told],
        "后果": [_consequence_words(row, rules) for row, _ in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def _streak_words(row: Mapping[str, Any]) -> str:
    if row["light"] not in LIT or not (periods := row["red_periods"] or row["lit_periods"]):
        return MISSING
    return f"{periods}期" + ("及以上" if periods >= RECENT else "")


def _consequence_words(row: Mapping[str, Any], rules: LightRules) -> str:
    if row["light"] != "red" or row["is_exempt"]:
        return ""
    found = consequence_of(rules, "project", row["red_periods"])
    return found.words if found else ""


def coming_due(now: pl.DataFrame, problems: pl.DataFrame, after: date, until: date) -> pl.DataFrame:
    """What is due after one day and up to another: starts, completions, productions and problems.

    `now` are facts of the period's projects (stage, start_due_on, completion_due_on, production_due_on),
    `problems` those of problem_facts (project_id, area_id, due_on, raised_on, resolved_on, end_on). Returns
    project_id, area_id, what (start, completion, production, problem), due_on; by due_on.
    """
    planned = [
        now.filter(where).select("project_id", "area_id", pl.lit(what).alias("what"), due_on=column)
        for what, where, column in (
            ("start", ~reached("started"), "start_due_on"),
            ("completion", pl.col("stage") == "started", "completion_due_on"),
            ("production", pl.col("stage") == "completed", "production_due_on"),
        )
    ]
    open_problems = problems.filter(open_()).select(
        "project_id", "area_id", pl.lit("problem").alias("what"), "due_on"
    )
    return (
        pl.concat([*planned, open_problems])
        .filter((pl.col("due_on") > after) & (pl.col("due_on") <= until))
        .sort("due_on", "what", "project_id", nulls_last=True)
    )


DUE_TERMS: Mapping[str, str] = MappingProxyType(
    {"start": "开工", "completion": "竣工", "production": "投产", "problem": "问题办结"}
)


def slipping_records(facts: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """How often each owner's projects have slipped: owner, projects, slipped, late.

    `facts` has project_id, is_postponed (this year's planned start put off), is_due_waiting (due and not
    made), started_on and baseline_start_due_on of one period; `owners` project_id and owner. `slipped` are
    projects put off, waiting, or started after the day that the year began with; `late` those that wait.
    """
    is_late_start = (pl.col("started_on") > pl.col("baseline_start_due_on")).fill_null(value=False)
    slipped = pl.col("is_postponed") | pl.col("is_due_waiting") | is_late_start
    return (
        facts.join(owners, on="project_id")
        .filter(pl.col("owner").is_not_null())
        .group_by("owner")
        .agg(projects=pl.len(), slipped=slipped.sum(), late=pl.col("is_due_waiting").sum())
        .sort("owner")
    )


def due_words(
    due: pl.DataFrame, rows: pl.DataFrame, records: pl.DataFrame, names: Mapping[str, str]
) -> pl.DataFrame:
    """What is coming due under Chinese terms, with the record of each owner: 时间, 事项, 项目名称, 责任地区,
    项目单位, 责任人, 单位以往."""
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    record = {row["owner"]: row for row in records.iter_rows(named=True)}
    told = [(row, known.get(row["project_id"], {})) for row in due.iter_rows(named=True)]
    words = {
        "时间": [str(row["due_on"]) for row, _ in told],
        "事项": [DUE_TERMS[row["what"]] for row, _ in told],
        "项目名称": [project.get("name") for _, project in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row, _ in told],
        "项目单位": [project.get("owner") for _, project in told],
        "责任人": [project.get("responsible_person") for _, project in told],
        "单位以往": [_record_words(record.get(project.get("owner"))) for _, project in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def _record_words(record: Mapping[str, Any] | None) -> str:
    if record is None:
        return MISSING
    if not record["slipped"]:
        return f"{record['projects']}个项目，未推迟过开工"
    late = f"，{record['late']}个应开未开" if record["late"] else ""
    return f"{record['projects']}个项目，{record['slipped']}个推迟过{late}"


def explanations_owed(
    now: pl.DataFrame, targets: pl.DataFrame, names: Mapping[str, str], rules: LightRules
) -> pl.DataFrame:
    """Who owes the city a written explanation, and why: 责任地区, 原因 (沈阳“四个一批”方案 四（五）).

    Areas one of whose targets is red, or with projects that have been red for as many filed periods in a
    row as the rules say. `now` are rows of `lights.project_lights` of the period; `targets` has area_id,
    wording, light, distance of the areas' targets; `names` the areas that can owe one. By area code.
    """
    long_red = (
        now.filter(~pl.col("is_exempt") & (pl.col("red_periods") >= rules.explanation_periods))
        .group_by("area_id")
        .agg(projects=pl.len(), longest=pl.col("red_periods").max())
    )
    reasons: dict[str, list[str]] = {}
    for row in targets.filter(pl.col("light") == "red").sort("area_id", "distance").iter_rows(named=True):
        reasons.setdefault(row["area_id"], []).append(
            f"“{row['wording']}”连续{rules.target_red_periods}期以上低于序时"
        )
    for row in long_red.iter_rows(named=True):
        reasons.setdefault(row["area_id"], []).append(
            f"{row['projects']}个项目连续{rules.explanation_periods}期以上红灯，最长{row['longest']}期"
        )
    known = sorted(area for area in reasons if area in names)
    return pl.DataFrame(
        {
            "责任地区": [names[area] for area in known],
            "原因": ["；".join(reasons[area]) for area in known],
        },
        schema={"责任地区": pl.String, "原因": pl.String},
    )


def place_consequences(streaks: pl.DataFrame, rules: LightRules) -> pl.DataFrame:
    """What follows for areas near the bottom of the race in a row: area_id, name, periods, words.

    `streaks` is the frame of `race.bottom_streaks`, whose order stays; areas for which nothing follows yet
    are left out.
    """
    rows = [
        row | {"words": found.words}
        for row in streaks.iter_rows(named=True)
        if (found := consequence_of(rules, "place", row["periods"]))
    ]
    schema = {"area_id": pl.String, "name": pl.String, "periods": pl.Int64, "words": pl.String}
    return pl.DataFrame(rows, schema=schema)


def place_words(places: pl.DataFrame) -> list[str]:
    """`法库县连续3期排名靠后：排名连续靠后，建议约谈` for each row of `place_consequences`."""
    return [
        f"{row['name']}连续{row['periods']}期排名靠后：{row['words']}" for row in places.iter_rows(named=True)
    ]
