"""Funds: what was asked for, approved, arrived and paid, what lies idle, and what must start by when."""

import streamlit as st

from saima.answers import funds, rows_of_funds, rows_of_projects
from saima.charts.funds import chain_bars, won_bars
from saima.charts.funnel import rate_bars
from saima.controls import notice, pick_scope
from saima.evidence import figure, remark, say, table
from saima.transforms.funds import (
    PARTS,
    chain_words,
    credit_sentence,
    deadline_keys,
    deadline_sentence,
    deadline_words,
    deadlines,
    domain_sentence,
    domain_words,
    funds_sentence,
    idle_keys,
    idle_words,
    payment_rows,
    source_chain,
    spending_sentence,
    won_by_source,
)
from saima.transforms.overview import scope_subject

scope = pick_scope()
st.title("资金")
found, currency = funds(scope), scope.city.currency

if found is None:
    notice(
        f"{scope.city.name}还没有报送到本期的资金台账。"
        "在“台账报送”页下载资金台账的模板，填写后报送，本页就有数了。"
    )
    st.stop()

facts, rules, names = found.facts, scope.fund_rules, scope.area_names
won = won_by_source(facts, found.before, rules)
subject = scope_subject(scope.city_areas, scope.areas, scope.narrowed)
say(funds_sentence(found.numbers, won, scope.period, subject, currency))
if facts.is_empty():
    remark("当前筛选下台账没有资金，请在上方放宽地区、产业链、类别、清单或规模。")
    st.stop()

remark(spending_sentence(found.numbers, scope.period, rules, currency))
remark(credit_sentence(found.numbers, found.meetings, currency))

chain_column, won_column = st.columns([7, 5])
with chain_column:
    figure(
        chain_bars,
        source_chain(facts, rules),
        metric=tuple(f"funds_{part}" for part in PARTS),
        scope=scope,
        title="各来源资金到了哪一步",
        note="台账在列的全部资金，四项各自汇总",
        rows=lambda mark: {"source": (mark[0],)},
        metric_of=lambda mark: f"funds_{mark[1]}",
        key="fund_chain",
        currency=currency,
    )
with won_column:
    figure(
        won_bars,
        won,
        metric="funds_won",
        scope=scope,
        title="本年争取上级资金",
        note="深色本年，灰色上年同期；债券以发行计",
        rows=lambda mark: {"source": (mark[0],)},
        key="funds_won",
        currency=currency,
    )
    figure(
        rate_bars,
        payment_rows(facts, rules),
        metric="payment_rate",
        scope=scope,
        title="支付率",
        note="已支付 / 已到位；刻度为参照线",
        rows=lambda mark: {"source": (mark[0],)},
        key="payment",
    )

idle = rows_of_funds(scope, idle_keys(facts))
table(
    idle_words(facts, idle, names),
    key="idle",
    label="到位满3个月未形成实物工作量的资金（时间最长的在前）",
    is_open=True,
)
for deadline in deadlines(found.milestones):
    remark(deadline_sentence(facts, deadline))
    waiting = rows_of_projects(scope, deadline_keys(facts, deadline))
    table(
        deadline_words(facts, deadline, waiting, names),
        key=f"deadline_{deadline.metric}",
        label=f"{deadline.name}：未开工的",
    )
table(chain_words(facts, rules), key="sources", label="按资金来源")
table(domain_words(facts, rules), key="domains", label="按投向领域")
remark(f"{domain_sentence(facts, rules)}{rules.note}。")
