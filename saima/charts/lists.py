"""Short lists of sentences with a light before each, as safe HTML styled by `static/style.css`."""

import html
from collections.abc import Sequence

from saima.charts.theme import Look
from saima.wording import LIGHTS


def light_list(title: str, lines: Sequence[tuple[str, str]], look: Look, *, empty: str) -> str:
    """A titled list of (light, sentence); `empty` is said where there is none."""
    items = "".join(
        f'<li><i style="color:{look.lights[light]}" aria-label="{LIGHTS[light][1]}">{LIGHTS[light][0]}</i> '
        f"{html.escape(text)}</li>"
        for light, text in lines
    )
    body = f"<ul>{items}</ul>" if lines else f"<p>{html.escape(empty)}</p>"
    return f'<section class="lines"><h4>{html.escape(title)}</h4>{body}</section>'
