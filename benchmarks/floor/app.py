"""The floor: a bare Streamlit app that puts up recorded screens from constants.

It computes nothing and imports nothing of the dashboard: what it takes is what the platform takes.
"""

import gc
import json
import os
import pickle
from functools import partial
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st


class Shared(dict[str, Any]):
    """An outline that Plotly does not copy, as in the dashboard."""

    def __deepcopy__(self, memo: object) -> "Shared":
        return self


@st.cache_resource(show_spinner=False)
def recorded() -> tuple[dict[str, Any], dict[str, dict[str, list[Any]]]]:
    """Sections and screens, set aside from the collector that runs after every script run."""
    sections, screens = pickle.loads(Path(os.environ["SAIMA_FLOOR"]).read_bytes())
    drawn = {
        path: {label: [_drawn(call) for call in screen] for label, screen in variants.items()}
        for path, variants in screens.items()
    }
    gc.collect()
    gc.freeze()
    return sections, drawn


def _drawn(call: tuple[Any, ...]) -> tuple[Any, ...]:
    """The call with its figure made from the JSON text."""
    place, name, args, *rest = call
    if name == "plotly_chart":
        figure = json.loads(args[0]["figure"])
        for trace in figure["data"]:
            if "geojson" in trace:
                trace["geojson"] = Shared(trace["geojson"])
        args = (go.Figure(figure), *args[1:])
    return place, name, args, *rest


def show(path: str) -> None:
    """Put up the page's screen for the period chosen, the first one where that is not recorded."""
    variants = screens[path]
    screen = variants.get(st.session_state.get("period", ""), next(iter(variants.values())))
    blocks: list[Any] = [st]
    for place, name, args, named, chosen, made in screen:
        if chosen is not None:
            st.session_state.setdefault(named["key"], chosen)
        answer = getattr(blocks[place], name)(*args, **named)
        if made:
            blocks.extend(answer if isinstance(answer, list) else [answer])


sections, screens = recorded()
st.set_page_config(page_title="底线", page_icon="static/icon.png", layout="wide")
st.navigation(
    {
        section: [
            st.Page(partial(show, path), title=title, url_path=path, default=path == next(iter(screens)))
            for title, path in pages
            if path in screens
        ]
        for section, pages in sections.items()
    }
).run()
