"""What the office has handed out and written: decisions 交办事项 until they are closed, letters 函件 until
they are answered.

Source: 沈阳“四个一批”方案 四（五）, 大政办发〔2023〕2号 六; what closes a decision: data-model.md 2.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.ledgers import PROJECTS
from saima.wording import MISSING, count_text

DECISION_STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "overdue": ("■", "逾期未办结"),
        "open": ("▲", "在办"),
        "proved": ("●", "台账已证明，待销号"),
        "closed": ("●", "已办结"),
    }
)
"""Shape and words of each state of a decision, the gravest first."""

LETTER_STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "late": ("■", "逾期未复函"),
        "waiting": ("▲", "等待复函"),
        "replied": ("●", "已复函"),
        "no_reply": ("○", "不需复函"),
    }
)
"""The same of a letter."""

ANY = "有值"
"""The closing value that any value of the field meets."""

CLOSING = MappingProxyType(
    {
        spelling: column.name
        for column in PROJECTS.columns
        for spelling in (column.name, column.term, *column.aliases)
    }
)
"""The column of the project ledger that a closing field names, by column, term or alias."""


def closing_columns(decisions: pl.DataFrame) -> list[str]:
    """The columns of the project ledger that decisions are closed by, sorted."""
    named = decisions["closing_field"].drop_nulls().to_list()
    return sorted({CLOSING[field] for field in named if field in CLOSING})


def decision_states(decisions: pl.DataFrame, projects: pl.DataFrame, end: date) -> pl.DataFrame:
    """Decisions with `state` (of DECISION_STATES), the gravest first, then by their day.

    `decisions` are rows of the query decision_rows of one period, `projects` have project_id and the columns
    of `closing_columns`. A decision that a closing day or the ledger shows to be done by `end` is not late.
    """
    known = {row["project_id"]: row for row in projects.iter_rows(named=True)}
    states = []
    for row in decisions.iter_rows(named=True):
        if row["closed_on"] is not None and row["closed_on"] <= end:
            states.append("closed")
        elif _is_proved(row, known.get(row["project_id"]), end):
            states.append("proved")
        elif row["due_on"] is not None and row["due_on"] < end:
            states.append("overdue")
        else:
            states.append("open")
    order = {state: place for place, state in enumerate(DECISION_STATES)}
    return (
        decisions.with_columns(state=pl.Series(states, dtype=pl.String))
        .with_columns(place=pl.col("state").replace_strict(order, default=None, return_dtype=pl.Int64))
        .sort("place", "due_on", "decision_id", nulls_last=True)
        .drop("place")
    )


def _is_proved(row: Mapping[str, Any], project: Mapping[str, Any] | None, end: date) -> bool:
    column = CLOSING.get(row["closing_field"] or "")
    value = None if project is None or column is None else project.get(column)
    if value is None:
        return False
    if isinstance(value, date):
        return value <= end
    return row["closing_value"] in {None, ANY, str(value)}


def decisions_sentence(decisions: pl.DataFrame | None) -> str:
    """`交办事项96项：已办结61项，台账已证明、待销号4项，在办22项，逾期未办结9项。`, or that none is filed."""
    if decisions is None:
        return "交办事项台账没有报送到本期。"
    counts = dict(decisions["state"].value_counts().iter_rows())
    done, proved, under_way, late = (
        counts.get(state, 0) for state in ("closed", "proved", "open", "overdue")
    )
    return (
        f"交办事项{count_text(decisions.height)}项：已办结{done}项，台账已证明、待销号{proved}项，"
        f"在办{under_way}项，逾期未办结{late}项。"
    )


def decision_words(decisions: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Decisions of `decision_states` under Chinese terms."""
    rows = list(decisions.iter_rows(named=True))
    words = {
        "状态": [" ".join(DECISION_STATES[row["state"]]) for row in rows],
        "交办月份": [row["decided_in"] or MISSING for row in rows],
        "交办事项": [row["text"] for row in rows],
        "责任地区": [names.get(row["area_id"], "全市") for row in rows],
        "责任单位": [row["unit"] for row in rows],
        "责任人": [row["person"] for row in rows],
        "完成时限": [str(row["due_on"] or MISSING) for row in rows],
        "涉及项目": [row["name"] for row in rows],
        "销号依据": [
            "：".join(filter(None, (row["closing_field"], row["closing_value"]))) or MISSING for row in rows
        ],
        "办结": [str(row["closed_on"] or MISSING) for row in rows],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def letter_states(letters: pl.DataFrame, end: date) -> pl.DataFrame:
    """Letters with `state` (of LETTER_STATES), the gravest first, then by the day a reply was due."""
    replied = (pl.col("replied_on") <= end).fill_null(value=False)
    state = (
        pl.when(replied)
        .then(pl.lit("replied"))
        .when(pl.col("reply_due_on").is_null())
        .then(pl.lit("no_reply"))
        .when(pl.col("reply_due_on") < end)
        .then(pl.lit("late"))
        .otherwise(pl.lit("waiting"))
    )
    order = {name: place for place, name in enumerate(LETTER_STATES)}
    return (
        letters.with_columns(state=state)
        .with_columns(place=pl.col("state").replace_strict(order, default=None, return_dtype=pl.Int64))
        .sort("place", "reply_due_on", "letter_id", nulls_last=True)
        .drop("place")
    )


def letters_sentence(letters: pl.DataFrame | None) -> str:
    """`函件42件：已复函30件，等待复函5件，逾期未复函7件。`, or that nobody filed any."""
    if letters is None:
        return "函件台账没有报送到本期。"
    counts = dict(letters["state"].value_counts().iter_rows())
    free = f"，不需复函{counts['no_reply']}件" if "no_reply" in counts else ""
    return (
        f"函件{count_text(letters.height)}件：已复函{counts.get('replied', 0)}件，"
        f"等待复函{counts.get('waiting', 0)}件，逾期未复函{counts.get('late', 0)}件{free}。"
    )


def sent_words(letters: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Letters of `letter_states` under Chinese terms."""
    rows = list(letters.iter_rows(named=True))
    words = {
        "状态": [" ".join(LETTER_STATES[row["state"]]) for row in rows],
        "函件": [row["kind"] for row in rows],
        "发往": [names.get(row["area_id"], "全市") for row in rows],
        "涉及项目": [row["name"] or MISSING for row in rows],
        "所涉报告期": [row["about_period"] or MISSING for row in rows],
        "发函": [str(row["issued_on"] or MISSING) for row in rows],
        "复函时限": [str(row["reply_due_on"] or MISSING) for row in rows],
        "复函": [str(row["replied_on"] or MISSING) for row in rows],
        "复函内容": [row["reply"] or MISSING for row in rows],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def waiting_lines(decisions: pl.DataFrame | None, letters: pl.DataFrame | None) -> list[tuple[str, str]]:
    """(light, sentence) of what is overdue, for the overview; nothing of a ledger that nobody filed."""
    told = []
    for rows, state, words in (
        (decisions, "overdue", "交办事项逾期未办结 {} 项"),
        (letters, "late", "函件逾期未复 {} 件"),
    ):
        count = 0 if rows is None else rows.filter(pl.col("state") == state).height
        if count:
            told.append(("red", words.format(count_text(count))))
    return told
