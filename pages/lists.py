"""Lists: who is on them as filed and by rule, how they overlap, what they bring, and their monthly plan."""

import streamlit as st

from saima.answers import list_entries, list_names, list_plan, list_share, listed, stages
from saima.charts.membership import kind_bars, list_bars, overlap_bars, plan_path
from saima.controls import nothing_in, notice, pick_item, pick_one, pick_scope
from saima.evidence import figure, remark, say, table
from saima.transforms.lists import (
    BASES,
    COMBINATIONS,
    bar_rows,
    change_words,
    changes_label,
    combination_metrics,
    difference_words,
    differences_label,
    kind_labels,
    kind_metrics,
    list_metrics,
    list_words,
    lists_sentence,
    overlap_sentence,
    overlapping_lists,
    plan_metric,
    plan_points,
    plan_sentence,
    rule_words,
    share_sentence,
    share_words,
    totals_sentence,
    unknown_sentence,
)
from saima.transforms.overview import scope_subject

scope = pick_scope()
st.title("清单")
rules, names, currency = scope.reference.lists_of(scope.city_code), list_names(scope), scope.city.currency

if not rules.rules:
    notice(f"{scope.city.name}还没有清单。在参考数据文件夹的 lists.csv 里逐条填写，认定规则写在 lists 下。")
    st.stop()
if not stages(scope)["projects"].sum():
    nothing_in(scope)
    st.stop()

subject = scope_subject(scope.city_areas, scope.areas, scope.narrowed)
filed = listed(scope, "reported")
say(lists_sentence(filed.rows, rules, scope.period, subject, currency))
share = list_share(scope)
if share:
    remark(share_sentence(rules, share, names[rules.share_of], currency))

basis = pick_one("basis", "口径", BASES)
found = listed(scope, basis)
remark(f"{rules.label}。{totals_sentence(found.rows, rules, basis, currency)}{unknown_sentence(found.rows)}")

metrics = list_metrics(found.members, rules, names)
combinations = combination_metrics(found.combinations, rules, basis)
list_column, overlap_column = st.columns([5, 7])
with list_column:
    figure(
        list_bars,
        bar_rows(found.rows),
        metric=tuple(metrics.values()),
        scope=scope,
        title="各清单项目",
        note="粗条为填报，细条为按规则",
        rows=lambda mark: {},
        metric_of=lambda mark: metrics["/".join(mark)],
        key="list_bars",
    )
with overlap_column:
    if combinations:
        figure(
            overlap_bars,
            found.combinations[:COMBINATIONS],
            metric=tuple(combinations.values()),
            scope=scope,
            title="清单重合",
            note=f"恰好同在这些清单的项目（{BASES[basis]}）",
            rows=lambda mark: {},
            metric_of=lambda mark: combinations[mark[0]],
            key="list_overlap",
            lists=overlapping_lists(found.combinations, rules, names),
            height=336,
        )
    remark(overlap_sentence(found.combinations))

table(
    difference_words(
        found.differences,
        found.facts,
        found.proof,
        rules,
        {"lists": names, "areas": scope.area_names},
        currency,
    ),
    key="differences",
    label=differences_label(found.differences),
    is_open=True,
)

large = names.get(rules.large, "")
kinds = kind_metrics(found.members.get((basis, rules.large)), large, rules)
kind_column, plan_column = st.columns([5, 7])
with kind_column:
    figure(
        kind_bars,
        kind_labels(found.kinds, currency),
        metric=tuple(kinds[kind] for kind in found.kinds["kind"]),
        scope=scope,
        title=f"{large or '亿元以上项目'}的四类",
        note=f"项目数 · 总投资（{BASES[basis] if large else '总投资1亿元及以上'}）",
        rows=lambda mark: {},
        metric_of=lambda mark: kinds[mark[0]],
        key="list_kinds",
    )
with plan_column:
    options = {"all": f"{rules.name}合计（去重）", **names}
    chosen = pick_item("of_list", "清单", options, width=260)
    plan = list_plan(scope, basis, chosen)
    if plan.planned:
        figure(
            plan_path,
            plan_points(plan.months, currency),
            metric=plan_metric(plan.planned, options[chosen], rules),
            scope=scope,
            title="月度计划与完成",
            note="累计；没有快照的月份断开",
            rows=lambda mark: {},
            key="list_plan",
            unit=f"亿{currency}",
        )
    remark(plan_sentence(plan.months, scope.period, len(plan.planned), plan.members, currency))

table(list_words(found.rows, currency), key="list_table", label=f"各清单规模与进度（{BASES[basis]}）")
entries, entered = list_entries(scope)
table(
    change_words(entries, entered, names, scope.area_names),
    key="list_entries",
    label=changes_label(entries, scope.previous),
)
if rules.by_unit:
    table(found.units, key="list_units", label=f"{names[rules.by_unit]}清单按牵头部门（{BASES[basis]}）")
if share:
    table(share_words(rules, share, names[rules.share_of]), key="list_share", label="占全市投资比重")
table(rule_words(rules, names), key="list_rules", label="清单认定规则")
