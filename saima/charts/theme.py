"""Colours, type and layout of every figure: the two palettes of look.md, without Plotly's own template."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import plotly.graph_objects as go
import polars as pl

FONT = "Noto Sans SC, Noto Sans SC Rare, Microsoft YaHei, PingFang SC, sans-serif"

HOVER = "%{hovertext}<extra></extra>"
"""What a mark says under the pointer: its hovertext, without Plotly's name of the trace."""

STILL = {"marker": {"opacity": 1}}
"""For `unselected` of marks that nobody clicks: they do not fade when others are chosen."""

CONFIG: Mapping[str, Any] = MappingProxyType(
    {
        "displayModeBar": False,
        "displaylogo": False,
        "scrollZoom": False,
        "showTips": False,
        "showAxisDragHandles": False,
        "doubleClick": False,
        "topojsonURL": "app/static/",
        "responsive": True,
    }
)
"""For every st.plotly_chart: no bar of English buttons; the outline of the world comes, empty, from here."""


@dataclass(frozen=True)
class Look:
    """One palette. `lights` by light, `stages` by stage from pale to deep, `classes` the five of a map,
    `depths` four steps of the same hue that small numbers can be read on.
    """

    name: str
    page: str
    card: str
    line: str
    ink: str
    second_ink: str
    primary: str
    pale: str
    middle: str
    grey: str
    badge: str
    lights: Mapping[str, str]
    classes: tuple[str, str, str, str, str]
    depths: tuple[str, str, str, str]
    stages: Mapping[str, str]

    def stage(self, stage: str) -> str:
        """Colour of a stage or event; what is no stage of its own takes the primary colour, 不明 grey."""
        return self.stages.get(stage, self.grey if stage == "unknown" else self.primary)

    def ink_on(self, colour: str) -> str:
        """The ink, light or dark, that reads better on that colour."""
        inks = sorted((self.ink, self.card), key=_luminance)
        background = _luminance(colour)
        is_dark = (background + 0.05) ** 2 < (_luminance(inks[0]) + 0.05) * (_luminance(inks[1]) + 0.05)
        return inks[1] if is_dark else inks[0]


def _luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_STAGES = ("planned", "signed", "landed", "approved", "started", "completed", "produced", "ramped")


def _stages(*colours: str) -> Mapping[str, str]:
    return MappingProxyType(dict(zip(_STAGES, colours, strict=True)))


LIGHT = Look(
    name="light",
    page="#F5F7FA",
    card="#FFFFFF",
    line="#E3E8EF",
    ink="#14233B",
    second_ink="#5B6B82",
    primary="#1B4F8F",
    pale="#DCE8F6",
    middle="#7C9FCF",
    grey="#8A97A8",
    badge="#8A5A00",
    lights=MappingProxyType({"green": "#1E8E5A", "yellow": "#C77F00", "red": "#C8321F", "grey": "#8A97A8"}),
    classes=("#E8F0FA", "#BFD6EE", "#86B2DD", "#4A86C0", "#1B4F8F"),
    depths=("#E8F0FA", "#BFD6EE", "#86B2DD", "#1B4F8F"),
    stages=_stages("#A3B7D6", "#8DAAD5", "#79A0D6", "#6794D2", "#3E70B4", "#3265A8", "#275B9B", "#1B4F8F"),
)

DARK = Look(
    name="dark",
    page="#0B1626",
    card="#12213A",
    line="#24354F",
    ink="#E9EFF8",
    second_ink="#9FB0C8",
    primary="#6FA8E8",
    pale="#1B3355",
    middle="#3C5577",
    grey="#7F8FA6",
    badge="#F0B341",
    lights=MappingProxyType({"green": "#43C28A", "yellow": "#F0B341", "red": "#F06A55", "grey": "#7F8FA6"}),
    classes=("#1B4F8F", "#4A86C0", "#86B2DD", "#BFD6EE", "#E8F0FA"),
    depths=("#1B3355", "#264B7D", "#35659F", "#86B2DD"),
    stages=_stages("#2B4872", "#345686", "#3C649B", "#416DA6", "#5D97DB", "#6FA8E8", "#8FBFF3", "#B0D4FA"),
)


def look_of(theme_type: str | None) -> Look:
    """The palette of Streamlit's theme type (`light`, `dark`, None while it is not known)."""
    return DARK if theme_type == "dark" else LIGHT


def style_variables(look: Look) -> str:
    """The palette as a style element, for `static/style.css`: Streamlit gives its own colours no names."""
    colours = {
        "page": look.page,
        "card": look.card,
        "line": look.line,
        "ink": look.ink,
        "second-ink": look.second_ink,
        "primary": look.primary,
        "pale": look.pale,
        "badge": look.badge,
    } | {f"light-{light}": colour for light, colour in look.lights.items()}
    named = "".join(f"--{name}:{colour};" for name, colour in colours.items())
    return f"<style>:root{{color-scheme:{look.name};{named}}}</style>"


def escaped(text: object) -> str:
    """Ledger text for a label or hover: Plotly reads `<b>` and entities in them, a ledger must not."""
    return html.escape(str(text), quote=False)


def strong(text: str) -> str:
    """The text in bold."""
    return f"<b>{text}</b>"


def tinted(text: str, colour: str) -> str:
    """The text in that colour."""
    return f'<span style="color:{colour}">{text}</span>'


def known(values: pl.Series) -> list[float]:
    """The values that are not missing, as doubles, to find where an axis ends."""
    return values.drop_nulls().cast(pl.Float64).to_list()


def room_for(names: Sequence[str], *, size: int = 14, least: int = 48) -> int:
    """Pixels that the longest of the names takes; a Chinese character is as wide as its size."""
    widths = [sum(size if ord(character) > 0x2E7F else size * 0.6 for character in name) for name in names]
    return max(least, round(max(widths, default=0)) + 14)


def axis(look: Look, **settings: Any) -> dict[str, Any]:
    """A bare axis without grid, line or zero line; settings override."""
    return {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
        "automargin": False,
        "gridcolor": look.line,
        "tickfont": {"color": look.second_ink, "size": 12},
        "title": {"font": {"color": look.second_ink, "size": 12}},
    } | settings


def layout(look: Look, **settings: Any) -> dict[str, Any]:
    """The ground every figure stands on: transparent, no title, no legend; settings override."""
    return {
        "template": {},
        "autosize": True,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 14, "color": look.ink},
        "margin": {"l": 8, "r": 8, "t": 4, "b": 4},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "uirevision": "kept",
        "separators": ".,",
        "hoverlabel": {
            "bgcolor": look.card,
            "bordercolor": look.line,
            "font": {"family": FONT, "size": 13, "color": look.ink},
            "align": "left",
            "namelength": 0,
        },
        "xaxis": axis(look),
        "yaxis": axis(look),
    } | settings


def rows_axis(look: Look, names: Sequence[str], **settings: Any) -> dict[str, Any]:
    """A vertical axis whose rows 0, 1, 2 … run from the top down and carry these names (ledger text)."""
    return axis(
        look,
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=[escaped(name) for name in names],
        tickfont={"color": look.ink, "size": 13},
        range=[len(names) - 0.45, -0.55],
        ticklabelstandoff=6,
        **settings,
    )


def note(text: str, look: Look, **place: Any) -> dict[str, Any]:
    """A text without arrow at a place of the paper or the axes."""
    return {
        "text": text,
        "showarrow": False,
        "font": {"size": 12, "color": look.second_ink},
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "middle",
        "align": "left",
    } | place


def row_bars(
    values: Sequence[float | None],
    rows: Sequence[float],
    colours: Sequence[str] | str,
    *,
    ids: Sequence[Sequence[str]],
    hovers: Sequence[str],
    width: float = 0.6,
    **settings: Any,
) -> go.Bar:
    """Horizontal bars that can be clicked; `hovers` are escaped, a missing value has no bar."""
    return go.Bar(
        {
            "x": list(values),
            "y": list(rows),
            "orientation": "h",
            "width": width,
            "marker": {"color": colours if isinstance(colours, str) else list(colours)},
            "customdata": [list(identifiers) for identifiers in ids],
            "hovertext": list(hovers),
            "hovertemplate": HOVER,
            "unselected": {"marker": {"opacity": 0.45}},
        }
        | settings
    )


def told_rows(
    bars: Sequence[go.Bar],
    names: Sequence[str],
    words: Sequence[str],
    look: Look,
    *,
    row_height: int,
    right: int,
    **font: Any,
) -> go.Figure:
    """Rows of bars, stacked where there are several, with their names (ledger text) at the left and words
    (safe markup) in `right` pixels at the right of the paper."""
    notes = [
        note(text, look, x=1, xshift=10, y=row, yref="y", **({"font": font} if font else {}))
        for row, text in enumerate(words)
    ]
    return go.Figure(
        list(bars),
        layout(
            look,
            height=max(row_height * len(names) + 8, 48),
            margin={"l": room_for(names, size=13), "r": right, "t": 4, "b": 4},
            barmode="stack",
            xaxis=axis(look, showticklabels=False, rangemode="tozero"),
            yaxis=rows_axis(look, names),
            annotations=notes,
        ),
    )


def end_labels(
    values: Sequence[float | None], rows: Sequence[float], texts: Sequence[str], look: Look
) -> list[dict[str, Any]]:
    """A label at the end of each bar, at the foot of the row where there is no bar."""
    return [
        note(
            text,
            look,
            x=value or 0,
            xref="x",
            xshift=6,
            y=row,
            yref="y",
            font={"size": 13, "color": look.ink},
        )
        for value, row, text in zip(values, rows, texts, strict=True)
    ]


def own_colours(colours: Sequence[str], rows: Sequence[float], height: int = 16) -> go.Scatter:
    """A thin stripe at the foot of each row in the colour that the area has for life."""
    return go.Scatter(
        x=[0] * len(rows),
        y=list(rows),
        mode="markers",
        marker={"symbol": "line-ns", "size": height, "line": {"width": 4, "color": list(colours)}},
        unselected=STILL,
        cliponaxis=False,
        hoverinfo="skip",
    )
