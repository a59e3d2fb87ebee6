"""Industry chains: how full each is at each stage, and how large beside the others."""

from math import ceil
from typing import Literal

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
    FONT,
    HOVER,
    Look,
    axis,
    escaped,
    known,
    layout,
    note,
    room_for,
    strong,
)
from saima.wording import (
    amount_text,
    count_text,
    hundred_millions_text,
    number_text,
    percent_text,
    share_percent,
)

Measure = Literal["projects", "investment_total", "median_days"]


def chain_stage_matrix(
    frame: pl.DataFrame, look: Look, *, measure: Measure = "projects", currency: str = "元"
) -> go.Figure:
    """Chains down, stages across, each cell a number that can be clicked, deeper where it is larger.

    `frame`: chain, chain_group, stage, term, projects, investment_total (Decimal 万元), median_days; chains
    and stages in the order of the frame, a group's name above its chains. Cells show projects (个),
    investment_total (亿元) or median_days (天), "—" where missing. customdata: [chain, stage].
    """
    stages = frame.unique("stage", keep="first", maintain_order=True).select("stage", "term").rows()
    columns = {stage: place for place, (stage, _) in enumerate(stages)}
    chains = frame.unique("chain", keep="first", maintain_order=True).select("chain", "chain_group").rows()
    rows: dict[str, float] = {}
    groups = []
    bottom = -0.5
    before = None
    for chain, group in chains:
        if group != before:
            groups.append((group, bottom + 0.35))
            bottom += 0.7
            before = group
        rows[chain] = bottom + 0.5
        bottom += 1
    largest = max(known(frame[measure]), default=0.0)
    colours = [_depth(value, largest, look) for value in frame[measure]]
    terms = dict(stages)
    cells = go.Bar(
        x=[columns[stage] for stage in frame["stage"]],
        y=[0.88] * len(frame),
        base=[rows[chain] - 0.44 for chain in frame["chain"]],
        width=0.96,
        marker={"color": colours},
        text=[_cell_text(value, measure) for value in frame[measure]],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"family": FONT, "size": 12, "color": [look.ink_on(colour) for colour in colours]},
        constraintext="none",
        customdata=[[chain, stage] for chain, stage in frame.select("chain", "stage").iter_rows()],
        hovertext=[
            f"{strong(escaped(chain))} · {escaped(terms[stage])}<br>{count_text(projects)}个，"
            f"总投资 {amount_text(amount, currency)}"
            + ("" if days is None else f"<br>在本环节已停留中位 {number_text(days, 0)} 天")
            for chain, stage, projects, amount, days in frame.select(
                "chain", "stage", "projects", "investment_total", "median_days"
            ).iter_rows()
        ],
        hovertemplate=HOVER,
        # Said outright: from a list of colours Plotly makes black for the texts that are not selected.
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0.45}, "textfont": {"color": look.second_ink}},
    )
    left = room_for([chain for chain, _ in chains], size=13)
    return go.Figure(
        cells,
        layout(
            look,
            height=round(28 * (bottom + 0.5)) + 36,
            margin={"l": left, "r": 8, "t": 30, "b": 4},
            barcornerradius=3,
            xaxis=axis(
                look,
                side="top",
                tickvals=list(range(len(stages))),
                ticktext=[escaped(term) for _, term in stages],
                tickfont={"size": 13, "color": look.ink},
                range=[-0.5, len(stages) - 0.5],
            ),
            yaxis=axis(
                look,
                tickvals=list(rows.values()),
                ticktext=[escaped(chain) for chain in rows],
                tickfont={"size": 13, "color": look.ink},
                ticklabelstandoff=6,
                range=[bottom, -0.5],
            ),
            annotations=[
                note(strong(escaped(group)), look, x=0, xshift=-left + 4, y=place, yref="y")
                for group, place in groups
            ],
        ),
    )


def _cell_text(value: object, measure: Measure) -> str:
    if measure == "projects":
        return count_text(value)  # type: ignore[arg-type]
    if measure == "investment_total":
        return hundred_millions_text(value)  # type: ignore[arg-type]
    return number_text(value, 0)  # type: ignore[arg-type]


def _depth(value: object, largest: float, look: Look) -> str:
    """One of the four depths; their width grows with the square, as few chains hold most of a city."""
    if value is None or not largest:
        return look.page
    share = float(value) / largest  # type: ignore[arg-type]
    if share <= 0:
        return look.page
    return look.depths[min(int(share**0.5 * 4), 3)]


def chain_treemap(frame: pl.DataFrame, look: Look, *, currency: str = "元") -> go.Figure:
    """Chains as tiles of their planned investment inside their groups, deeper where one project dominates.

    `frame`: chain_group, chain, projects, investment_total (Decimal 万元), share (of all), largest_share
    (of the chain's largest project). A chain without a reported amount has no tile and is counted below.
    ids: the chain, `group:` and name for a group; customdata: [chain], [null] for a group.
    """
    drawn = frame.filter(pl.col("investment_total") > 0)
    groups = drawn["chain_group"].unique(maintain_order=True).to_list()
    colours = [
        look.depths[0 if share is None else min(int(share * 4), 3)] for share in drawn["largest_share"]
    ]
    tiles = [
        (
            f"{strong(_folded(chain))}<br>{amount_text(amount, currency)}"
            f"<br>占{percent_text(share_percent(share))}",
            f"{strong(escaped(chain))}<br>{count_text(projects)}个，总投资 {amount_text(amount, currency)}"
            f"<br>占全部 {percent_text(share_percent(share))}"
            f"<br>最大项目占本链 {percent_text(share_percent(largest))}",
        )
        for chain, projects, amount, share, largest in drawn.select(
            "chain", "projects", "investment_total", "share", "largest_share"
        ).iter_rows()
    ]
    treemap = go.Treemap(
        ids=[f"group:{group}" for group in groups] + drawn["chain"].to_list(),
        labels=[escaped(group) for group in groups] + [escaped(chain) for chain in drawn["chain"]],
        parents=[""] * len(groups) + [f"group:{group}" for group in drawn["chain_group"]],
        values=[0.0] * len(groups) + drawn["investment_total"].cast(pl.Float64).to_list(),
        branchvalues="remainder",
        text=[strong(escaped(group)) for group in groups] + [text for text, _ in tiles],
        texttemplate="%{text}",
        textposition="top left",
        # Not `textfont`: Plotly's own root above the groups has no colour in its list, and complains.
        insidetextfont={
            "family": FONT,
            "size": 13,
            "color": [look.ink] * len(groups) + [look.ink_on(colour) for colour in colours],
        },
        hovertext=[strong(escaped(group)) for group in groups] + [hover for _, hover in tiles],
        hovertemplate=HOVER,
        customdata=[[None]] * len(groups) + [[chain] for chain in drawn["chain"]],
        marker={
            "colors": [look.page] * len(groups) + colours,
            "line": {"color": look.card, "width": 2},
            "pad": {"t": 22, "l": 2, "r": 2, "b": 2},
            "cornerradius": 3,
        },
        root={"color": "rgba(0,0,0,0)"},
        pathbar={"visible": False},
        tiling={"pad": 2},
        maxdepth=2,
    )
    left_out = len(frame) - len(drawn)
    notes = [
        note(
            f"面积为总投资；颜色越{'亮' if look.name == 'dark' else '深'}，最大一个项目占本链比重越高",
            look,
            x=0,
            y=1,
            yanchor="bottom",
            yshift=2,
        )
    ]
    if left_out:
        notes.append(note(f"另有{left_out}条链未报总投资，未画出", look, x=0, y=0, yanchor="top", yshift=-4))
    return go.Figure(
        treemap,
        layout(
            look,
            height=420,
            margin={"l": 0, "r": 0, "t": 20, "b": 24 if left_out else 0},
            annotations=notes,
        ),
    )


def _folded(name: str, width: int = 8) -> str:
    """A long name on lines of even length, so that a narrow tile can hold it."""
    lines = ceil(len(name) / width)
    even = ceil(len(name) / max(lines, 1))
    return "<br>".join(escaped(name[at : at + even]) for at in range(0, len(name), max(even, 1)))
