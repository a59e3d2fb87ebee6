"""Overview: how the city stands against the year, who leads, what changed, what waits for a decision."""

import streamlit as st

from saima.answers import (
    consequences,
    decisions,
    letters_sent,
    lights_now,
    map_values,
    outline,
    overview_cards,
    overview_forecasts,
    overview_numbers,
    race_rules,
    race_scores,
    stages,
)
from saima.charts.funnel import stage_bars
from saima.charts.geography import rate_map
from saima.charts.lists import light_list
from saima.charts.pace import batch_card
from saima.charts.race import rank_bars
from saima.controls import nothing_in, pick_scope
from saima.evidence import block, figure, reader_look, say
from saima.transforms.followup import waiting_lines
from saima.transforms.forecast import METHOD
from saima.transforms.lights import light_rule_words
from saima.transforms.overview import (
    SUPPORT,
    headline,
    lights_lines,
    money_lines,
    month_changes,
    pending_matters,
    scope_subject,
    support_lines,
)
from saima.transforms.race import (
    area_items,
    bottom_streaks,
    edges_of,
    item_words,
    of_period,
    race_metrics,
    rule_facts,
)
from saima.transforms.warnings import change_numbers

scope = pick_scope()
stock = stages(scope)

if not stock["projects"].sum():
    nothing_in(scope)
    st.stop()

numbers = overview_numbers(scope)
table, items = race_scores(scope, scope.periods[-13:])
race, boundary = race_rules(scope), outline(scope)
ranked = of_period(table, scope.period)
currency = scope.city.currency

subject = scope_subject(scope.city_areas, scope.areas, scope.narrowed)
say(headline(scope.city, numbers, scope.period, subject))

cards = overview_cards(scope)
for column, card in zip(st.columns(len(cards)), cards, strict=True):
    with column:
        block(
            card["name"],
            batch_card(card, reader_look()),
            metric=card["metric"],
            scope=scope,
            key=f"card_{card['metric']}",
            facts=card["facts"],
        )

money_column, light_column = st.columns([7, 5])
with money_column:
    block(
        "全年投资",
        light_list(
            "全年投资",
            money_lines(numbers, overview_forecasts(scope), scope.period, scope.light_rules, currency),
            reader_look(),
            empty="还没有填报计划和完成投资。",
        ),
        metric=("investment_completion", "invested_year", "planned_share"),
        scope=scope,
        key="money",
        facts=[("预计", METHOD)],
    )
with light_column:
    block(
        "亮灯",
        light_list(
            "亮灯",
            lights_lines(numbers, change_numbers(lights_now(scope)), scope.previous),
            reader_look(),
            empty="还没有可以亮灯的项目。",
        ),
        metric=("red_projects", "yellow_projects", "green_projects"),
        scope=scope,
        key="lights",
        facts=light_rule_words(scope.light_rules),
    )

funnel_column, race_column = st.columns([7, 5])
with funnel_column:
    figure(
        stage_bars,
        stock,
        metric="projects_in_stage",
        scope=scope,
        title="四个一批漏斗",
        note="期末各环节在库项目 · 总投资",
        rows=lambda mark: {"stage": (mark[0],)},
        key="overview_stages",
        row_height=23,
        currency=currency,
    )
with race_column:
    if race is None:
        st.info("本市还没有赛马规则文件，暂不排名。")
    elif ranked.is_empty():
        st.info("本期没有可以排名的地区：还没有地区报送，或缺各地区这一年的目标。")
    else:
        figure(
            rank_bars,
            edges_of(table, scope.period),
            metric=tuple(race_metrics(race)),
            scope=scope.unfiltered,
            title="赛马排名",
            note=f"{race.name}，总分 100",
            rows=lambda mark: {"area": (mark[0],)},
            details=lambda mark: item_words(
                area_items(of_period(items, scope.period), mark[0]), ranked, currency
            ),
            key="overview_race",
            facts=rule_facts(race, items),
        )

map_column, change_column, pending_column = st.columns([4, 4, 4])
with map_column:
    if boundary is None:
        st.info("本市还没有边界文件，暂不画图。用 scripts/build_boundary.py 生成，或放入经审定的边界。")
    else:
        figure(
            rate_map,
            map_values(scope, "investment_completion", "invested_year"),
            metric="investment_completion",
            scope=scope.everywhere,
            title="投资地图",
            note="色：投资完成率　圆：本年完成投资",
            rows=lambda mark: {"area": (mark[0],)},
            key="overview_map",
            boundary=boundary,
            label="投资完成率",
            circle="本年完成投资",
            approval=scope.city.approval_number,
            currency=currency,
            height=196,
        )
with change_column:
    block(
        "本月变化",
        light_list(
            "本月变化",
            month_changes(numbers, table, scope.period, scope.previous, currency),
            reader_look(),
            empty="签约、开工、竣工投产、退库和名次与上期相同。"
            if scope.previous
            else "这是第一期，没有上期可比。",
        ),
        metric=(
            "signed_projects",
            "started_projects",
            "completed_projects",
            "starts_postponed",
            "plans_cut",
            "exited_projects",
        ),
        scope=scope,
        key="changes",
    )
    block(
        "要素保障",
        light_list("要素保障", support_lines(numbers, currency), reader_look(), empty=""),
        metric=SUPPORT,
        scope=scope,
        key="support",
    )
follows = consequences(scope)
with pending_column:
    block(
        "待决事项",
        light_list(
            "待决事项",
            pending_matters(
                numbers,
                bottom_streaks(table),
                scope.unfiled_names,
                follows.owed.height,
                follows.letters,
                currency,
                overdue=waiting_lines(decisions(scope), letters_sent(scope)),
            ),
            reader_look(),
            empty="没有需要决定的事项。",
        ),
        metric=("starts_waiting", "starts_due", "production_waiting", "statistics_waiting"),
        scope=scope,
        key="pending",
    )
