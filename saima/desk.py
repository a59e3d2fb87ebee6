"""The desk of 台账报送: files are received, read in a child process, put right by choosing, and taken in.

What lies on a reader's desk lives in that reader's session; what the reader decides is kept for all.
"""

import html
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from saima import reference, store
from saima.controls import notice
from saima.evidence import remark, table
from saima.intake.child import Outcome, Run, Upload
from saima.intake.template import template
from saima.intake.units import all_units
from saima.ledgers import LEDGERS, PROJECTS, Ledger
from saima.reference import (
    IdentityDecision,
    MappingDecision,
    ReferenceError,
    record_identities,
    record_mappings,
)
from saima.scope import Scope
from saima.store import Revision
from saima.transforms.changes import (
    CHANGES,
    change_counts,
    change_sentence,
    change_words,
    ledger_changes,
    refiled,
    settled_areas,
)
from saima.transforms.filings import (
    calendar_words,
    due_on,
    due_sentence,
    fileable_periods,
    filing_areas,
    filing_calendar,
    filing_words,
    first_of_areas,
    reminder_text,
    reminders,
    replaced_sentence,
)
from saima.transforms.readings import (
    NOT_READ,
    UNIT_OF_FILE,
    can_be_committed,
    chosen_mappings,
    column_choices,
    mapping_rows,
    outcome_sentence,
    problem_counts,
    problem_lines,
    problem_words,
    reason_words,
    sheet_words,
    skipped_words,
    subtotal_words,
)
from saima.wording import MISSING, count_text, instant_text, period_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

PAIRS_SHOWN = 5
"""How many rows a reader is asked about at a time."""

PROBLEMS_LISTED = 12
"""How many problems are told as sentences; a table holds them all."""

SECONDS = 0.7
"""How often progress is looked at."""

Item = Mapping[str, Any]


@dataclass
class Paper:
    """One file on the desk: what it is filed for, and how far it is read."""

    number: int
    upload: Upload
    city: str
    ledger: Ledger
    period: str
    area_id: str | None
    who: str
    run: Run
    reads: int = 1
    outcome: Outcome | None = None
    decided: dict[tuple[str, int], str] = field(default_factory=dict)
    trouble: str | None = None

    def read_again(self, *more: str) -> None:
        """Read the file once more, with these arguments besides."""
        asked = _asked(self.city, self.ledger, self.period, self.area_id, self.who)
        self.run = self.upload.run(*asked, *more)
        self.reads += 1
        self.outcome, self.trouble = None, None
        self.decided.clear()


def first_scope() -> Scope | None:
    """The question about a city without a ledger: the month that is due. None where the city has one."""
    # Run alone, the page is entered through the app by the scope bar first.
    if PagesManager.uses_pages_directory:
        return None
    known, now = reference.load(), datetime.now(UTC)
    default = None if store.has_snapshots() else min(known.cities)
    asked = st.session_state.get("city") or st.query_params.get("city") or default
    if asked not in known.cities or store.periods(asked, now):
        return None
    st.session_state["city"] = asked
    city = st.selectbox(
        "城市",
        sorted(known.cities),
        format_func=lambda code: known.city(code).name,
        key="city",
        label_visibility="collapsed",
        width=112,
    )
    notice(f"{known.city(city).name}还没有台账，请报送第一份。")
    return Scope(known, city, fileable_periods(None, now)[1], now)


def receive_files(scope: Scope) -> None:
    """The upload form: what is filed, for which period and area, by whom, and the files."""
    with st.container(key="card_receive"):
        st.html('<h4 class="title">报送台账</h4>')
        if not scope.is_latest:
            remark("正在查看历史时点。要报送台账，请先把上方“数据截至”改回最新。")
            return
        above, below = st.columns(2), st.columns(2)
        ledger = above[0].selectbox("台账", list(LEDGERS), format_func=lambda name: LEDGERS[name].term)
        periods = fileable_periods(next(iter(scope.periods), None), scope.as_of)
        period = above[1].selectbox(
            "报告期", periods, index=periods.index(scope.period), format_func=period_text
        )
        names = scope.area_names
        # A part of the city filed for the whole would leave every other area unfiled: nothing is preset.
        choices = {"": f"全市（{scope.city.name}）", **names}
        preset = list(choices).index(scope.areas[0]) if len(scope.areas) == 1 else None
        area = below[0].selectbox(
            "报送地区",
            list(choices),
            index=preset,
            format_func=lambda area: choices[area],
            placeholder="请选择",
        )
        who = below[1].text_input("报送人", key="filed_by", max_chars=40)
        turn = st.session_state.setdefault("uploads", 0)
        files = st.file_uploader(
            "台账文件，可以一次选几个（XLSX、XLS、ET、ODS、CSV）",
            accept_multiple_files=True,
            key=f"upload_{turn}",
        )
        if not st.button("开始读取", type="primary"):
            return
        if not files:
            notice("还没有选文件。请先选择或拖入台账文件。")
        elif area is None or not who.strip():
            notice("还没有选报送地区或填报送人。请先补上，再开始读取。")
        else:
            asked = scope.city_code, LEDGERS[ledger], period, area or None, who.strip()
            for file in files:
                _lay_down(file.name, file.getvalue(), asked)
            st.session_state["uploads"] += 1
            st.rerun()


def _lay_down(name: str, content: bytes, asked: tuple[str, Ledger, str, str | None, str]) -> None:
    """Put a file on the desk and start to read it."""
    papers = _papers()
    upload = Upload(name, content, datetime.now(UTC))
    number = max((paper.number for paper in papers), default=0) + 1
    papers.append(Paper(number, upload, *asked, upload.run(*_asked(*asked))))


def _papers() -> list[Paper]:
    papers: list[Paper] = st.session_state.setdefault("papers", [])
    return papers


def _asked(city: str, ledger: Ledger, period: str, area_id: str | None, who: str) -> list[str]:
    """Arguments of the command line for one file."""
    area = [f"--area={area_id}"] if area_id else []
    return [f"--city={city}", f"--period={period}", f"--ledger={ledger.name}", f"--who={who}", *area]


def follow_files(scope: Scope) -> None:
    """Every file on the desk of this city: its progress while it is read, then what came of it."""
    papers = [paper for paper in _papers() if paper.city == scope.city_code]
    running = [paper for paper in papers if paper.outcome is None]
    if running:
        with st.container(key="card_progress"):
            _progress(running)
    for paper in papers:
        if paper.outcome is not None:
            with st.container(key=f"card_paper_{paper.number}_{paper.reads}"):
                _show(scope, paper, paper.outcome)


@st.fragment(run_every=SECONDS)
def _progress(papers: Sequence[Paper]) -> None:
    """How far each file is; the page is made anew once one is done."""
    for paper in papers:
        if not paper.run.is_running:
            paper.outcome = paper.run.outcome()
            continue
        step = paper.run.progress
        remark(f"{paper.upload.name}：{step.text}")
        st.progress(min(step.done / max(step.total, 1), 1.0))
    if any(paper.outcome for paper in papers):
        st.rerun()


def _show(scope: Scope, paper: Paper, outcome: Outcome) -> None:
    """What came of a file, what can be put right in it, and the way on."""
    area = scope.area_names.get(paper.area_id or "", "全市")
    about = f"{paper.ledger.term} · {period_text(paper.period)} · {area} · {paper.who}"
    name, told = html.escape(paper.upload.name), html.escape(about)
    st.html(f'<h4 class="title">{name} <small>{told}</small></h4>')
    if outcome.report is None:
        notice(outcome.failure or "")
    else:
        _show_report(scope, paper, outcome.report)
    _offer(scope, paper, outcome)


def _show_report(scope: Scope, paper: Paper, report: dict[str, Any]) -> None:
    """The outcome in a sentence, then what was read, what is wrong, who is who, and what changed."""
    st.html(f'<p class="verdict {report["outcome"]}">{html.escape(outcome_sentence(report))}</p>')
    counts = problem_counts(report)
    open_pairs = [item for item in report["identity"] if item["decided"] is None]
    sheets = [sheet for sheet in report["sheets"] if sheet["columns"]]
    words = "，".join(f"{severity}{count_text(count)}" for severity, count in counts.items() if count)
    labels = {"problems": f"问题（{words}）" if words else "没有问题", "sheets": "读懂了什么"}
    is_told_apart = paper.ledger is PROJECTS and report["rows_taken"] > 0
    if is_told_apart:
        labels["pairs"] = f"认项目（待定{count_text(len(open_pairs))}）" if open_pairs else "认项目"
        labels["changes"] = "与上期比"
    tabs = dict(zip(labels, st.tabs(list(labels.values()), key=f"tabs_{paper.number}"), strict=True))
    with tabs["problems"]:
        _list_problems(report, f"problems_{paper.number}")
    with tabs["sheets"]:
        _rows(sheet_words(report), f"sheets_{paper.number}", "没有读到工作表。")
        for place, sheet in enumerate(sheets):
            _correct_mapping(scope, paper, sheet, place)
        _rows(subtotal_words(report), f"subtotals_{paper.number}", "没有合计行可以核对。", "合计核对")
        _rows(skipped_words(report), f"skipped_{paper.number}", "没有略过的行。", "略过的行")
    if is_told_apart:
        with tabs["pairs"]:
            _decide_pairs(paper, open_pairs, len(report["identity"]) - len(open_pairs))
        with tabs["changes"]:
            _show_correction(scope, paper, report["correction"])
            _show_difference(scope, paper, report["difference"])


def _list_problems(report: Item, key: str) -> None:
    """The gravest problems as whole sentences, and all of them as a table where there are more."""
    lines = problem_lines(report)
    if not lines:
        remark("没有要处理的问题。")
        return
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines[:PROBLEMS_LISTED])
    st.html(f'<div class="lines"><ul>{items}</ul></div>')
    if len(lines) > PROBLEMS_LISTED:
        table(problem_words(report), key=key, label=f"全部{count_text(len(lines))}处问题")


def _rows(rows: pl.DataFrame, key: str, otherwise: str, title: str = "") -> None:
    """A table, or a sentence where there is nothing in it."""
    if title and rows.height:
        remark(title)
    if rows.height:
        st.dataframe(rows, hide_index=True, key=key, width="stretch", placeholder=MISSING)
    else:
        remark(otherwise)


def _correct_mapping(scope: Scope, paper: Paper, sheet: Item, place: int) -> None:
    """The headings of a sheet beside the columns they were taken for, to be chosen anew."""
    before = mapping_rows(sheet, paper.ledger)
    columns = st.column_config
    with st.form(f"mapping_{paper.number}_{paper.reads}_{place}", border=False):
        remark(
            f"工作表「{sheet['name']}」的列：读错的，在“读作”“单位”里改选，再重新读取；以后同样的表头不用再改。"
        )
        after = st.data_editor(
            before,
            column_order=[name for name in before.columns if name != "key"],
            column_config={
                "读作": columns.SelectboxColumn(
                    options=[NOT_READ, *column_choices(paper.ledger).values()], required=True
                ),
                "单位": columns.SelectboxColumn(
                    options=[UNIT_OF_FILE, *all_units(scope.city.currency)], required=True
                ),
            },
            disabled=["核对", "列", "表头", "依据"],
            hide_index=True,
            width="stretch",
            key=f"columns_{paper.number}_{paper.reads}_{place}",
        )
        if st.form_submit_button("记住更正，重新读取"):
            _remember(paper, sheet["fingerprint"], chosen_mappings(before, after, paper.ledger))


def _remember(paper: Paper, fingerprint: str, chosen: Sequence[tuple[str, str | None, str | None]]) -> None:
    """Keep what was chosen for the headings, and read the file again."""
    if not chosen:
        notice("还没有改动。请先在“读作”或“单位”里改选。")
        return
    now = datetime.now(UTC)
    try:
        record_mappings(
            [
                MappingDecision(
                    paper.city, paper.ledger.name, fingerprint, heading, column, unit, paper.who, now
                )
                for heading, column, unit in chosen
            ]
        )
    except ReferenceError as problem:
        notice(str(problem))
        return
    paper.read_again()
    st.rerun()


def _decide_pairs(paper: Paper, open_pairs: Sequence[Item], settled: int) -> None:
    """Rows that may be a known project, with the reasons field by field, a few at a time."""
    waiting = [item for item in open_pairs if (item["sheet"], item["row"]) not in paper.decided]
    if not open_pairs:
        remark(f"每一行都认得出是哪个项目{f'，其中{settled}行按以前的决定' if settled else ''}。")
        return
    for words in paper.decided.values():
        remark(words)
    for item in waiting[:PAIRS_SHOWN]:
        _decide_pair(paper, item)
    if len(waiting) > PAIRS_SHOWN:
        remark(f"另有{count_text(len(waiting) - PAIRS_SHOWN)}行待定，决定上面的以后接着显示。")
    if paper.decided and st.button("按决定重新读取", key=f"reread_{paper.number}"):
        paper.read_again()
        st.rerun()


def _decide_pair(paper: Paper, item: Item) -> None:
    where = f"第{item['row']}行 {item['name']}（{item['owner'] or '没有填项目单位'}，{item['area']}）"
    st.html(f'<p class="pair">{html.escape(where)}，是不是下面的项目？</p>')
    key = f"{paper.number}_{paper.reads}_{item['sheet']}_{item['row']}"
    for place, candidate in enumerate(item["candidates"], start=1):
        rows = reason_words(candidate)
        st.dataframe(rows, hide_index=True, key=f"pair_{key}_{place}", width="stretch")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "是同一项目",
                key=f"same_{key}_{place}",
                on_click=_decide,
                args=(paper, item, candidate["project_id"], f"是同一项目“{candidate['name']}”"),
            )
            if place == len(item["candidates"]):
                st.button(
                    "是新项目", key=f"new_{key}", on_click=_decide, args=(paper, item, None, "是新项目")
                )


def _decide(paper: Paper, item: Item, project_id: str | None, verdict: str) -> None:
    """Keep whose row it is; it counts when the file is read again."""
    decision = IdentityDecision(
        paper.city,
        item["code"],
        item["name"],
        item["owner"],
        item["area_id"],
        project_id,
        paper.who,
        datetime.now(UTC),
    )
    try:
        record_identities([decision])
    except ReferenceError as problem:
        paper.trouble = str(problem)
    else:
        paper.decided[(item["sheet"], item["row"])] = f"● 第{item['row']}行“{item['name']}”：{verdict}"


def _show_correction(scope: Scope, paper: Paper, correction: Item | None) -> None:
    """What changes against the filings of the same period that this file would take the place of."""
    if correction is None:
        return
    remark(change_sentence(correction["counts"], "本期已有的报送"))
    changes = pl.DataFrame(correction["rows"], schema=CHANGES)
    _rows(_changes_in_words(scope, changes, PROJECTS), f"correction_{paper.number}", "没有变化。")


def _show_difference(scope: Scope, paper: Paper, difference: Item | None) -> None:
    """Counts and rows of what differs from the last period that there is."""
    if difference is None:
        remark("更早的报告期没有报送过，没有可以比的一期。")
        return
    remark(change_sentence(difference["counts"], difference["against"]))
    changes = pl.DataFrame(difference["rows"], schema=CHANGES)
    if sum(difference["counts"].values()) > changes.height:
        remark(f"变化较多，下面只列前{count_text(changes.height)}个；入库后可在“入库记录”里看全部。")
    _rows(_changes_in_words(scope, changes, PROJECTS), f"difference_{paper.number}", "没有变化。")


def _changes_in_words(scope: Scope, changes: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    return change_words(changes, _area_names(scope), scope.city.stage_terms, ledger)


def _area_names(scope: Scope) -> dict[str, str]:
    return {scope.city_code: "全市"} | scope.area_names


def _offer(scope: Scope, paper: Paper, outcome: Outcome) -> None:
    """The way on: take it in with a note, download the marked workbook, read again, or put it away."""
    if paper.trouble:
        notice(paper.trouble)
        paper.trouble = None
    report = outcome.report
    is_taken = report is not None and report["outcome"] == "taken"
    replaced = _tell_what_is_replaced(scope, paper) if report and can_be_committed(report) else False
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"way_{paper.number}"):
        if report is not None and can_be_committed(report):
            _offer_commit(paper, report, is_note_due=replaced)
        if outcome.returned:
            _offer_returned(paper, outcome.returned)
        if not is_taken and st.button("重新读取", key=f"again_{paper.number}"):
            paper.read_again()
            st.rerun()
        if st.button("移开", key=f"away_{paper.number}"):
            _papers().remove(paper)
            st.rerun()


def _tell_what_is_replaced(scope: Scope, paper: Paper) -> bool:
    """Whose rows of the period this file would take the place of, as things stand now; whether anybody's."""
    known = store.period_revisions(paper.ledger.name, paper.city, paper.period, datetime.now(UTC))
    areas = [area for area in known[-1].areas if paper.area_id in {None, area}] if known else []
    filings = {known[-1].areas[area]: known[-1].filing(area) for area in areas}
    own = _area_names(scope).get(paper.area_id or "", "")
    sentence = replaced_sentence(list(filings.values()), _area_names(scope), own)
    if sentence:
        notice(sentence)
    return bool(sentence)


def _offer_commit(paper: Paper, report: Item, *, is_note_due: bool) -> None:
    """Take the file in, with a note; what was decided since it was read needs another reading first."""
    note = st.text_input("入库说明", key=f"note_{paper.number}", max_chars=200, width=320)
    more: list[str] = []
    only_valid = True
    if report["refused"]:
        kept, returned = count_text(report["rows_taken"]), count_text(report["rows_refused"])
        only_valid = st.checkbox(f"只收合格的{kept}行，拒收的{returned}行退回", key=f"valid_{paper.number}")
        more = ["--accept-valid"]
    if st.button("入库", type="primary", key=f"commit_{paper.number}"):
        if paper.decided:
            paper.trouble = "刚才的决定还没有用上。请先点“按决定重新读取”，看过结果再入库。"
        elif not only_valid:
            paper.trouble = "还有拒收的行。请改好工作簿重新上传，或勾选“只收合格的行”再入库。"
        elif is_note_due and not note.strip():
            paper.trouble = "入库会代替本期已有的报送。请先在“入库说明”里写明为什么更正，再入库。"
        else:
            paper.read_again("--commit", f"--note={note}", *more)
        st.rerun()


def _offer_returned(paper: Paper, returned: Path) -> None:
    st.download_button(
        "下载标注好的工作簿",
        data=returned.read_bytes,
        file_name=f"{Path(paper.upload.name).stem}_已标注.xlsx",
        mime=XLSX,
        on_click="ignore",
        key=f"returned_{paper.number}",
    )


def filings_of(ledger: Ledger, scope: Scope) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The areas of a ledger's calendar, who has filed the period, and the calendar."""
    asked = ledger.name, scope.city_code, scope.period, scope.as_of
    status = store.filing_status(scope.city_code, scope.period, scope.as_of, ledger.name, scope.city.unfiled)
    areas = filing_areas(ledger, scope.city_areas, status)
    filings = [filing for revision in store.period_revisions(*asked) for filing in revision.filings]
    expected = areas.filter("is_ranked")["area_id"]
    first_filed = first_of_areas(ledger, expected, store.first_filings(*asked), filings)
    return areas, status, filing_calendar(areas, status, first_filed, due_day(scope), scope.as_of)


def due_day(scope: Scope) -> date:
    """The last day on which the period is filed in time."""
    return due_on(scope.period, scope.city.filing_due_day, scope.city.filing_due_month)


def remind(ledger: Ledger, scope: Scope, calendar: pl.DataFrame, status: pl.DataFrame) -> None:
    """催报: who is overdue, as a text to copy; nothing where nobody is."""
    reminded = reminders(calendar, status)
    if reminded.is_empty():
        return
    with st.expander(f"催报：{reminded.height}个地区逾期未报"):
        st.dataframe(reminded, hide_index=True, key=f"reminders_{ledger.name}", width="stretch")
        text = reminder_text(reminded, scope.period, due_day(scope), scope.as_of, ledger.term)
        st.code(text, language=None)


def compare_revisions(scope: Scope) -> None:
    """The revisions of a ledger with who, when and why, and the difference between any two."""
    with st.container(key="card_revisions"):
        heading = st.container(horizontal=True, vertical_alignment="center")
        heading.html('<h4 class="title">入库记录</h4>')
        with heading:
            ledger = _pick_ledger("revisions_ledger")
        asked = ledger.name, scope.city_code
        periods = store.periods(scope.city_code, scope.as_of, ledger.name)[::-1]
        if not periods:
            remark(f"还没有报送过{ledger.term}。")
            return
        period = heading.selectbox(
            "报告期",
            periods,
            index=periods.index(scope.period) if scope.period in periods else 0,
            format_func=period_text,
            key=f"revisions_{'_'.join(asked)}_{scope.period}",
            label_visibility="collapsed",
            width=132,
        )
        known = [
            revision
            for each in periods
            for revision in reversed(store.period_revisions(*asked, each, scope.as_of))
        ]
        listed = [revision for revision in known if revision.period == period]
        st.dataframe(_revision_words(scope, listed), hide_index=True, key="revisions", width="stretch")
        options = {_revision_name(revision): revision for revision in known}
        before, after = (
            column.selectbox(
                label, list(options), index=None, placeholder="选择一版", key=f"{key}_{'_'.join(asked)}"
            )
            for column, label, key in zip(
                st.columns(2), ("比较：从", "到"), ("compared_from", "compared_to"), strict=True
            )
        )
        if before in options and after in options:
            _compare(scope, ledger, options[before], options[after])


def _pick_ledger(key: str) -> Ledger:
    """One of the ledgers, in a title row."""
    name = st.selectbox(
        "台账",
        list(LEDGERS),
        format_func=lambda name: LEDGERS[name].term,
        key=key,
        label_visibility="collapsed",
        width=132,
    )
    return LEDGERS[name]


def _compare(scope: Scope, ledger: Ledger, before: Revision, after: Revision) -> None:
    rows, later = store.revision_rows(before), store.revision_rows(after)
    if before.period != after.period:
        filed_again, known_before = _settled(after, rows), _settled(before, later)
        _tell_who_did_not_file(scope, before.areas.keys() - filed_again, "在后一版没有报送，不作比较")
        _tell_who_did_not_file(scope, after.areas.keys() - known_before, "在前一版没有报送，新出现的都算新增")
        rows = refiled(rows, later, filed_again, ledger)
    changes = ledger_changes(
        rows,
        later,
        before.period,
        after.period,
        ledger=ledger,
        landing=scope.city.landing,
        dates_from_snapshots=scope.city.dates_from_snapshots,
    )
    remark(change_sentence(change_counts(changes), _revision_name(before)))
    _rows(_changes_in_words(scope, changes, ledger), "compared", "两版没有不同。")


def _tell_who_did_not_file(scope: Scope, areas: Set[str], consequence: str) -> None:
    if areas:
        names = _area_names(scope)
        remark(f"{'、'.join(names.get(area, area) for area in sorted(areas))}{consequence}。")


def _settled(revision: Revision, others: pl.DataFrame) -> set[str]:
    is_whole = any(filing["area_id"] is None for filing in revision.filings)
    return settled_areas(
        revision.areas, others, LEDGERS[revision.ledger], whole_city=revision.city if is_whole else None
    )


def _revision_name(revision: Revision) -> str:
    """`2024年9月第2版（10月8日 09:30）`."""
    return f"{period_text(revision.period)}第{revision.number}版（{instant_text(revision.captured_at)}）"


def _revision_words(scope: Scope, known: Sequence[Revision]) -> pl.DataFrame:
    """Revisions under Chinese terms, each with the filings that came in with it."""
    names = _area_names(scope)
    rows = []
    for revision in known:
        came = [
            filing
            for filing in revision.filings
            if datetime.fromisoformat(filing["captured_at"]) == revision.captured_at
        ]
        marks = ["补录"] if revision.is_backfill else []
        marks += ["示例数据"] if revision.is_demonstration else []
        rows.append(
            {
                "版次": f"第{revision.number}版",
                "入库时间": instant_text(revision.captured_at, has_year=True),
                "报送地区": _some([names.get(filing["area_id"] or "", "全市") for filing in came]),
                "报送人": _some([filing["who"] or MISSING for filing in came]),
                "说明": "；".join(dict.fromkeys(filing["note"] for filing in came if filing["note"])),
                "全市行数": count_text(revision.rows),
                "备注": "、".join(marks),
                "来源文件": _some([filing["source"] for filing in came]),
            }
        )
    return pl.DataFrame(rows)


def _some(words: Sequence[str]) -> str:
    """Different words, the first two of many: `和平区、沈河区等20个`."""
    different = list(dict.fromkeys(words))
    more = f"等{len(different)}个" if len(different) > 2 else ""
    return "、".join(different[:2]) + more


def offer_template(scope: Scope) -> None:
    """Empty forms to fill in, one for each ledger."""
    with st.container(key="card_template"):
        st.html('<h4 class="title">空白报送表 <small>按本系统的列填写，读取最稳</small></h4>')
        with st.container(horizontal=True, vertical_alignment="bottom"):
            ledger = st.selectbox(
                "台账",
                list(LEDGERS),
                format_func=lambda name: LEDGERS[name].term,
                key="template_ledger",
                label_visibility="collapsed",
                width=220,
            )
            term = LEDGERS[ledger].term
            st.download_button(
                f"下载{scope.city.short_name}{term}空表（XLSX）",
                data=lambda: template(ledger, scope.city_code, scope.reference),
                file_name=f"{scope.city.short_name}_{term}_空表.xlsx",
                mime=XLSX,
                on_click="ignore",
            )


def show_filings(scope: Scope) -> None:
    """The calendar of a ledger for the period, and whose filing each area's rows come from."""
    with st.container(key="card_calendar"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html('<h4 class="title">报送日历</h4>')
            ledger = _pick_ledger("calendar_ledger")
        areas, status, calendar = filings_of(ledger, scope)
        if calendar.is_empty():
            remark(f"还没有报送过{ledger.term}。要报送，请在“报送台账”里选这份台账。")
            return
        if ledger is not PROJECTS:
            remark(due_sentence(calendar, due_day(scope), scope.as_of))
            remind(ledger, scope, calendar, status)
        words = calendar_words(calendar, status, scope.period)
        st.dataframe(words, hide_index=True, key="calendar", width="stretch")
        filings = [
            filing
            for revision in store.revisions(ledger.name, scope.city_code, scope.as_of)
            for filing in revision.filings
        ]
        sources = filing_words(status, areas, filings, scope.period)
        table(sources, key="filings", label="各地区所用的报送文件")
