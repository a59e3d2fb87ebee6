"""Lists: who is on which, who should be, how they overlap, and how each goes on by month."""

import streamlit as st

from saima.answers import list_months, lists, rows_of_projects
from saima.charts.membership import kind_bars, month_lines, overlap_dots
from saima.controls import nothing_in, notice, pick_item, pick_scope
from saima.evidence import figure, remark, say, table
from saima.transforms.membership import (
    combination_metric,
    combinations,
    difference_rows,
    difference_words,
    kind_metrics,
    kind_rows,
    list_rows,
    list_words,
    lists_sentence,
    month_line,
    month_rows,
    overlap_line,
    progress_metrics,
    share_line,
    shown_combinations,
    shown_differences,
    sum_on,
    unit_words,
)
from saima.transforms.overview import scope_subject

scope = pick_scope()
st.title("清单")
names, rules, currency = scope.list_names, scope.list_rules, scope.city.currency

if not names:
    notice(f"{scope.city.name}还没有设置清单：请在参考数据文件夹的 lists.csv 里逐行填写。")
    st.stop()

known = lists(scope)
facts = known.facts
if facts.is_empty():
    nothing_in(scope)
    st.stop()

rows = list_rows(facts, names, rules, known.funded)
say(
    lists_sentence(
        rows,
        facts,
        scope.period,
        scope_subject(scope.city_areas, scope.areas, scope.narrowed),
        currency,
    )
)
share = share_line(sum_on(facts, rules.share_of), known.economy, rules, scope.period, currency)
if share:
    remark(share)
found = combinations(facts, names)
remark(overlap_line(found))

overlap_column, list_column = st.columns([7, 5])
with overlap_column:
    figure(
        overlap_dots,
        shown_combinations(found),
        metric="projects_in_stage",
        scope=scope,
        title="清单重合",
        note="恰好同在这些清单上的项目",
        rows=lambda mark: {},
        metric_of=lambda mark: combination_metric(mark[0].split("\n"), names),
        key="list_overlap",
        lists=tuple(names),
    )
with list_column:
    chosen = pick_item("on_which", "看哪个清单", names)
    kinds = kind_metrics(chosen)
    figure(
        kind_bars,
        kind_rows(facts, chosen),
        metric=tuple(kinds.values()),
        scope=scope,
        title="项目类型",
        note="四类的算法为本系统默认",
        rows=lambda mark: {},
        metric_of=lambda mark: kinds[mark[0]],
        key="list_kinds",
        currency=currency,
    )
    months = list_months(scope, chosen)
    figure(
        month_lines,
        month_rows(months, scope.this_year, scope.period[:4]),
        metric=progress_metrics(chosen),
        scope=scope,
        title="分解到月的计划与完成",
        note="占年度计划的百分数",
        key="list_months",
    )
    remark(month_line(months, scope.period, chosen))

table(list_words(rows, facts), key="lists", label="各清单（合计去除重复）", is_open=True)
differences = difference_rows(facts, rules, known.funded)
proof = rows_of_projects(scope, shown_differences(differences)["project_id"].to_list())
table(
    difference_words(differences, proof, scope.area_names, rules),
    key="differences",
    label="填报与规则不一致的（总投资大的在前，先列200个次）",
)
table(unit_words(facts, chosen), key="units", label=f"{chosen}：按牵头部门")
remark(f"{rules.name}：{rules.note}。没有规则的清单由牵头部门确定，不推算。")
