"""Statistics: who waits for entry and for which paper, permits due, and statistics beside the ledger."""

import streamlit as st

from saima.answers import entry_into_statistics, rows_of_projects, stages
from saima.charts.statistics import beside_bars, explained_lines, parted_bars
from saima.controls import nothing_in, notice, pick_one, pick_scope
from saima.evidence import figure, remark, say, table
from saima.transforms.overview import scope_subject
from saima.transforms.statistics import (
    DUE_STATES,
    GROUPS,
    PAPER_TERMS,
    SOURCES,
    STATES,
    age_metrics,
    age_rows,
    beside_rows,
    beside_sentence,
    beside_words,
    checklist_words,
    due_metrics,
    due_rows,
    economy_sentence,
    economy_words,
    entries_are_known,
    is_exempt_month,
    paper_metrics,
    paper_rows,
    permit_words,
    permits_sentence,
    rules_sentence,
    share_sentence,
    statistics_sentence,
)

scope = pick_scope()
st.title("入统与手续")

if not stages(scope)["projects"].sum():
    nothing_in(scope)
    st.stop()

found, rules = entry_into_statistics(scope), scope.reference.statistics_of(scope.city_code)
names, currency = scope.area_names, scope.city.currency
subject = scope_subject(scope.city_areas, scope.areas, scope.narrowed)
pending, is_known = found.pending, entries_are_known(found.facts)
say(statistics_sentence(found.numbers, pending, rules, scope.period, subject, is_known=is_known))
if found.problem:
    remark(f"{found.problem}。")
else:
    invested = found.numbers["invested_year"]
    remark(economy_sentence(found.explained, found.economy, rules, scope.period, currency))
    if not scope.is_whole_city:
        remark(share_sentence(invested, found.explained, subject, currency))

if not pending.is_empty():
    age_column, paper_column = st.columns(2)
    with age_column:
        ages = age_metrics(pending, rules)
        figure(
            parted_bars,
            age_rows(pending, rules),
            metric=("statistics_pending", "statistics_waiting", "statistics_rate"),
            scope=scope,
            title="开工未入统",
            note="按开工至报告期末的天数和入统材料",
            rows=lambda mark: {},
            metric_of=lambda mark: ages[mark[0], mark[1]],
            key="pending_ages",
            parts=STATES,
        )
    with paper_column:
        papers = paper_metrics(pending, rules)
        figure(
            parted_bars,
            paper_rows(pending, rules),
            metric="statistics_pending",
            scope=scope,
            title="入统还缺什么材料",
            note="按手续台账；没有登记的不算缺",
            rows=lambda mark: {},
            metric_of=lambda mark: papers[mark[0], mark[1]],
            key="pending_papers",
            parts=PAPER_TERMS,
        )

left, right = st.columns(2)
if not is_exempt_month(scope.period):
    with left:
        figure(
            explained_lines,
            found.explained,
            metric=tuple(found.lines.values()),
            scope=scope.unfiltered,
            title="台账占全市固定资产投资",
            note="亿元，全市口径，本年累计，不相加",
            rows=lambda mark: {},
            metric_of=lambda mark: found.lines[mark[0]],
            details=lambda mark: economy_words(found.economy),
            key="explained",
            currency=currency,
        )
    with right:
        source = pick_one("statistics_source", "统计口径", SOURCES)
        figure(
            beside_bars,
            beside_rows(found.areas, names, source),
            metric=("invested_year", source),
            scope=scope,
            title="台账与入统完成投资",
            note=f"深色台账，浅色{SOURCES[source]}；亿元",
            rows=lambda mark: {"area": (mark[0],)},
            metric_of=lambda mark: mark[1],
            key="beside",
            metrics=("invested_year", source),
            terms=("台账完成投资", SOURCES[source]),
        )
if found.permits is None:
    notice(
        f"{scope.city.name}还没有报送到本期的手续台账，入统材料和到期手续都不详。"
        "在“台账报送”页下载手续办理的模板，填写后报送，本页就有数了。"
    )
else:
    with left:
        by = pick_one("permits_by", "手续分组", GROUPS)
        due = due_metrics(rules)
        figure(
            parted_bars,
            due_rows(found.permits, names, rules, by),
            metric=("permits_overdue", due["near"], "permits_lacking", "permits_in_time_rate"),
            scope=scope,
            title="逾期和将到期手续",
            note="逾期多的在前，最多列14个",
            rows=lambda mark: {by: (mark[0],)},
            metric_of=lambda mark: due[mark[1]],
            key="due_permits",
            parts=DUE_STATES,
            row_height=24,
        )
    remark(permits_sentence(found.numbers, found.permits, rules))
if not is_exempt_month(scope.period):
    remark(beside_sentence(found.facts, found.numbers, currency))

listed = rows_of_projects(scope, pending["project_id"].to_list())
table(
    checklist_words(pending, listed, names, rules),
    key="checklist",
    label=f"开工未入统项目的材料清单（时间长的在前，{pending.height}个）",
    is_open=True,
)
if found.permits is not None:
    table(permit_words(found.permits, names, rules), key="permits", label="逾期和将到期的手续")
if not is_exempt_month(scope.period):
    table(beside_words(found.areas, names, found.carried), key="beside_areas", label="台账与统计，按责任地区")
    table(economy_words(found.economy), key="economy", label="全市运行数据（报告期当期报送）")
remark(rules_sentence(rules))
