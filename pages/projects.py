"""Projects: find one by name, code or pinyin, and see on one card all that the ledgers say of it."""

import streamlit as st

from saima.answers import project_card, project_index
from saima.charts.lists import light_list
from saima.charts.membership import plan_path
from saima.charts.projects import date_lines
from saima.controls import ask_for, asked_for, nothing_in, notice, pick_scope, pick_text
from saima.evidence import block, facts_list, figure, pick_row, reader_look, remark, say, shown_rows, table
from saima.ledgers import LEDGERS
from saima.scope import LEDGER_OF
from saima.transforms.followup import decision_words
from saima.transforms.lists import plan_points
from saima.transforms.overview import scope_subject
from saima.transforms.pace import last_day
from saima.transforms.projects import (
    LISTED,
    about_project,
    acceptance_sentence,
    date_marks,
    date_words,
    found_projects,
    found_sentence,
    found_words,
    history_words,
    light_lines,
    peer_words,
    peers_sentence,
    project_dates,
    project_lights_of,
    project_metric,
    project_sentence,
)

scope = pick_scope()
st.title("项目")
names, terms, currency = scope.area_names, scope.city.stage_terms, scope.city.currency
end = last_day(scope.period)
project_id = asked_for("project")
card = project_card(scope, project_id) if project_id else None

if card is None:
    if project_id:
        notice(f"{scope.city.name}本期台账里没有网址中的项目“{project_id[:40]}”，下面是全部项目。")
    index = project_index(scope)
    if index.is_empty():
        nothing_in(scope)
        st.stop()
    headline = st.container()
    typed = pick_text("find", "查找项目", placeholder="名称、代码、单位或拼音，按回车查找", width=420)
    found = found_projects(index, typed)
    subject = scope_subject(scope.city_areas, scope.areas, scope.narrowed)
    with headline:
        say(found_sentence(found, index, typed, scope.period, subject))
    if not found.is_empty():
        chosen = pick_row(
            found_words(found, scope.lights(), names, terms),
            found["project_id"].to_list(),
            key="found",
            label=f"项目（总投资大的在前，最多列{LISTED}个）",
        )
        if chosen:
            ask_for("project", chosen)
            st.rerun()
else:
    light = project_lights_of(card.lights, scope.period, project_id)
    dates = project_dates(card.history, end)
    metric = project_metric(project_id)
    say(project_sentence(card.row, light, end, terms, currency))
    st.button("‹ 返回项目名单", key="back", type="tertiary", on_click=ask_for, args=("project", ""))

    date_column, about_column = st.columns([7, 5])
    with date_column:
        figure(
            date_lines,
            date_marks(dates),
            metric=metric,
            scope=scope.unfiltered,
            title="时间节点",
            note="◇ 各次所报计划　● 实际　竖线为报告期末",
            rows=lambda mark: {},
            key="project_dates",
            end=end,
        )
        if accepted := acceptance_sentence(card.history, end):
            remark(accepted)
    with about_column:
        facts_list("基本情况", about_project(card.row, card.facts, names), key="about")

    money_column, light_column = st.columns([7, 5])
    with money_column:
        if card.is_planned or card.months["done"].count():
            figure(
                plan_path,
                plan_points(card.months, currency),
                metric=metric,
                scope=scope.unfiltered,
                title="本年投资",
                note="累计；没有报送的月份留空",
                rows=lambda mark: {},
                key="project_money",
                unit=f"亿{currency}",
            )
        else:
            remark("没有填报本年各月计划和完成投资。")
    with light_column:
        block(
            "亮灯",
            light_list("亮灯", light_lines(light), reader_look(), empty="没有可以亮灯的事项，或已退库。"),
            metric=metric,
            scope=scope.unfiltered,
            key="lights",
        )

    table(date_words(dates), key="dates", label="时间节点和改动次数", is_open=True)
    for of, rows in card.beside.items():
        term = LEDGERS[LEDGER_OF[of]].term
        if rows.is_empty():
            remark(f"{term}：没有本项目的记录。")
        else:
            table(
                shown_rows(of, rows, scope),
                key=f"beside_{of}",
                label=f"{term}（{rows.height}条）",
                is_open=True,
            )
    if card.decisions is not None and not card.decisions.is_empty():
        table(
            decision_words(card.decisions, names),
            key="decisions",
            label=f"交办事项（{card.decisions.height}项）",
            is_open=True,
        )
    remark(peers_sentence(card.peers, card.own))
    if not card.peers.is_empty():
        table(
            peer_words(card.peers, card.peer_rows, scope.unfiltered.lights(), names, terms),
            key="peers",
            label="同类项目（总投资最接近的在前）",
            is_open=True,
        )
    table(history_words(card.history, card.sources, card.lights), key="history", label="各期台账（逐期来源）")
