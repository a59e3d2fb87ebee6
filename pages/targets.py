"""Targets: every number of the documents against the ledger, what it still takes, and who could close it."""

import streamlit as st

from saima.answers import (
    area_target_rows,
    rows_of_projects,
    standing,
    target_candidates,
    target_months,
    target_rows,
    targets_asked,
    targets_of,
)
from saima.charts.targets import target_bars, target_path
from saima.controls import notice, pick_item, pick_one, pick_scope
from saima.evidence import figure, remark, say, table
from saima.rulebook import edit_targets
from saima.transforms.forecast import METHOD
from saima.transforms.overview import scope_subject
from saima.transforms.targets import (
    GROUPS,
    area_target_words,
    candidate_words,
    candidates_sentence,
    document_sums,
    path_of,
    row_of,
    standing_line,
    target_bar_rows,
    target_facts,
    target_metrics,
    target_words,
    targets_sentence,
)

scope = pick_scope()
st.title("目标")
asked, currency = targets_asked(scope), scope.city.currency
targets = targets_of(asked)

if targets.is_empty():
    notice(
        f"{scope.city.name}{scope.period[:4]}年还没有目标。"
        "在参考数据文件夹的 targets.csv 里逐条填写文件、条款、原文和数值，或在下面添加。"
    )
    edit_targets(scope)
    st.stop()

tree, metrics = target_rows(asked), target_metrics(targets)
names = scope.area_names
say(targets_sentence(tree, scope.period, scope_subject(scope.city_areas, asked.areas, ())))
remark(standing_line(standing(asked), currency))
remark("目标按全市口径；只选一个地区时按该地区的目标，其他筛选不影响本页。")

bars_column, path_column = st.columns([7, 5])
with bars_column:
    group = pick_one("group", "范围", GROUPS)
    bars, labels, hovers = target_bar_rows(tree, group, currency)
    figure(
        target_bars,
        bars,
        metric=tuple(metrics),
        scope=asked,
        title="目标完成情况",
        note="刻度为序时；含其中项的明细见下表",
        rows=lambda mark: {},
        metric_of=lambda mark: metrics[mark[0]],
        key="target_bars",
        labels=labels,
        hovers=hovers,
    )
with path_column:
    chosen = pick_item("target", "目标项", {target_id: metric.name for target_id, metric in metrics.items()})
    row = row_of(tree, chosen)
    figure(
        target_path,
        path_of(target_months(asked, chosen), row, scope.period),
        metric=metrics[chosen],
        scope=asked,
        title=row["wording"],
        note="本年累计、上年同期与年底预计",
        facts=[*target_facts(row, currency), ("预计", METHOD)],
        key="target_path",
    )

found = target_candidates(asked, chosen)
remark(candidates_sentence(found, row, currency))
shown = found.head(100)
proof = rows_of_projects(asked, shown["project_id"].to_list())
table(candidate_words(shown, proof, names), key="candidates", label="可以补上缺口的项目（先列100个）")
if not asked.areas:
    by_area = area_target_words(area_target_rows(asked, chosen), names, currency)
    table(by_area, key="area_targets", label="各地区完成情况")

table(target_words(tree, currency), key="all_targets", label="全部目标（含其中项、文件与条款）", is_open=True)
for sentence in document_sums(targets, currency):
    remark(f"文件原文：{sentence}。")
edit_targets(scope)
