"""Widgets that several pages share; each returns a plain value.

The scope lives in the URL: a copied address opens the same screen. What an address asks for and is not
there falls back to the default, with a notice.
"""

import html
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from saima import reference, store
from saima.metrics import CATALOGUE
from saima.metrics.facts import UNCHAINED
from saima.reference import Reference
from saima.scope import SIZES, Scope
from saima.store import StoreError
from saima.transforms.geography import reporting_areas
from saima.wording import instant_text, period_text

ROOT = Path(__file__).resolve().parent.parent
LATEST = "最新"
ALL = "全部"


def pick_scope() -> Scope:
    """The scope bar: city, period, as-of, areas, chain, category, list and size, then the freshness strip.

    Stops the run with a sentence where the city has no snapshot at that instant.
    """
    _enter_through_app()
    _follow_address()
    refused: list[str] = []
    now = datetime.now(UTC)
    stated, as_of = _asked_instant(now, refused)
    known = reference.load(as_of if stated else None)
    with st.container(key="scope_bar", horizontal=True, vertical_alignment="center", gap="xsmall"):
        city = _pick("city", "城市", _cities(known, as_of), refused, width=112)
        periods = list(reversed(store.periods(city, as_of)))
        if not periods:
            _pick("as_of", "数据截至", _instants(city, stated, as_of, now), refused, width=164)
            notice(f"{known.city(city).name}在这个时点还没有台账。请换一个城市或时点，或先报送台账。")
            st.stop()
        period = _pick("period", "报告期", {p: period_text(p) for p in periods}, refused, width=132)
        _pick("as_of", "数据截至", _instants(city, stated, as_of, now), refused, width=164)
        areas = _pick_areas(known, city, refused)
        chains = known.chains.filter(pl.col("city") == city)["chain"].to_list()
        chain = _pick(
            "chain", "产业链", {ALL: "全部产业链"} | {c: c for c in (*chains, UNCHAINED)}, refused, width=150
        )
        with st.popover("更多筛选", key="more_filters"):
            categories = {c: c for c in known.categories["category"]}
            category = _pick("category", "项目类别", {ALL: "全部类别"} | categories, refused)
            lists = dict(known.lists.filter(pl.col("city") == city).select("list", "name").iter_rows())
            on_list = _pick("list", "清单", {ALL: "全部清单"} | lists, refused)
            size = _pick(
                "size",
                "总投资规模",
                {name: "全部规模" if name == "不限" else name for name in SIZES},
                refused,
            )
        scope = Scope(
            reference=known,
            city_code=city,
            period=period,
            as_of=as_of,
            is_latest=not stated,
            areas=tuple(areas),
            chain=None if chain == ALL else chain,
            category=None if category == ALL else category,
            on_list=None if on_list == ALL else on_list,
            size=size,
        )
        _copy_link(data=as_of.isoformat(timespec="milliseconds"), key="copy_link", height=20, width=56)
        _freshness(scope)
    _tell(refused)
    for damage in store.damages(as_of, city):
        notice(f"{damage.path}：{damage.sentence}")
    return scope


def pick_one(key: str, label: str, options: Mapping[str, str]) -> str:
    """One of a few options as a row of buttons, kept in the URL; the first by default."""
    refused: list[str] = []
    value = _remembered(key, label, options, refused)
    _hold(key, value, options)
    chosen = st.segmented_control(
        label,
        list(options),
        required=True,
        format_func=lambda option: options[option],
        key=key,
        label_visibility="collapsed",
    )
    _tell(refused)
    return _kept(key, chosen or value)


def pick_metric(key: str, metric_ids: tuple[str, ...]) -> str:
    """One metric of the catalogue by its Chinese name, kept in the URL."""
    refused: list[str] = []
    names = {metric_id: CATALOGUE[metric_id].name for metric_id in metric_ids}
    metric = _pick(key, "指标", names, refused, width=240)
    _tell(refused)
    return metric


def pick_item(key: str, label: str, options: Mapping[str, str], *, width: int | None = None) -> str:
    """One of many options by name, kept in the URL; the first by default."""
    refused: list[str] = []
    item = _pick(key, label, options, refused, width=width)
    _tell(refused)
    return item


def pick_text(key: str, label: str, *, placeholder: str, width: int | None = None) -> str:
    """Words typed by the reader, kept in the URL; empty where nothing is typed."""
    asked = st.query_params.get(key) or _saved().get(key) or ""
    st.session_state.setdefault(key, asked)
    typed = st.text_input(
        label, key=key, placeholder=placeholder, label_visibility="collapsed", width=width or "stretch"
    )
    return _kept(key, typed or "")


def asked_for(key: str) -> str:
    """What the address or the session asks for that no widget shows; empty where nothing is asked."""
    return _kept(key, st.query_params.get(key) or _saved().get(key) or "")


def ask_for(key: str, value: str) -> None:
    """Ask for something that no widget shows from now on; nothing where it is empty."""
    _kept(key, value)


def pick_stage(key: str, label: str, terms: Mapping[str, str]) -> str:
    """One stage by the city's own word, kept in the URL; the first by default."""
    refused: list[str] = []
    stage = _pick(key, label, terms, refused, width=150)
    _tell(refused)
    return stage


def build_demonstration() -> None:
    """Build the demonstration ledgers in a child process and follow its progress, then open the app.

    A child that dies leaves whole snapshots behind; building again completes them.
    """
    command = [sys.executable, "-m", "saima", "demo", "--progress", "json"]
    bar = st.progress(0.0, text="正在生成示例台账……")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout or ():
            step = json.loads(line)
            bar.progress(step["done"] / step["total"], text=f"正在生成示例台账：{step['text']}")
    if child.returncode:
        st.error("示例台账没有生成完。请再点一次“生成示例台账”，已生成的部分不会重复。")
        st.stop()
    st.rerun()


def notice(sentence: str) -> None:
    """A notice as plain text: what it quotes from an address or a file is data, never markup."""
    st.html(f'<p class="notice" role="status">{html.escape(sentence)}</p>')


def nothing_in(scope: Scope) -> None:
    """Say that the filters leave nothing, and what to do about it."""
    notice(
        f"{scope.city.name} {period_text(scope.period)}，当前筛选（{scope_words(scope)}）下没有项目。"
        "请在上方放宽地区、产业链、类别、清单或规模。"
    )


def scope_words(scope: Scope) -> str:
    """The filters in words; `未筛选` where there are none."""
    names = dict(scope.city_areas.select("area_id", "short_name").iter_rows())
    words = [
        "、".join(names.get(area, area) for area in scope.areas),
        scope.chain or "",
        scope.category or "",
        scope.on_list or "",
        "" if scope.size == "不限" else scope.size,
    ]
    return " · ".join(word for word in words if word) or "未筛选"


_copy_link = st.components.v2.component(
    "copy_link",
    html="<button type='button'>复制链接</button>",
    css="""
    button { all: unset; cursor: pointer; font: 12px var(--st-font); color: var(--st-link-color); }
    button:focus-visible { outline: 2px solid var(--st-primary-color); }
    """,
    js="""
    export default function ({ data, parentElement }) {
        const button = parentElement.querySelector("button");
        button.onclick = async () => {
            const asked = new URLSearchParams(location.search);
            asked.set("as_of", data);
            const address = `${location.origin}${location.pathname}?${asked}`;
            try {
                await navigator.clipboard.writeText(address);
            } catch {
                // Without HTTPS there is no clipboard API; a selected field can still be copied.
                const field = document.body.appendChild(document.createElement("textarea"));
                field.value = address;
                field.select();
                document.execCommand("copy");
                field.remove();
            }
            button.textContent = "已复制";
            setTimeout(() => { button.textContent = "复制链接"; }, 1500);
        };
    }
    """,
)
"""A button that copies the address as it stands, with the instant pinned: it opens this very screen later."""


def _enter_through_app() -> None:
    """Run the page inside app.py.

    Until app.py has listed its pages once, Streamlit takes the folder `pages/` for a list of its own and
    runs the page of a copied address alone, without the app's style and navigation.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def _follow_address() -> None:
    """Forget what was picked where the address is not the one the last run left: the reader went back.

    An empty address is that of a page just entered, where what was picked stays.
    """
    asked, written = st.query_params.to_dict(), st.session_state.get("written", {})
    if asked and asked != written:
        for key in [*written, *(key for key in st.session_state if str(key).startswith("areas_"))]:
            st.session_state.pop(key, None)
        _saved().clear()


def _cities(known: Reference, as_of: datetime) -> dict[str, str]:
    """Names of the cities, those that have a ledger first."""
    codes = sorted(known.cities, key=lambda code: (not store.periods(code, as_of), code))
    return {code: known.city(code).name for code in codes}


def _asked_instant(now: datetime, refused: list[str]) -> tuple[str | None, datetime]:
    """(as_of as stated, its instant); (None, now) where the newest state is asked for."""
    stated = st.session_state.get("as_of") or st.query_params.get("as_of") or _saved().get("as_of")
    if stated is None or stated == LATEST:
        return None, now
    try:
        return stated, store.instant(stated)
    except StoreError as problem:
        refused.append(f"网址中的{problem}，已改为最新。")
        st.query_params.pop("as_of", None)
        return None, now


def _instants(city: str, stated: str | None, as_of: datetime, now: datetime) -> dict[str, str]:
    """Instants worth asking about: the newest state, the one stated, and every capture of this city."""
    captured = {revision.captured_at for revision in store.revisions("projects", city, now)}
    options = {LATEST: "数据截至 最新"}
    if stated is not None:
        options[stated] = f"截至 {instant_text(as_of, has_year=True)}"
    for captured_at in sorted(captured, reverse=True):
        options.setdefault(captured_at.isoformat(), f"截至 {instant_text(captured_at, has_year=True)}")
    return options


def _pick_areas(known: Reference, city: str, refused: list[str]) -> list[str]:
    names = dict(reporting_areas(known.areas_of(city)).select("area_id", "short_name").iter_rows())
    key = f"areas_{city}"
    shown = st.session_state.get(key)
    if shown is None:
        asked = (st.query_params.get("areas") or _saved().get("areas") or "").split(",")
        unknown = [area for area in asked if area and area not in names]
        # What this session picked in the city before is let go of without a word.
        if unknown and st.query_params.get("areas") != _saved().get("areas"):
            refused.append(f"网址中的地区“{'、'.join(unknown)[:40]}”不在{known.city(city).name}，已忽略。")
        shown = [area for area in asked if area in names]
    st.session_state[key] = shown
    chosen = st.multiselect(
        "责任地区",
        list(names),
        format_func=lambda area: names[area],
        key=key,
        placeholder="全部地区",
        label_visibility="collapsed",
        select_all=False,
        wrap=False,
        width=150,
    )
    _kept("areas", ",".join(chosen))
    return chosen


def _freshness(scope: Scope) -> None:
    """Who has filed, which revision is shown, and 示例数据 where it is."""
    revision = scope.revision
    names = dict(scope.city_areas.select("area_id", "short_name").iter_rows())
    expected = scope.city_areas.filter("is_ranked")["area_id"].to_list()
    status = {row["area_id"]: row for row in scope.filing_status.iter_rows(named=True)}
    filed = [a for a in expected if a in status and status[a]["filed_period"] == scope.period]
    late = [
        names[area]
        + (f"沿用{status[area]['filed_period']}" if area in status and status[area]["is_carried"] else "未报")
        for area in expected
        if area not in filed
    ]
    missing = "、".join(late[:2]) + (f"等{len(late)}个地区未报" if len(late) > 2 else "")
    parts = [
        f"{len(expected)}个地区已报{len(filed)}个",
        missing,
        f"第{revision.number}次入库 {instant_text(revision.captured_at)}",
    ]
    badge = "<b>示例数据</b>" if scope.is_demonstration else ""
    words = " · ".join(html.escape(part) for part in parts if part)
    title = html.escape("、".join(late))
    st.html(f'<div class="freshness" title="{title}">{badge} <span>{words}</span></div>')


def _saved() -> dict[str, str]:
    """What was picked in this session; a page switch clears the address, not this."""
    saved: dict[str, str] = st.session_state.setdefault("picked", {})
    return saved


def _kept(key: str, value: str) -> str:
    """The value, written to the session and the address; an empty one is taken out of both."""
    if value:
        _saved()[key] = value
        if st.query_params.get(key) != value:
            st.query_params[key] = value
    else:
        _saved().pop(key, None)
        st.query_params.pop(key, None)
    st.session_state["written"] = st.query_params.to_dict()
    return value


def _tell(refused: list[str]) -> None:
    for sentence in refused:
        notice(sentence)


def _hold(key: str, value: str, options: Mapping[str, str]) -> None:
    """Say the widget's value anew: one that the page before showed would fall back to its first option."""
    shown = st.session_state.get(key)
    st.session_state[key] = shown if shown in options else value


def _remembered(key: str, label: str, options: Mapping[str, str], refused: list[str]) -> str:
    """What the address, or else the session, asks for; the first option where that is not there.

    Only what the reader typed is refused aloud: what was picked goes when another city does not have it.
    """
    default = next(iter(options))
    asked, picked = st.query_params.get(key), _saved().get(key)
    if asked is not None and asked not in options and asked != picked:
        refused.append(f"网址中的{label}“{asked[:40]}”不存在，已改为“{options[default]}”。")
    value = asked or picked or default
    return value if value in options else default


def _pick(
    key: str, label: str, options: Mapping[str, str], refused: list[str], *, width: int | None = None
) -> str:
    """A select box kept in the address; what is not among the options falls back to the first."""
    value = _remembered(key, label, options, refused)
    _hold(key, value, options)
    chosen = st.selectbox(
        label,
        list(options),
        format_func=lambda option: options[option],
        key=key,
        label_visibility="collapsed",
        required=True,
        width=width or "stretch",
    )
    return _kept(key, chosen or value)
