"""Rewards: which projects and enterprises meet which clause, what is missing, and the money it takes."""

import streamlit as st

from saima.answers import rewards, stages
from saima.approvals import offer_approval
from saima.charts.rewards import reward_stacks
from saima.controls import nothing_in, pick_one, pick_scope
from saima.evidence import figure, remark, say, table
from saima.transforms.overview import scope_subject
from saima.transforms.rewards import (
    VERDICTS,
    area_reward_words,
    chosen_rows,
    no_rules_words,
    reward_bars,
    reward_words,
    rewards_sentence,
    rule_sentences,
    silent_words,
    trial_words,
    verdict_metrics,
)

scope = pick_scope()
st.title("奖励")

if not stages(scope)["projects"].sum():
    nothing_in(scope)
    st.stop()

known = rewards(scope)
if known is None:
    headline, *more = no_rules_words(scope.reference.rewards, scope.city_code, scope.city.name, scope.period)
    say(headline)
    for sentence in more:
        remark(sentence)
else:
    rules, names = known.rules, scope.area_names
    subject = scope_subject(scope.city_areas, scope.areas, scope.narrowed)
    say(rewards_sentence(known.rows, rules, scope.period, subject))
    remark(trial_words(rules, scope.period))
    metrics = verdict_metrics(known.rows, rules)
    figure(
        reward_stacks,
        reward_bars(known.rows),
        metric=tuple(metrics.values()),
        scope=scope,
        title="各条款符合、差一项和缺数据的个数",
        note=f"奖励资金只计符合的；{rules.label}",
        rows=lambda mark: {},
        metric_of=lambda mark: metrics[mark[0]],
        key="reward_clauses",
        terms=VERDICTS,
    )
    with st.container(horizontal=True, vertical_alignment="center", key="reward_controls"):
        choice = pick_one("verdict", "认定", VERDICTS)
        offer_approval(scope, known)
    shown = chosen_rows(known.rows, choice)
    if shown.is_empty():
        remark(f"没有{VERDICTS[choice]}的项目和企业。")
    else:
        words = reward_words(shown.head(200), known.projects, names, rules)
        table(
            words, key="reward_rows", label=f"{VERDICTS[choice]}（{shown.height}个，先列200个）", is_open=True
        )
    if silent := silent_words(known.facts):
        remark(silent)
    by_area = area_reward_words(known.rows, names)
    if not by_area.is_empty():
        table(by_area, key="reward_areas", label="各地区所需资金")
    with st.expander("奖励条款与读法"):
        for sentence in rule_sentences(rules):
            remark(sentence)
