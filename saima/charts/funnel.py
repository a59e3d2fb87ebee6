"""Funnel: where projects stand, what the year has brought, and how far one cohort has come."""

import plotly.graph_objects as go
import polars as pl

from saima.charts.pace import bullet_bars
from saima.charts.theme import (
    HOVER,
    Look,
    axis,
    end_labels,
    escaped,
    known,
    layout,
    note,
    room_for,
    row_bars,
    rows_axis,
    strong,
    tinted,
)
from saima.wording import (
    MISSING,
    amount_text,
    count_text,
    number_text,
    percent,
    percent_text,
    share_percent,
)


def rate_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """Rates as bars of the whole cohort with a tick at the target, a row each.

    `frame` has metric_id, name, value and target (shares, null where there is none), light, said, parts.
    """
    return bullet_bars(
        look,
        names=frame["name"].to_list(),
        ids=frame["metric_id"].to_list(),
        completion=frame["value"],
        pace=frame["target"],
        lights=frame["light"].to_list(),
        colours=[look.primary] * frame.height,
        labels=list(frame.select("said", "parts").iter_rows()),
        hovers=[
            f"{name} {said}（{parts}）"
            for name, said, parts in frame.select("name", "said", "parts").iter_rows()
        ],
        row_height=34,
    )


def stage_bars(frame: pl.DataFrame, look: Look, *, currency: str = "元", row_height: int = 28) -> go.Figure:
    """Projects by stage as aligned bars, pale to deep, in the order of the frame.

    `frame`: stage, term, projects, investment_total (Decimal 万元, null where none reported it),
    investment_projects (how many reported it). customdata: [stage].
    """
    terms = frame["term"].to_list()
    counts = frame["projects"].to_list()
    end = max([1.0, *known(frame["projects"])])
    amounts = [amount_text(amount, currency) for amount in frame["investment_total"]]
    rows = list(range(len(terms)))
    bars = row_bars(
        counts,
        rows,
        [look.stage(stage) for stage in frame["stage"]],
        ids=[[stage] for stage in frame["stage"]],
        hovers=[
            f"{strong(escaped(term))}<br>{count_text(count)}个，"
            f"总投资 {amount}（{count_text(reported)}个填报）"
            for term, count, amount, reported in zip(
                terms, counts, amounts, frame["investment_projects"], strict=True
            )
        ],
    )
    labels = [
        (strong(count_text(count) + "个") if count is not None else MISSING)
        + "  "
        + tinted(amount, look.second_ink)
        for count, amount in zip(counts, amounts, strict=True)
    ]
    return go.Figure(
        bars,
        layout(
            look,
            height=row_height * len(terms) + 8,
            margin={
                "l": room_for(terms, size=13),
                "r": room_for([f"{end:,.0f}个  {amount}" for amount in amounts], size=13),
                "t": 4,
                "b": 4,
            },
            barcornerradius=3,
            xaxis=axis(look, range=[0, end], showticklabels=False),
            yaxis=rows_axis(look, terms),
            annotations=end_labels(counts, rows, labels, look),
        ),
    )


def flow_bars(frame: pl.DataFrame, look: Look, *, row_height: int = 28) -> go.Figure:
    """What happened this year against the year's target, in the order of the frame.

    `frame`: event, term, projects, target (null without one), completion and pace (shares),
    completion_text (as printed, null without a target), light. customdata: [event].
    """
    labels = []
    hovers = []
    for term, projects, target, completion_text, pace in frame.select(
        "term", "projects", "target", "completion_text", "pace"
    ).iter_rows():
        if target is None:
            labels.append((count_text(projects) + ("个" if projects is not None else ""), "无年度目标"))
            hovers.append(f"{strong(escaped(term))}<br>{count_text(projects)}个，无年度目标")
            continue
        done = escaped(completion_text) if completion_text is not None else MISSING
        labels.append((f"{count_text(projects)} / {count_text(target)}个", f"占{done}"))
        hovers.append(
            f"{strong(escaped(term))}<br>{count_text(projects)}个，年度目标{count_text(target)}个"
            f"<br>完成{done}，序时{percent_text(share_percent(pace))}"
        )
    return bullet_bars(
        look,
        names=frame["term"].to_list(),
        ids=frame["event"].to_list(),
        completion=frame["completion"],
        pace=frame["pace"],
        lights=frame["light"].to_list(),
        colours=[look.stage(event) for event in frame["event"]],
        labels=labels,
        hovers=hovers,
        row_height=row_height,
    )


def cohort_funnel(frame: pl.DataFrame, look: Look) -> go.Figure:
    """One cohort narrowing from stage to stage: centred bars, both bases named beside each.

    `frame`: stage, term, projects, of_first and of_previous (shares, null for the first stage or an empty
    base), median_days (null where none is timed). customdata: [stage].
    """
    terms = frame["term"].to_list()
    notes = []
    hovers = []
    for row, (term, projects, of_first, of_previous, median_days) in enumerate(
        frame.select("term", "projects", "of_first", "of_previous", "median_days").iter_rows()
    ):
        shares = (
            "同批项目"
            if row == 0
            else f"占首环节 {strong(percent_text(share_percent(of_first)))} · "
            f"占上环节 {strong(percent_text(share_percent(of_previous)))}"
        )
        days = "" if median_days is None else f"<br>中位 {number_text(median_days, 0)} 天"
        notes.append(note(shares + days, look, x=1, xshift=12, y=row, yref="y"))
        hovers.append(f"{strong(escaped(term))} {count_text(projects)}个<br>{shares}{days}")
    counts = frame["projects"].to_list()
    funnel = go.Funnel(
        x=counts,
        y=list(range(len(terms))),
        orientation="h",
        text=[f"{count_text(count)}个" for count in counts],
        texttemplate="<b>%{text}</b>",
        textposition="auto",
        insidetextfont={"color": [look.ink_on(look.stage(stage)) for stage in frame["stage"]], "size": 13},
        outsidetextfont={"color": look.ink, "size": 13},
        constraintext="none",
        cliponaxis=False,
        marker={"color": [look.stage(stage) for stage in frame["stage"]]},
        connector={"fillcolor": look.pale, "line": {"width": 0}},
        customdata=[[stage] for stage in frame["stage"]],
        hovertext=hovers,
        hovertemplate=HOVER,
    )
    return go.Figure(
        funnel,
        layout(
            look,
            height=46 * len(terms) + 12,
            margin={
                "l": room_for(terms, size=13),
                "r": room_for(["占首环节 100.0% · 占上环节 100.0%"], size=12) + 4,
                "t": 4,
                "b": 4,
            },
            funnelgap=0.35,
            xaxis=axis(look, showticklabels=False),
            yaxis=rows_axis(look, terms),
            annotations=notes,
        ),
    )


def conversion_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """Conversion by group as bars from 0 to 100 %, the largest cohorts first, at most sixteen of them.

    `frame`: id, name, projects, of_projects, share (0..1, null for an empty cohort), median_days (null where
    none is timed). customdata: [id].
    """
    shown = frame.head(16)
    names = shown["name"].to_list()
    shares = shown["share"].to_list()
    rows = list(range(len(names)))
    texts = [
        f"{percent_text(percent(projects, of_projects))}　{count_text(projects)}/{count_text(of_projects)}个"
        + ("" if days is None else f"　中位{number_text(days, 0)}天")
        for projects, of_projects, days in shown.select("projects", "of_projects", "median_days").iter_rows()
    ]
    bars = row_bars(
        shares,
        rows,
        [look.primary] * len(names),
        ids=[[identifier] for identifier in shown["id"]],
        hovers=[f"{strong(escaped(name))}<br>{text}" for name, text in zip(names, texts, strict=True)],
    )
    return go.Figure(
        bars,
        layout(
            look,
            annotations=end_labels(shares, rows, texts, look),
            height=26 * len(names) + 16,
            margin={"l": room_for(names, size=13), "r": 210, "t": 4, "b": 4},
            barcornerradius=3,
            xaxis=axis(look, range=[0, 1], showticklabels=False),
            yaxis=rows_axis(look, names),
        ),
    )
