"""Projects one by one: finding one by name, code or pinyin, and all that the ledgers say of it.

Source: “建档立卡” 大政办发〔2023〕2号 六（一）; a plan is the one first filed (data-model.md section 5);
“竣工即验收” 沈阳“四个一批”方案 20.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl

from saima.ledgers import STAGE_TERMS
from saima.metrics import Metric
from saima.transforms.changes import date_text
from saima.transforms.lights import LIGHT_TERMS, light_reasons
from saima.wording import (
    LIGHTS,
    MISSING,
    amount_text,
    count_text,
    hundred_millions_text,
    percent,
    percent_text,
    period_text,
    share_percent,
)

LISTED = 200
"""How many of the projects found are shown."""

INDEX = ("project_id", "name", "project_code", "owner", "area_id", "chain", "stage", "investment_total")
"""Columns of `project_rows` that a search looks at and lists."""

DATED: Mapping[str, tuple[str, str | None]] = {
    "planned": ("谋划", None),
    "signed": ("签约", None),
    "landed": ("落地", None),
    "approved": ("立项", None),
    "started": ("开工", "start_due"),
    "entered_statistics": ("入统", None),
    "completed": ("竣工", "completion_due"),
    "accepted": ("验收", None),
    "produced": ("投产", "production_due"),
    "ramped": ("达产达效", None),
    "suspended": ("停工", None),
    "resumed": ("复工", None),
    "exited": ("退库", None),
}
"""The dates of a project in their order: the term, and the plan that the ledger keeps for it."""

PEERS = 10
"""How many projects of its kind a project is shown beside."""


def found_projects(index: pl.DataFrame, typed: str) -> pl.DataFrame:
    """The projects, the largest first, in which every word typed is found: all where nothing is typed.

    `index` has INDEX. A word is looked for in name, code, identity and owner, whatever its case; one of
    Latin letters also in the pinyin of the name, by whole syllables, by initials or both mixed.
    """
    found = index
    for word in typed.lower().split():
        fields = pl.concat_str(
            pl.col("name", "project_code", "project_id", "owner").fill_null(""), separator="\n"
        )
        is_met = fields.str.to_lowercase().str.contains(word, literal=True)
        if word.isascii() and word.isalpha():
            spelled = [name for name in index["name"].drop_nulls().unique() if is_spelled(name, word)]
            is_met |= pl.col("name").is_in(spelled)
        found = found.filter(is_met)
    return found.sort("investment_total", "project_id", descending=[True, False], nulls_last=True)


def is_spelled(name: str, typed: str) -> bool:
    """Whether a run of the name's characters is spelled by these small Latin letters.

    Each character by one of its readings or the reading's first letter; the last one may be cut short.
    `is_spelled("沈阳机床", "syjic")` is true.
    """
    return any(_spells(name, place, typed) for place in range(len(name)))


def _spells(name: str, place: int, typed: str) -> bool:
    if not typed:
        return True
    if place == len(name):
        return False
    for reading in _readings(name[place]):
        if reading.startswith(typed):
            return True
        if typed.startswith(reading) and _spells(name, place + 1, typed[len(reading) :]):
            return True
        if reading.startswith(typed[0]) and _spells(name, place + 1, typed[1:]):
            return True
    return False


@lru_cache(maxsize=8192)
def _readings(character: str) -> tuple[str, ...]:
    # Only a search by pinyin pays for the table of readings.
    from pypinyin import Style, pinyin  # noqa: PLC0415

    return tuple(reading.lower() for reading in pinyin(character, style=Style.NORMAL, heteronym=True)[0])


def found_sentence(found: pl.DataFrame, index: pl.DataFrame, typed: str, period: str, subject: str) -> str:
    """`9月全市台账共6,212个项目，总投资1.2万亿元。`, or how many of them were found by what was typed."""
    whole = f"{period_text(period)}{subject}台账共{count_text(index.height)}个项目"
    if not typed.strip():
        return f"{whole}，输入名称、代码、单位或拼音查找，点一行看项目卡。"
    if found.is_empty():
        return f"{whole}，没有找到“{typed.strip()}”，请换一个名称、代码、单位或拼音。"
    return f"{whole}，找到{count_text(found.height)}个，点一行看项目卡。"


def found_words(
    found: pl.DataFrame, lights: pl.DataFrame, names: Mapping[str, str], stage_terms: Mapping[str, str]
) -> pl.DataFrame:
    """The first LISTED projects of `found_projects` under Chinese terms; `lights` of `project_lights`."""
    lit = dict(lights.select("project_id", "light").iter_rows())
    terms = {**STAGE_TERMS, **stage_terms}
    rows = list(found.head(LISTED).iter_rows(named=True))
    words = {
        "项目名称": [row["name"] for row in rows],
        "灯": [_light_words(lit.get(row["project_id"])) for row in rows],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row in rows],
        "环节": [terms.get(row["stage"], "阶段不明") for row in rows],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for row in rows],
        "产业链": [row["chain"] for row in rows],
        "项目单位": [row["owner"] for row in rows],
        "项目代码": [row["project_code"] for row in rows],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def _light_words(light: str | None) -> str:
    return MISSING if light is None else " ".join(LIGHTS[light])


def project_metric(project_id: str) -> Metric:
    """What proves a figure of one project: its row of the ledger."""
    return Metric(
        id="one_project",
        name="本项目的台账行",
        unit="个",
        kind="stock",
        definition="这一个项目在报告期的台账行；各期的台账行见“各期台账”",
        source="项目台账",
        counted=pl.col("project_id") == project_id,
    )


@dataclass(frozen=True)
class Told:
    """How often a date was told and what was told last: `first` and `last` days, their words, `moves`."""

    first: date | None
    last: date | None
    first_words: str
    last_words: str
    moves: int
    days: tuple[date, ...]


def told_date(history: pl.DataFrame, name: str) -> Told:
    """What the filings say of a date, in their order; a row carried on says nothing new.

    `history` is the query project_history of one project. A date left empty later is told no longer:
    `last` is None, and that is a move, too.
    """
    said = (
        history.filter(pl.col("filed_period") == pl.col("period"))
        .sort("period")
        .select(name, words=date_text(name))
    )
    days, words, moves = said[name].to_list(), said["words"].to_list(), 0
    known = [place for place, day in enumerate(days) if day is not None]
    if not known:
        return Told(None, None, MISSING, MISSING, 0, ())
    told: list[date] = []
    for place in range(known[0], len(days)):
        if place > known[0] and words[place] != words[place - 1]:
            moves += 1
        if days[place] is not None and (not told or told[-1] != days[place]):
            told.append(days[place])
    return Told(
        first=days[known[0]],
        last=days[-1],
        first_words=words[known[0]],
        last_words=words[-1] or MISSING,
        moves=moves,
        days=tuple(told),
    )


def project_dates(history: pl.DataFrame, end: date) -> pl.DataFrame:
    """Every date of a project in the order of DATED, those left out of which the ledger never says anything.

    Returns event, term, due_days and days (lists: what was told of plan and fact, in the order of the
    filings), due_words and due_first_words, due_moves, on, words, moves, is_past (the fact is there by
    `end`), late (months between first plan and fact, or `end` where it is past its plan; null where there
    is no plan, or it is not due) and state (done, late, waiting, withdrawn).
    """
    rows = []
    for event, (term, due) in DATED.items():
        fact = told_date(history, f"{event}_on")
        plan = told_date(history, f"{due}_on") if due else Told(None, None, MISSING, MISSING, 0, ())
        if not fact.days and not plan.days:
            continue
        is_past = fact.last is not None and fact.last <= end
        late = _late(plan.first, fact.last if is_past else None, end)
        rows.append(
            {
                "event": event,
                "term": term,
                "due_days": list(plan.days),
                "days": list(fact.days),
                "due_first_words": plan.first_words,
                "due_words": plan.last_words,
                "due_moves": plan.moves,
                "on": fact.last,
                "words": fact.last_words,
                "moves": fact.moves,
                "is_past": is_past,
                "late": late,
                "state": "done"
                if is_past
                else "late"
                if late
                else "withdrawn"
                if fact.days and fact.last is None
                else "waiting",
            }
        )
    return pl.DataFrame(rows, schema=_DATE_SCHEMA)


_DATE_SCHEMA: Mapping[str, Any] = {
    "event": pl.String,
    "term": pl.String,
    "due_days": pl.List(pl.Date),
    "days": pl.List(pl.Date),
    "due_first_words": pl.String,
    "due_words": pl.String,
    "due_moves": pl.Int64,
    "on": pl.Date,
    "words": pl.String,
    "moves": pl.Int64,
    "is_past": pl.Boolean,
    "late": pl.Int64,
    "state": pl.String,
}


def _late(due: date | None, on: date | None, end: date) -> int | None:
    """Months from the month that was first planned to that of the fact, or of `end` where it is past."""
    if due is None:
        return None
    if on is None and end <= due:
        return None
    until = on or end
    return (until.year - due.year) * 12 + until.month - due.month


def date_marks(dates: pl.DataFrame) -> pl.DataFrame:
    """The rows of `project_dates` as the figure shows them: term, due_days, days, state and words."""
    words = [_mark_words(row) for row in dates.iter_rows(named=True)]
    return dates.select("term", "due_days", "days", "state").with_columns(
        words=pl.Series(words, dtype=pl.String)
    )


def _mark_words(row: Mapping[str, Any]) -> str:
    told = row["words"] if row["days"] else f"计划{row['due_words']}"
    moved = f"计划改{row['due_moves']}次" if row["due_moves"] else ""
    return " · ".join(filter(None, (told, late_words(row), moved)))


def late_words(row: Mapping[str, Any]) -> str:
    """`比首次计划晚5个月`, `按首次计划的月份`, `已过首次计划3个月`; empty without a plan."""
    late = row["late"]
    if late is None:
        return ""
    if not row["is_past"]:
        return f"已过首次计划{late}个月" if late else "本月到期，尚未发生"
    if not late:
        return "按首次计划的月份"
    return f"比首次计划{'晚' if late > 0 else '早'}{abs(late)}个月"


def date_words(dates: pl.DataFrame) -> pl.DataFrame:
    """The rows of `project_dates` under Chinese terms."""
    rows = list(dates.iter_rows(named=True))
    words = {
        "环节": [row["term"] for row in rows],
        "时间": [row["words"] + ("" if row["is_past"] or row["on"] is None else "（未到）") for row in rows],
        "时间改动次数": [count_text(row["moves"]) for row in rows],
        "首次计划": [row["due_first_words"] for row in rows],
        "现在计划": [row["due_words"] for row in rows],
        "计划改动次数": [count_text(row["due_moves"]) if row["due_days"] else MISSING for row in rows],
        "与首次计划": [late_words(row) or MISSING for row in rows],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def acceptance_sentence(history: pl.DataFrame, end: date) -> str:
    """How long after completion the acceptance came (竣工即验收); empty before the completion.

    Days are told between dates that are known to the day; `history` is of one project.
    """
    row = history.row(-1, named=True)
    completed, accepted = row["completed_on"], row["accepted_on"]
    if completed is None or completed > end:
        return ""
    if accepted is None or accepted > end:
        exact = row["completed_on_precision"] == "day"
        waited = f"，已{(end - completed).days}天" if exact else ""
        return f"竣工未验收{waited}。"
    if row["completed_on_precision"] != "day" or row["accepted_on_precision"] != "day":
        return "竣工、验收时间不都精确到日，不计算间隔。"
    days = (accepted - completed).days
    return (
        "竣工当日验收。"
        if days == 0
        else f"竣工后{days}天验收。"
        if days > 0
        else "验收时间早于竣工时间，请核对。"
    )


def project_sentence(
    row: Mapping[str, Any],
    light: Mapping[str, Any] | None,
    end: date,
    terms: Mapping[str, str],
    currency: str,
) -> str:
    """`截至2024年9月，甲项目：总投资12.3亿元，开工；2024年计划3.00亿元，完成2.10亿元，占70.0%。`

    `row` is of the query project_rows, `light` of `project_lights` (None for what has left).
    """
    stages = {**STAGE_TERMS, **terms}
    total = amount_text(row["investment_total"], currency)
    parts = [
        f"截至{end.year}年{end.month}月，{row['name']}：总投资{total}，"
        f"{stages.get(row['stage'], '阶段不明')}{'（填报）' if row['is_reported'] else ''}"
    ]
    plan, done = row["plan_year"], row["invested_year"]
    if plan is not None or done is not None:
        share = percent(done, plan)
        money = f"{end.year}年计划{amount_text(plan, currency)}，完成{amount_text(done, currency)}"
        parts.append(money + (f"，占{percent_text(share)}" if share is not None else ""))
    if light is not None:
        parts.append(f"亮灯：{' '.join(LIGHTS[light['light']])}" + ("（豁免）" if light["is_exempt"] else ""))
    return "；".join(parts) + "。"


def light_lines(light: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Every light of a project that says something as (colour, sentence), the worst first; reasons for those
    that are yellow or red."""
    if light is None:
        return []
    told = light_reasons(light)
    lit = {sentence.split("：")[0] for _, sentence in told}
    calm = [
        ("green", f"{term}：正常")
        for name, term in LIGHT_TERMS.items()
        if light[name] == "green" and term not in lit
    ]
    more = [
        (light["light"], f"连续{light['lit_periods']}个报送期亮黄灯或红灯")
        for _ in range(light["lit_periods"] > 1)
    ]
    slow = [("red", "列入“马拉松”项目") for _ in range(bool(light["is_marathon"]))] + [
        ("red", "列入“蜗牛”项目") for _ in range(bool(light["is_snail"]))
    ]
    return [*told, *more, *slow, *calm]


def about_project(
    row: Mapping[str, Any], facts: Mapping[str, Any], names: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Term and text of what a project is and who answers for it; what the ledger leaves out is —.

    `row` is of project_rows, `facts` of project_facts with ABOUT.
    """
    who = " · ".join(filter(None, (row["leader"], facts["leader_level"])))
    exempt = " · ".join(
        str(part) for part in (row["exemption_reason"], row["exempt_by"], row["exempt_until"]) if part
    )
    told = [
        ("项目代码", row["project_code"]),
        ("项目单位", row["owner"]),
        ("责任地区", names.get(row["area_id"], row["area_id"])),
        ("类别、产业链", " · ".join(filter(None, (row["category"], row["chain"])))),
        ("清单", "、".join(facts["lists"] or ())),
        ("标签", "、".join(tag.split(":", 1)[-1] for tag in facts["tags"] or ())),
        ("包保领导", who),
        ("专班、服务秘书", " · ".join(filter(None, (facts["team"], facts["steward"])))),
        ("责任人、牵头部门", " · ".join(filter(None, (row["responsible_person"], row["lead_unit"])))),
        ("形象进度", row["progress_text"]),
    ]
    return [(term, text or MISSING) for term, text in told] + [
        ("亮灯豁免", exempt) for _ in range(bool(exempt))
    ]


ABOUT = ("project_id", "lists", "tags", "leader_level", "team", "steward")
"""Columns of project_facts that the card tells."""

PEER_FACTS = (
    *("project_id", "category", "chain", "stage", "investment_total", "plan_year", "invested_year"),
    *("signed_on", "signed_on_precision", "started_on", "started_on_precision", "exited_on", "end_on"),
)
"""Columns of project_facts that peers are told from."""


def peer_projects(facts: pl.DataFrame, project_id: str) -> pl.DataFrame:
    """The projects of its kind, nearest in size first: PEER_FACTS of those that stand.

    Of the same chain where it has one, else of the same category; between half and twice its total
    investment. Empty where the ledger does not say its total investment.
    """
    mine = facts.filter(pl.col("project_id") == project_id)
    if mine.is_empty() or mine["investment_total"][0] is None:
        return facts.clear()
    row = mine.row(0, named=True)
    kind = "chain" if row["chain"] else "category"
    size: Decimal = row["investment_total"]
    like = (pl.col(kind) == row[kind]) if row[kind] else pl.lit(value=False)
    return (
        facts.filter(
            like,
            pl.col("project_id") != project_id,
            pl.col("stage").ne_missing("exited"),
            (pl.col("investment_total") * 2 >= size) & (pl.col("investment_total") <= size * 2),
        )
        .with_columns(apart=(pl.col("investment_total") - size).abs())
        .sort("apart", "project_id")
        .drop("apart")
    )


def peers_sentence(peers: pl.DataFrame, row: Mapping[str, Any]) -> str:
    """How the project stands among its peers: their median of completion of the year's plan, and its own.

    `row` has PEER_FACTS of the project.
    """
    kind = f"同产业链（{row['chain']}）" if row["chain"] else f"同类别（{row['category'] or '未填'}）"
    if row["investment_total"] is None:
        return "本项目没有填报总投资，不与同类项目比较。"
    if peers.is_empty():
        return f"没有{kind}、总投资为本项目一半至两倍的项目。"
    said = f"{kind}、总投资为本项目一半至两倍的项目{count_text(peers.height)}个"
    shares = peers.filter(pl.col("plan_year") > 0, pl.col("invested_year").is_not_null()).select(
        share=pl.col("invested_year").cast(pl.Float64) / pl.col("plan_year").cast(pl.Float64)
    )
    if shares.is_empty():
        return f"{said}，都没有填报年度计划和完成。"
    own = percent_text(percent(row["invested_year"], row["plan_year"]))
    middle = percent_text(share_percent(shares.select(pl.median("share")).item()))
    return f"{said}，其中{count_text(shares.height)}个有年度计划，完成率中位数{middle}，本项目{own}。"


def peer_words(
    peers: pl.DataFrame,
    rows: pl.DataFrame,
    lights: pl.DataFrame,
    names: Mapping[str, str],
    stage_terms: Mapping[str, str],
) -> pl.DataFrame:
    """The first PEERS of `peer_projects` under Chinese terms; `rows` are their ledger rows."""
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    lit = dict(lights.select("project_id", "light").iter_rows())
    terms = {**STAGE_TERMS, **stage_terms}
    told = [known[project_id] for project_id in peers.head(PEERS)["project_id"]]
    words = {
        "项目名称": [row["name"] for row in told],
        "灯": [_light_words(lit.get(row["project_id"])) for row in told],
        "责任地区": [names.get(row["area_id"], row["area_id"]) for row in told],
        "环节": [terms.get(row["stage"], "阶段不明") for row in told],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for row in told],
        "年度计划（亿元）": [hundred_millions_text(row["plan_year"]) for row in told],
        "本年完成（亿元）": [hundred_millions_text(row["invested_year"]) for row in told],
        "完成率": [percent_text(percent(row["invested_year"], row["plan_year"])) for row in told],
        "签约": [str(row["signed_on"] or MISSING) for row in told],
        "开工": [str(row["started_on"] or MISSING) for row in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def history_words(
    history: pl.DataFrame, sources: Mapping[str, str], lights: pl.DataFrame | None
) -> pl.DataFrame:
    """What every period's ledger says of one project under Chinese terms, the newest first, with the workbook
    rows; `sources` are files by filing, `lights` the project's own of the periods told."""
    lit = dict(lights.select("period", "light").iter_rows()) if lights is not None else {}
    told = history.sort("period", descending=True)
    rows = list(told.iter_rows(named=True))
    words = {
        "报告期": [row["period"] for row in rows],
        "报送": [
            "本期" if row["filed_period"] == row["period"] else f"沿用{row['filed_period']}" for row in rows
        ],
        "灯": [_light_words(lit.get(row["period"])) for row in rows],
        "填报阶段": [row["stage_reported"] for row in rows],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for row in rows],
        "年度计划（亿元）": [hundred_millions_text(row["plan_year"]) for row in rows],
        "本年完成（亿元）": [hundred_millions_text(row["invested_year"]) for row in rows],
        "形象进度": [row["progress_text"] for row in rows],
        **{
            term: told.select(date_text(name)).to_series().to_list()
            for name, term in (
                ("start_due_on", "计划开工"),
                ("started_on", "开工"),
                ("completion_due_on", "计划竣工"),
                ("completed_on", "竣工"),
            )
        },
        "来源文件": [sources.get(row["filing_id"]) for row in rows],
        "工作表": [row["source_sheet"] for row in rows],
        "行号": [str(row["source_row"] or MISSING) for row in rows],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def filed_investment(history: pl.DataFrame) -> pl.DataFrame:
    """What one project's filings say was done, as `lists.plan_months` wants it: period, invested_year and
    projects; a row carried on says nothing of its month."""
    return history.filter(pl.col("filed_period") == pl.col("period")).select(
        "period", "invested_year", projects=pl.col("invested_year").is_not_null().cast(pl.Int64)
    )


def project_lights_of(lights: pl.DataFrame, period: str, project_id: str) -> Mapping[str, Any] | None:
    """The row of one project in `project_lights` at the end of a period; None where it has left."""
    mine = lights.filter(pl.col("period") == period, pl.col("project_id") == project_id)
    return None if mine.is_empty() else mine.row(0, named=True)
