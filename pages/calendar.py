"""Calendar: the phases and milestones of the campaign, and what recurs: due, done, late."""

import streamlit as st

from saima.answers import decisions, letters_sent, work_calendar
from saima.charts.calendar import campaign_line
from saima.controls import pick_scope
from saima.evidence import figure, remark, say, table
from saima.transforms.calendar import (
    activity_words,
    cadence_words,
    calendar_sentence,
    line_of,
    milestone_words,
    proofs_of,
)
from saima.transforms.followup import decision_words, decisions_sentence, letters_sentence, sent_words

scope = pick_scope()
st.title("工作日历")
known = work_calendar(scope)

if known is None:
    st.info("本市还没有工作日历。在参考数据文件夹的 calendars 下，照其他城市的文件建一份。")
    st.stop()

say(calendar_sentence(known.rounds, known.milestones, scope.period))
remark(f"{known.calendar.document}：{known.calendar.name}。{known.calendar.note}")

line = line_of(known.calendar, known.milestones, scope.period)
if not line.is_empty():
    proofs = proofs_of(known.calendar)
    figure(
        campaign_line,
        line,
        metric=tuple(proofs.values()),
        scope=scope.unfiltered,
        title="阶段与节点",
        note="竖线为报告期末",
        rows=lambda mark: {},
        metric_of=lambda mark: proofs[mark[0]],
        key="campaign",
    )
    table(milestone_words(known.milestones), key="milestones", label="节点", is_open=True)

table(cadence_words(known.rounds), key="cadences", label="调度督查制度", is_open=True)
areas = scope.area_names
handed_out, sent = decisions(scope), letters_sent(scope)
remark(decisions_sentence(handed_out))
if handed_out is not None:
    table(decision_words(handed_out, areas), key="decisions", label="交办事项（逾期的在前）")
remark(letters_sentence(sent))
if sent is not None:
    table(sent_words(sent, areas), key="letters_sent", label="函件往来（逾期未复的在前）")
table(activity_words(known.activities, areas, scope.city.name), key="activities", label="本年登记的调度活动")
