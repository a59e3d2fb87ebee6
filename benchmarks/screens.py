"""What the real pages put on screen, recorded call by call, so that the floor can put up the same.

A screen is a list of calls on Streamlit: (block called on, method, positional arguments, named arguments,
label chosen, number of blocks made). Blocks are counted in the order they are made, 0 the page itself.
Every argument is a constant: a figure its JSON text, a frame an Arrow table, options the words that a
reader sees.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import plotly.graph_objects as go
import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

Call = tuple[int, str, tuple[Any, ...], dict[str, Any], str | None, int]

Screen = list[Call]

PATIENCE = 60
"""Seconds that the first run of a page may take."""


def record(
    app: Path, city: str, periods: Sequence[str]
) -> tuple[dict[str, Any], dict[str, dict[str, Screen]]]:
    """(sections, screens) of an app.

    `sections`: title of each section of the navigation to the (title, path in the address) of its pages,
    the first page the default one. `screens`: path to period to screen.
    """
    listener = _Listener()
    screens: dict[str, dict[str, Screen]] = {}
    with listener.listening():
        _run(_reader(app))
        for path, script in listener.scripts.items():
            screens[path] = {}
            for period in periods:
                listener.calls = []
                _run(_reader(app, city=city, period=period).switch_page(script))
                screens[path][period] = listener.calls
    return listener.sections, screens


def figures_in(screen: Screen) -> int:
    """How many figures a screen has."""
    return sum(name == "plotly_chart" for _, name, *_ in screen)


def options_of(screen: Screen, key: str) -> list[str]:
    """The labels of the select box with that key, from the top."""
    return next(list(args[1]) for _, _, args, named, _, _ in screen if named.get("key") == key)


def _reader(app: Path, **asked: str) -> AppTest:
    """Someone who comes with an address and has not seen the app before."""
    run = AppTest.from_file(app, default_timeout=PATIENCE)
    run.context["theme"] = "light"
    run.query_params.update(asked)
    return run


def _run(reader: AppTest) -> None:
    """Run the page; Streamlit has written the cause to the log where it fails."""
    if reader.run().exception:
        raise RuntimeError(f"a page does not run for {reader.query_params}")


class _Listener:
    """Writes down the public calls that a run of the script makes."""

    def __init__(self) -> None:
        self.calls: Screen = []
        self.sections: dict[str, list[tuple[str, str]]] = {}
        self.scripts: dict[str, str] = {}
        self._blocks: list[DeltaGenerator] = []
        self._is_inside = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear every method of a block, whether it is called on the block or as `st.<name>`."""
        main = st._main
        with ExitStack() as patches:
            for name, method in _methods():
                heard = self._heard(name, method)
                patches.enter_context(patch.object(DeltaGenerator, name, heard))
                if getattr(getattr(st, name, None), "__self__", None) is main:
                    patches.enter_context(patch.object(st, name, partial(heard, main)))
            patches.enter_context(patch.object(st, "navigation", self._navigation(st.navigation)))
            yield

    def _heard(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def hearing(block: DeltaGenerator, /, *args: Any, **named: Any) -> Any:
            if self._is_inside:
                return method(block, *args, **named)
            if not self.calls:
                self._blocks = [st._main]
            place = next(at for at, known in enumerate(self._blocks) if known is block._active_dg)
            self._is_inside = True
            try:
                answer = method(block, *args, **named)
            finally:
                self._is_inside = False
            made = [part for part in (answer if isinstance(answer, list) else [answer]) if _is_block(part)]
            self._blocks.extend(made)
            words = named.get("format_func", str)
            chosen = words(answer) if isinstance(answer, str) else None
            self.calls.append((place, name, *_constants(args, named, words), chosen, len(made)))
            return answer

        return hearing

    def _navigation(self, navigation: Callable[..., Any]) -> Callable[..., Any]:
        def hearing(pages: Any, **named: Any) -> Any:
            answer = navigation(pages, **named)
            self.sections = {
                section: [(page.title, page.url_path) for page in members]
                for section, members in pages.items()
            }
            self.scripts = {page.url_path: str(page._page) for members in pages.values() for page in members}
            return answer

        return hearing


def _methods() -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in dir(DeltaGenerator):
        method = getattr(DeltaGenerator, name)
        if not name.startswith("_") and callable(method):
            yield name, method


def _is_block(part: object) -> bool:
    return isinstance(part, DeltaGenerator) and part._block_type is not None


def _constants(
    args: tuple[Any, ...], named: dict[str, Any], words: Callable[[Any], str]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments without anything that is computed at a call."""
    plain = [_constant(value) for value in args]
    if "format_func" in named:
        plain[1] = [words(option) for option in args[1]]
    kept = {key: _constant(value) for key, value in named.items() if not callable(value)}
    return tuple(plain), kept


def _constant(value: Any) -> Any:
    if isinstance(value, go.Figure):
        return {"figure": value.to_json()}
    if isinstance(value, pl.DataFrame):
        return value.to_arrow()
    return value
