"""Service: who serves which project, whether it is complete and at the right level, and each leader's own."""

import streamlit as st

from saima.answers import led_by, rows_of_projects, service, stages
from saima.charts.service import level_stacks, load_bars, rate_bars
from saima.controls import nothing_in, pick_item, pick_one, pick_scope
from saima.evidence import figure, remark, say, table
from saima.transforms.overview import scope_subject
from saima.transforms.pace import last_day
from saima.transforms.service import (
    FITS,
    GROUPS,
    area_words,
    decision_words,
    incomplete_projects,
    incomplete_words,
    leader_filters,
    leader_load,
    leader_options,
    leader_sentence,
    led_words,
    level_bars,
    level_metrics,
    load_line,
    load_words,
    missing_metric,
    problem_words,
    rule_words,
    service_bars,
    service_metrics,
    service_sentence,
    shown_leaders,
    unsized_line,
)

scope = pick_scope()
st.title("包保服务")

if not stages(scope)["projects"].sum():
    nothing_in(scope)
    st.stop()

known, rules = service(scope), scope.reference.service_of(scope.city_code)
names, end = scope.area_names, last_day(scope.period)
headline = st.container()
load = leader_load(known.facts, known.problems, "projects")
person = pick_item("leader", "包保领导", leader_options(load), width=260)

if person != "all":
    own = led_by(scope, person)
    with headline:
        say(leader_sentence(person, own.projects, own.problems, own.decisions, scope.period))
    projects = led_words(own.projects, own.rows, names, scope.city.stage_terms)
    table(projects, key="led", label=f"{person}包保的项目（红灯在前，{projects.height}个）", is_open=True)
    for term, rows, words in (
        ("受阻问题", own.problems, problem_words),
        ("交办事项", own.decisions, decision_words),
    ):
        if rows is None:
            remark(f"{term}台账还没有报送，请在“台账报送”里报送后再看。")
        elif rows.is_empty():
            remark(f"没有未办结的{term}。")
        else:
            label = f"未办结{term}（{rows.height}项）"
            table(words(rows, end), key=f"led_{words.__name__}", label=label, is_open=True)
else:
    metrics, levels = service_metrics(rules), level_metrics(rules)
    bands = level_bars(known.levels, rules)
    subject = scope_subject(scope.city_areas, scope.areas, scope.narrowed)
    with headline:
        say(service_sentence(known.rates, bands, rules, scope.period, subject))

    rate_column, level_column = st.columns([7, 5])
    with rate_column:
        missing = {metric_id: missing_metric(metric) for metric_id, metric in metrics.items()}
        figure(
            rate_bars,
            service_bars(known.rates, metrics),
            metric=tuple(metrics.values()),
            scope=scope,
            title="五个一与服务覆盖",
            note="点开看未达到的项目",
            rows=lambda mark: {},
            metric_of=lambda mark: missing[mark[0]],
            key="service_rates",
        )
    with level_column:
        figure(
            level_stacks,
            bands,
            metric=tuple(levels.values()),
            scope=scope,
            title="包保层级",
            note=rules.label,
            rows=lambda mark: {},
            metric_of=lambda mark: levels["_".join(mark)],
            key="service_levels",
            terms=FITS,
        )
        if unsized := unsized_line(known.levels):
            remark(unsized)

    by = pick_one("load_by", "排序", GROUPS)
    ordered = leader_load(known.facts, known.problems, by)
    filed_as = leader_filters(load)
    figure(
        load_bars,
        shown_leaders(ordered),
        metric=("led_projects", "led_investment", "led_red_projects"),
        scope=scope,
        title="包保领导工作量",
        note="先列12名；红、黄为亮灯项目",
        rows=lambda mark: {"leader": filed_as[mark[0]]},
        metric_of=lambda mark: mark[1],
        key="leader_load",
    )
    remark(load_line(load, known.rates))
    if not ordered.is_empty():
        table(load_words(ordered), key="loads", label=f"全部包保领导（{ordered.height}名）")

    found = incomplete_projects(known.facts, rules)
    if not found.is_empty():
        first = found.head(100)
        proof = rows_of_projects(scope, first["project_id"].to_list())
        table(
            incomplete_words(first, proof, names, rules),
            key="incomplete",
            label=f"五个一不完整或层级不符的项目（{found.height}个，先列总投资最大的100个）",
            is_open=True,
        )
    table(area_words(known.area_rates, names, rules), key="service_areas", label="各地区完成情况")
    with st.expander("包保规则"):
        for sentence in rule_words(rules):
            remark(sentence)
