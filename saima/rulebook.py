"""The office edits its rules on the page: targets and lights, previewed, checked, kept with who and why."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from saima import reference
from saima.controls import notice
from saima.evidence import remark
from saima.reference import ReferenceError
from saima.reference.lights import EDITABLE, edited_rules
from saima.reference.targets import TARGET_TERMS, edited_targets, target_cells
from saima.scope import Scope, must_fit_the_catalogue
from saima.transforms.lights import light_moves, moves_sentence

_PAST = "正在看以前的时点。规则只在“数据截至 最新”时修改。"


def edit_lights(scope: Scope) -> None:
    """The thresholds of the city's lights, what other ones would change, and saving them."""
    name = f"lights/{scope.city_code}.toml"
    with st.expander("修改亮灯规则（先预览，再保存）"):
        if not scope.is_latest:
            remark(_PAST)
            return
        text, seen = _shown(name)
        try:
            rules, draft = edited_rules(name, text, _numbers(scope, _mark(text)))
        except ReferenceError as problem:
            notice(str(problem))
            return
        moves = light_moves(scope.lights(), scope.lights(rules=rules))
        remark(moves_sentence(moves))
        who, why = _signed("lights")
        if st.button("保存亮灯规则", key="save_lights", disabled=rules == scope.light_rules):
            _save(name, draft, who, why, instead_of=seen)


def _shown(name: str) -> tuple[str, str]:
    """The text of a file now, and as this reader was last shown it; says so where they differ, and that
    the reader's own change was saved."""
    if st.session_state.pop(f"saved_{name}", False):
        notice("已保存，今后按新的规则计算；以前时点的数字不变。")
    text = reference.text_of(name)
    seen = str(st.session_state.get(f"seen_{name}", text))
    st.session_state[f"seen_{name}"] = text
    if seen != text:
        notice("这些规则刚在别处改过，下面已是新的内容；没有保存的改动请重新填写。")
    return text, seen


def _mark(text: str) -> str:
    """Part of the keys of boxes: what was typed into them belongs to the text they showed."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _numbers(scope: Scope, mark: str) -> dict[tuple[str, str], float]:
    """The thresholds as they stand in the boxes, by (table, key)."""
    told: dict[tuple[str, str], float] = {}
    columns = st.columns(4)
    for place, (key, (attribute, term)) in enumerate(EDITABLE.items()):
        now = getattr(scope.light_rules, attribute)
        with columns[place % 4]:
            told[key] = st.number_input(
                term,
                value=float(now) if isinstance(now, float) else int(now),
                min_value=0.0 if isinstance(now, float) else 0,
                key=f"light_{scope.city_code}_{attribute}_{mark}",
            )
    return told


def edit_targets(scope: Scope) -> None:
    """The city's targets of the year as a table that can be changed, and saving them."""
    year = int(scope.period[:4])
    rows = scope.reference.targets_of(scope.city_code, year)
    with st.expander(f"修改{year}年目标（改、增、删后保存；按台账口径校验）"):
        if not scope.is_latest:
            remark(_PAST)
            return
        remark(
            "指标填口径页的指标代码，留空则只列文字；筛选如 category=工业;investment_from=10000；"
            "比较为 >=、>、<=、左右；序时为 linear（按月均）、plan、none；上级填目标编号。"
        )
        text, seen = _shown("targets.csv")
        shown = target_cells(rows)
        edited = st.data_editor(
            shown,
            num_rows="dynamic",
            hide_index=True,
            key=f"targets_{scope.city_code}_{year}_{_mark(text)}",
            height=360,
            width="stretch",
            placeholder="",
        )
        who, why = _signed("targets")
        if st.button("保存目标", key="save_targets"):
            told: list[dict[str, Any]] = [
                {name: row[term] for name, term in TARGET_TERMS.items()}
                for row in edited.iter_rows(named=True)
            ]
            draft = edited_targets(text, scope.city_code, year, told)
            _save("targets.csv", draft, who, why, instead_of=seen)


def _signed(key: str) -> tuple[str, str]:
    """Who changes a rule, and why."""
    with st.container(horizontal=True, key=f"sign_{key}"):
        who = st.text_input("修改人", key=f"who_{key}", placeholder="姓名", width=180)
        why = st.text_input("原因", key=f"why_{key}", placeholder="如：按市政府通知调整", width=360)
    return who.strip(), why.strip()


def _save(name: str, text: str, who: str, why: str, *, instead_of: str) -> None:
    """Keep the file, or say why not; what is refused leaves everything as it was."""
    if not who or not why:
        notice("请填写修改人和原因，再保存。")
        return
    try:
        reference.save(
            name,
            text,
            who=who,
            when=datetime.now(UTC),
            why=why,
            instead_of=instead_of,
            check=must_fit_the_catalogue,
        )
    except ReferenceError as problem:
        notice(f"没有保存。{problem}")
        return
    st.session_state[f"seen_{name}"] = text
    st.session_state[f"saved_{name}"] = True
    st.rerun()
