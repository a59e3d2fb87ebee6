"""Problems: what holds the projects up, for how long, at which step, and who must act."""

import streamlit as st

from saima.answers import problem_facts, problem_numbers, problem_stock, rows_of_problems
from saima.charts.lists import light_list
from saima.charts.problems import age_bars, problem_bars, step_bars
from saima.controls import notice, pick_one, pick_scope
from saima.evidence import block, figure, reader_look, remark, say, table
from saima.transforms.overview import scope_subject
from saima.transforms.problems import (
    GROUPS,
    TOLD,
    age_bands,
    age_metrics,
    beside_sentence,
    class_words,
    group_words,
    is_filed,
    level_words,
    light_metrics,
    longest_open,
    longest_words,
    named_groups,
    open_by_light,
    party_words,
    problem_groups,
    problems_sentence,
    step_days,
    step_metrics,
    stock_lines,
)
from saima.transforms.targets import target_metrics

scope = pick_scope()
st.title("受阻问题")
numbers, currency = problem_numbers(scope), scope.city.currency

if not is_filed(numbers):
    notice(
        f"{scope.city.name}还没有报送到本期的受阻问题台账。"
        "在“台账报送”页下载受阻问题的模板，填写后报送，本页就有数了。"
    )
    st.stop()

facts, rules, lights = problem_facts(scope), scope.problem_rules, scope.light_rules
names = scope.area_names
subject = scope_subject(scope.city_areas, scope.areas, scope.narrowed)
say(problems_sentence(numbers, open_by_light(facts, lights), scope.period, subject, currency))
remark(beside_sentence(numbers, currency))
remark(f"{rules.name}：{rules.note}。")

by = pick_one("problem_group", "分组", GROUPS)
groups = problem_groups(facts, by, lights)
by_light, by_age, by_step = light_metrics(lights), age_metrics(), step_metrics()
bars_column, age_column = st.columns([7, 5])
with bars_column:
    figure(
        problem_bars,
        named_groups(groups, names, by),
        metric=TOLD,
        scope=scope,
        title=f"各{GROUPS[by]}未办结问题",
        note="■ 逾期 ▲ 临近时限，最多列12个",
        rows=lambda mark: {by.removesuffix("_id"): (mark[0],)},
        metric_of=lambda mark: by_light[mark[1]],
        key="problem_groups",
    )
with age_column:
    figure(
        age_bars,
        age_bands(facts),
        metric=tuple(by_age.values()),
        scope=scope,
        title="未办结多久",
        note="从提报到报告期末",
        rows=lambda mark: {},
        metric_of=lambda mark: by_age[mark[0]],
        key="problem_ages",
    )
step_column, stock_column = st.columns([7, 5])
with step_column:
    figure(
        step_bars,
        step_days(facts),
        metric=tuple(by_step.values()),
        scope=scope,
        title="各环节停留天数",
        note="中位数，到下一个有时间的环节",
        rows=lambda mark: {},
        metric_of=lambda mark: by_step[mark[0]],
        key="problem_steps",
    )
stock = problem_stock(scope)
with stock_column:
    block(
        "存量受阻问题",
        light_list(
            "存量受阻问题", stock_lines(stock), reader_look(), empty="本年的目标没有列出存量受阻问题。"
        ),
        metric=("problems_resolved", *target_metrics(stock).values()),
        scope=scope,
        key="problem_stock",
    )

longest = longest_open(facts)
found = rows_of_problems(scope, tuple(longest["row_key"]))
table(
    longest_words(longest, found, names, rules, lights),
    key="longest_open",
    label="未办结的问题（时间最长的在前，先列100个）",
    is_open=True,
)
table(group_words(groups, names, by), key="problem_table", label=f"按{GROUPS[by]}")
table(level_words(facts, rules, lights), key="levels", label="办理层级：谁牵头、提级和直报")
table(
    party_words(facts, rules, lights),
    key="parties",
    label="五方责任（一个问题涉及几方的，每方各计一次，不能相加）",
)
table(
    class_words(facts, rules),
    key="classes",
    label=f"分类表：{len(rules.classes)}大类、{rules.subclasses}小类（本系统默认，可改）",
)
