"""Warnings: the lights of projects, what became of them, whose they are, and what follows."""

import streamlit as st

from saima.answers import consequences, stages, warned
from saima.charts.lists import light_list
from saima.charts.warnings import change_bars, light_bars
from saima.controls import nothing_in, pick_one, pick_scope
from saima.correspondence import offer_letters
from saima.evidence import block, figure, reader_look, remark, say, table
from saima.rulebook import edit_lights
from saima.transforms.lights import light_rule_words
from saima.transforms.overview import scope_subject
from saima.transforms.warnings import (
    GROUPS,
    change_counts,
    due_words,
    exempt_words,
    group_words,
    light_groups,
    named_groups,
    place_words,
    slow_lines,
    warning_words,
    warnings_sentence,
)

LIGHTS = ("red_projects", "yellow_projects", "green_projects", "exempt_projects")

scope = pick_scope()
st.title("预警")

if not stages(scope)["projects"].sum():
    nothing_in(scope)
    st.stop()

found, rules = warned(scope), scope.light_rules
names = scope.area_names
subject = scope_subject(scope.city_areas, scope.areas, scope.narrowed)
say(warnings_sentence(found.now, found.changes, scope.period, scope.previous, subject))
remark(f"{rules.name}，{rules.label}。各灯规则见页末；豁免的项目保留颜色，不计入个数、连续期数和函件。")

by = pick_one("by_group", "分组", GROUPS)
groups = light_groups(found.now, found.changes, by)
bar_column, change_column = st.columns([7, 5])
with bar_column:
    figure(
        light_bars,
        named_groups(groups, names, by),
        metric=LIGHTS,
        scope=scope,
        title=f"各{GROUPS[by]}亮灯",
        note="红灯多的在前，最多列14个",
        rows=lambda mark: {by.removesuffix("_id"): (mark[0],)},
        metric_of=lambda mark: mark[1],
        key="light_groups",
    )
with change_column:
    figure(
        change_bars,
        change_counts(found.changes),
        metric=LIGHTS,
        scope=scope,
        title="比上期",
        note="黄灯和红灯项目的变化",
        key="light_changes",
    )
    block(
        "久拖未决",
        light_list("久拖未决", slow_lines(found.now, rules), reader_look(), empty="没有“马拉松”“蜗牛”项目。"),
        metric=("marathon_projects", "snail_projects", "exempt_projects"),
        scope=scope,
        key="pending_slow",
        facts=light_rule_words(rules),
    )

table(
    warning_words(found.changes, found.rows, names, rules),
    key="warned_projects",
    label="亮灯项目（红灯在前，连续期数长的在前）",
    is_open=True,
)
follows = consequences(scope)
offer_letters(scope, follows.letters)

exempt = exempt_words(found.now, found.rows, names)
table(exempt, key="exempt", label=f"豁免亮灯的项目（{exempt.height}个）")
table(follows.owed, key="owed", label=f"应书面说明原因的地区（{follows.owed.height}个）")
table(
    due_words(found.due, found.rows, found.records, names),
    key="due",
    label=f"下个报告期末前到期的事项（{found.due.height}项）",
)
table(group_words(groups, names, by), key="groups", label=f"按{GROUPS[by]}")
for sentence in place_words(follows.places):
    remark(sentence)
with st.expander("亮灯规则"):
    for light, sentence in light_rule_words(rules):
        remark(f"{light}：{sentence}。")
edit_lights(scope)
