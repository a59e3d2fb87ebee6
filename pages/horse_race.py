"""Horse race: who leads, by what, and how the order has moved."""

import streamlit as st

from saima.answers import race_rules, race_scores
from saima.charts.race import rank_bars, rank_bump, track_bars
from saima.controls import notice, pick_scope
from saima.evidence import figure, remark, say, table
from saima.transforms.race import (
    area_items,
    item_words,
    of_period,
    race_metrics,
    race_sentence,
    rule_facts,
    track_points,
)

scope = pick_scope()
st.title("赛马")
race = race_rules(scope)

if race is None:
    st.info("本市还没有赛马规则文件。在参考数据文件夹的 races 下，照其他城市的文件建一份，即可排名。")
    st.stop()

scores, items = race_scores(scope, scope.periods[-13:])
ranked, now = of_period(scores, scope.period), of_period(items, scope.period)
proof, currency = tuple(race_metrics(race)), scope.city.currency

if ranked.is_empty():
    notice(
        f"{scope.city.name}本期没有可以排名的地区：还没有地区报送，或 targets.csv 里没有各地区这一年的目标。"
    )
    st.stop()

say(race_sentence(ranked, scope.period, scope.city_areas))
remark(
    f"{race.name}，总分 100。{race.label}。"
    "排名按全市口径计算，不受地区、产业链等筛选影响；选中的地区在图中着色。"
)

order_column, track_column = st.columns([6, 6])
with order_column:
    figure(
        rank_bars,
        ranked,
        metric=proof,
        scope=scope.unfiltered,
        title="本期名次",
        facts=rule_facts(race, items),
        note="得分 · 较上期",
        rows=lambda mark: {"area": (mark[0],)},
        details=lambda mark: item_words(area_items(now, mark[0]), ranked, currency),
        key="race_order",
    )
with track_column:
    figure(
        track_bars,
        track_points(now, ranked),
        metric=proof,
        scope=scope.unfiltered,
        title="各赛道得分",
        facts=rule_facts(race, items),
        note="缺目标或基数小的项，权重由同赛道其他项分摊",
        rows=lambda mark: {"area": (mark[0],)},
        details=lambda mark: item_words(area_items(now, mark[0]), ranked, currency),
        key="race_tracks",
    )

figure(
    rank_bump,
    scores,
    metric=proof,
    scope=scope.unfiltered,
    title="名次变化",
    facts=rule_facts(race, items),
    note="每点为一个报告期的快照",
    rows=lambda mark: {"area": (mark[0],)},
    details=lambda mark: item_words(area_items(now, mark[0]), ranked, currency),
    key="race_bump",
    chosen=list(scope.areas) or ranked["area_id"].head(3).to_list(),
)

table(
    item_words(now, ranked, currency),
    key="race_items",
    label="各项得分",
)
