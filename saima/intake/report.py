"""Take a workbook in, or refuse it: every refused row with its place, value, rule and a sentence.

The report as JSON is described in docs/intake-report.md.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from saima import store
from saima.intake.child import SHOWN
from saima.intake.header import Header
from saima.intake.identity import Projects
from saima.intake.indicators import comparable
from saima.intake.linking import linked, remembered
from saima.intake.recognition import known_projects, recognised
from saima.intake.rows import NO_SECRETS, Reader, Row, secret_sheet
from saima.intake.submission import EVERYTHING, Sheets, Submission, check_title, chosen_sheets, lacking
from saima.intake.totals import Check
from saima.intake.validation import consistent, frame, obeying
from saima.intake.values import normalised
from saima.intake.verdicts import ROWS_NAMED, Findings, Place, Refusal, RefusedError, Remark
from saima.ledgers import Ledger
from saima.reference import Reference
from saima.transforms.changes import change_counts, ledger_changes, refiled, settled_areas

Outcome = Literal["taken", "rehearsed", "refused"]

FORMAT = 1
"""Version of the JSON report; a change that a reader of it could stumble over makes it the next one."""

CHANGES_LISTED = 500
"""How many changes against the period before the report lists; the number of all is beside them."""

SENTENCES_PRINTED = 20
"""How many refused rows are printed; the JSON report has them all."""

STEPS = ("打开文件", "找表头", "读取各行", "按规则核对", "识别项目", "与上期对比", "写入快照")
"""What is told while a file is taken in."""

_PERIOD_OF_FILING = r"-(\d{4}-\d{2})-r\d+-\d+$"

Progress = Callable[[int, int, str], None]

_OUTCOME_TERMS = {"taken": "已入库", "rehearsed": "试读通过，未入库", "refused": "退回，未写入任何数据"}


@dataclass(frozen=True)
class Report:
    """What became of a file. `revision` is the id of the snapshot, None where nothing was written.

    `sheets` says for each sheet whether it was read, which heading is which column and in which unit, and
    what was left out; `rows_skipped` are the rows that are no projects, `subtotals` what they state against
    what was read, `identity` the pairs of projects to decide, `difference` what changes against the period
    before, `correction` against the filings of the same period whose place this one takes. `rows` holds the
    rows that can be taken, in the ledger's columns.
    """

    file: str
    sha256: str | None
    ledger: str
    city: str
    period: str
    area_id: str | None
    outcome: Outcome
    revision: str | None = None
    sheets: tuple[dict[str, Any], ...] = ()
    rows_read: int = 0
    rows_taken: int = 0
    rows_refused: int = 0
    rows_skipped: tuple[dict[str, Any], ...] = ()
    subtotals: tuple[Check, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    remarks: tuple[Remark, ...] = ()
    identity: tuple[dict[str, Any], ...] = ()
    difference: dict[str, Any] | None = None
    correction: dict[str, Any] | None = None
    rows: pl.DataFrame = field(default_factory=pl.DataFrame, compare=False)

    @property
    def exit_code(self) -> int:
        """0 where the file was taken (or would be), 2 where it was refused."""
        return 2 if self.outcome == "refused" else 0

    def to_json(self) -> str:
        """The whole report as JSON text."""
        return json.dumps(self.plain(), ensure_ascii=False, indent=2)

    def plain(self) -> dict[str, Any]:
        """The whole report as plain values."""
        return {
            "format": FORMAT,
            "file": self.file,
            "sha256": self.sha256,
            "ledger": self.ledger,
            "city": self.city,
            "period": self.period,
            "area_id": self.area_id,
            "outcome": self.outcome,
            "exit_code": self.exit_code,
            "revision": self.revision,
            "rows_read": self.rows_read,
            "rows_taken": self.rows_taken,
            "rows_refused": self.rows_refused,
            "rows_skipped": list(self.rows_skipped),
            "sheets": list(self.sheets),
            "subtotals": [check.to_json() for check in self.subtotals],
            "refused": [refusal.to_json() for refusal in self.refusals],
            "warnings": [remark.to_json() for remark in self.remarks],
            "identity": list(self.identity),
            "difference": self.difference,
            "correction": self.correction,
        }

    def sentences(self) -> list[str]:
        """The report for a reader at a terminal, in Chinese, the outcome first."""
        lines = [
            f"{self.file}：{_OUTCOME_TERMS[self.outcome]}" + (f"（{self.revision}）" if self.revision else "")
        ]
        if self.rows_read:
            counts = f"读到 {self.rows_read} 行，可收 {self.rows_taken} 行，拒收 {self.rows_refused} 行"
            lines.append(
                counts + (f"，略过非项目行 {len(self.rows_skipped)} 行" if self.rows_skipped else "")
            )
        lines += [f"拒收：{refusal.sentence}" for refusal in self.refusals[:SENTENCES_PRINTED]]
        if len(self.refusals) > SENTENCES_PRINTED:
            lines.append(f"拒收：另有 {len(self.refusals) - SENTENCES_PRINTED} 处，见报告文件")
        lines += [f"{remark.severity}：{remark.sentence}" for remark in self.remarks]
        agreeing = sum(check.agrees for check in self.subtotals)
        if agreeing:
            lines.append(f"提示：{agreeing} 处合计、小计与读到的行相符")
        lines += self._left_out()
        for sheet in self.sheets:
            unmapped = [left["heading"] for left in sheet["unmapped"]]
            for term, headings in (
                ("未识别的列", unmapped),
                ("不录入个人信息，已去掉的列", sheet["dropped"]),
            ):
                if headings:
                    lines.append(f"提示：工作表「{sheet['name']}」{term}：{'、'.join(headings)}")
        return lines

    def _left_out(self) -> list[str]:
        """What of the file was not read as projects: sheets, and rows by what they are."""
        said = {remark.sheet for remark in self.remarks if remark.rule == "ledger_is_read"}
        lines = [
            f"提示：工作表「{sheet['name']}」：没有读取：{sheet['why']}"
            for sheet in self.sheets
            if sheet["why"] and sheet["name"] not in said
        ]
        alike: dict[tuple[str, str], list[str]] = {}
        for row in self.rows_skipped:
            text = " ".join(row["text"].split())
            alike.setdefault((row["sheet"], row["why"]), []).append(f"第 {row['row']} 行“{text}”")
        for (name, why), rows in alike.items():
            listed = "、".join(rows[:ROWS_NAMED]) + ("等" if len(rows) > ROWS_NAMED else "")
            lines.append(f"提示：工作表「{name}」略过{why} {len(rows)} 行：{listed}")
        return lines


def _silent(_done: int, _total: int, _text: str) -> None:
    return None


def take_in(
    path: Path,
    *,
    ledger: str = "projects",
    city: str,
    period: str,
    reference: Reference,
    captured_at: datetime,
    area_id: str | None = None,
    sheet: str | None = None,
    mapping_path: Path | None = None,
    stated_by: str | None = None,
    who: str = "",
    note: str = "",
    commit: bool = False,
    accept_valid: bool = False,
    progress: Progress = _silent,
) -> Report:
    """Read a filing of a city, or of one area (`area_id`, or one of its names), and store it.

    Without `commit` a rehearsal: everything but the writing. Nothing is written when anything is
    refused, unless `accept_valid`. `captured_at` is the clock, or an instant that `stated_by` states
    for a load of old periods. `sheet` is the only one to read; `progress` is told each of STEPS. Nothing
    that a file may hold raises: the report says it.
    """
    report = Report(path.name, None, ledger, city, period, area_id, "refused")
    findings = Findings()
    step = _Steps(progress)
    try:
        step()
        submission = Submission.opened(
            path,
            ledger=ledger,
            city_code=city,
            period=period,
            area=area_id,
            sheet=sheet,
            mapping_path=mapping_path,
            reference=reference,
            captured_at=captured_at,
        )
        report = replace(report, sha256=submission.book.sha256, area_id=submission.area_id)
        step()
        sheets = chosen_sheets(submission, findings)
        report = replace(report, sheets=tuple(_described(submission, sheets)))
        report = _read(report, submission, sheets, findings, step)
        if report.rows.is_empty() and not findings.refusals:
            raise RefusedError("file_has_projects", f"文件「{path.name}」没有项目行，只有表头或空白")
        if not commit:
            _note_what_is_shown(report, submission)
        if report.rows.is_empty() or (findings.refusals and not accept_valid):
            return _closed(report, findings, "refused")
        if not commit:
            return _closed(report, findings, "rehearsed")
        step()
        _must_be_as_shown(report, submission)
        revision = store.commit(
            ledger,
            city,
            period,
            [_stored(report, submission, findings, who, note)],
            captured_at=captured_at,
            stated_by=stated_by,
            stage_dates="snapshots" if submission.city.dates_from_snapshots else "filed",
        )
        return _closed(replace(report, revision=revision.id), findings, "taken")
    except RefusedError as error:
        findings.refusals.append(error.refusal)
    except store.StoreError as error:
        findings.refusals.append(Refusal("snapshot_is_written", str(error), str(error)))
    return _closed(report, findings, "refused")


class _Steps:
    """Tells each of STEPS in its turn."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = 0

    def __call__(self) -> None:
        self._progress(self._done, len(STEPS), STEPS[self._done])
        self._done += 1


def _note_what_is_shown(report: Report, submission: Submission) -> None:
    """Note the rows, and the filings in whose place they would come, where a page asks for it."""
    if SHOWN in os.environ:
        shown = {"rows": _digest(report.rows), "replaced": list(submission.replaced())}
        Path(os.environ[SHOWN]).write_text(json.dumps(shown), "utf-8")


def _must_be_as_shown(report: Report, submission: Submission) -> None:
    """Raises StoreError where a person saw other rows than these, or did not see whom they replace."""
    path = Path(os.environ.get(SHOWN, ""))
    if not path.is_file():
        return
    shown, replaced = json.loads(path.read_text("utf-8")), submission.replaced()
    later = "、".join(
        dict.fromkeys(who for filing, who in replaced.items() if filing not in shown["replaced"])
    )
    if later:
        raise store.StoreError(f"读后又有新的报送（{later}），没有入库，请重新读取，核对后再入库")
    if _digest(report.rows) != shown["rows"]:
        raise store.StoreError("读后又有新的指定或报送，读到的变了，没有入库，请重新读取，核对后再入库")


def _digest(rows: pl.DataFrame) -> str:
    return hashlib.sha256(str(rows.hash_rows().to_list()).encode()).hexdigest()


def _closed(report: Report, findings: Findings, outcome: Outcome) -> Report:
    return replace(
        report,
        outcome=outcome,
        refusals=tuple(findings.refusals),
        remarks=tuple(findings.remarks),
    )


def _read(report: Report, submission: Submission, sheets: Sheets, findings: Findings, step: _Steps) -> Report:
    """The report with the rows without objection, and all that there is to say of the others."""
    secret = secret_sheet(submission.book, sheets.headers)
    if secret:
        raise RefusedError("sheet_is_not_secret", f"{secret}标有密级，{NO_SECRETS}", secret)
    step()
    ledger, period, words = submission.ledger, submission.period, submission.words
    reader = Reader(ledger, words, submission.headings, period, submission.area_id, findings)
    rows: list[Row] = []
    checks: list[Check] = []
    skipped: list[dict[str, Any]] = []
    read = 0
    for sheet in submission.book.sheets:
        header = sheets.headers.get(sheet.name)
        if header is None:
            continue
        check_title(sheet, header, submission, findings)
        _remark_on_columns(sheet.name, header, ledger, findings)
        found = reader.read(sheet, header)
        _must_have_areas(sheet.name, header, found.rows, submission, findings)
        rows += found.rows
        checks += found.checks
        skipped += found.skipped
        read += found.rows_read
    _must_agree_on_units(sheets)
    if ledger.name == "indicators":
        rows = comparable(rows, words, findings)
    step()
    rows = obeying(
        rows, ledger, city=submission.city.code, period_end=submission.period_end, findings=findings
    )
    step()
    rows, pairs, again = _identified(rows, submission, findings)
    skipped += [
        {"sheet": row.sheet, "row": row.number, "why": "重复的项目行", "text": row.values["name"]}
        for row in again
    ]
    read -= len(again)
    step()
    before = _before(submission)
    rows = consistent(rows, before, ledger, year=period[:4], findings=findings)
    if submission.area_id is None and rows:
        _remark_on_absent_areas(rows, submission, findings)
        _remark_on_carried_areas(rows, submission, findings)
    table = frame(rows, ledger)
    return replace(
        report,
        rows=table,
        rows_read=read,
        rows_taken=len(rows),
        rows_refused=read - len(rows),
        rows_skipped=tuple(skipped),
        subtotals=tuple(checks),
        identity=tuple(pairs),
        difference=_difference(before, table, submission),
        correction=_correction(table, submission),
    )


def _must_agree_on_units(sheets: Sheets) -> None:
    """Where one sheet states its unit and another none, the other is hardly in another unit by chance."""
    amounts = [
        (name, amount)
        for name, header in sheets.headers.items()
        for amount in header.fields
        if amount.column.kind == "money"
    ]
    stated = {amount.factor: amount.unit for _, amount in amounts if not amount.is_unit_assumed}
    for name, amount in amounts:
        is_unsaid = amount.is_unit_assumed and amount.how != "记住"
        if is_unsaid and stated and amount.factor not in stated:
            raise RefusedError(
                "unit_is_certain",
                f"工作表「{name}」「{amount.heading}」没有写明单位，别的列或工作表写的是"
                f"{'、'.join(str(unit) for unit in stated.values())}，分不清是哪一种，请在列标题写明单位",
                Place(name, None, amount.heading, amount.letter),
            )


def _must_have_areas(
    sheet: str, header: Header, rows: Iterable[Row], submission: Submission, findings: Findings
) -> None:
    """Without a column of areas each row stands under a heading, or in a sheet, that names its area."""
    if not submission.needs_areas or header.field("area_text"):
        return
    homeless = [row for row in rows if row.values["area_id"] == submission.words.unassigned]
    if len(homeless) == len(list(rows)):
        raise lacking(sheet, header, ["责任地区"])
    for row in homeless:
        objection = "上面没有地区的分组行，归入未分区，请补上责任地区"
        findings.remark("存疑", "area_is_filed", objection, Place(sheet, row.number))


def _remark_on_columns(sheet: str, header: Header, ledger: Ledger, findings: Findings) -> None:
    for column in header.fields:
        place = Place(sheet, None, column.heading, column.letter)
        if column.is_unit_assumed:
            by = "以前指定的" if column.how == "记住" else ""
            objection = f"列标题和表头以上没有写明单位，按{by}{column.unit}读取，请核对"
            findings.remark("存疑", "unit_is_stated", objection, place)
        if column.how == "近似":
            objection = f"按相近的名称当作{column.column.term}读取，请核对"
            findings.remark("存疑", "heading_is_certain", objection, place)
    span = header.field("construction_span")
    unsaid = [name for name in ("start_due_on", "completion_due_on") if header.field(name) is None]
    if span and unsaid:
        terms = "、".join(ledger.column(name).term for name in unsaid)
        place = Place(sheet, None, span.heading, span.letter)
        findings.remark("提示", "span_says_two_dates", f"没有{terms}列，按这一列的起、止读取", place)
    for first, second in header.doubled:
        objection = f"与「{first}」是同一项，只取「{first}」"
        findings.remark("存疑", "one_heading_names_a_column", objection, Place(sheet, None, second))
    doubled = {second for _, second in header.doubled}
    unknown = [left for left in header.unmapped if left.heading not in doubled]
    for left in [left for left in unknown if left.is_amount and not left.is_of_another_time]:
        findings.remark(
            "存疑",
            "amounts_are_read",
            "像是金额但不认识，没有读取；要读取的请改列标题，或用映射文件指明",
            Place(sheet, None, left.heading, left.letter),
        )
    for left in unknown:
        if left.is_event and not left.is_amount and ledger.name == "projects":
            findings.remark(
                "存疑",
                "dates_are_read",
                "像是环节时间但不认识，没有读取；要读取的请改列标题（如 实际开工时间），或用映射文件指明",
                Place(sheet, None, left.heading, left.letter),
            )
    _remark_on_bare_months(sheet, header, findings)
    _remark_on_other_times(sheet, header, ledger, findings)
    if ledger.name == "projects" and header.field("investment_total") is None:
        findings.remark(
            "存疑",
            "investment_total_is_filed",
            "没有总投资列，总投资都按缺失处理；文件里有的请把列标题改为 总投资（万元），或用映射文件指明",
            Place(sheet),
        )


def _remark_on_bare_months(sheet: str, header: Header, findings: Findings) -> None:
    """Months in a row that no heading is over may be planned or done, and of either kind in any unit."""
    months = [
        left.heading
        for left in header.unmapped
        if left.has_numbers and re.fullmatch(r"\d{1,2}月份?", normalised(left.heading))
    ]
    if len(months) > 1:
        findings.remark(
            "存疑",
            "amounts_are_read",
            f"{months[0]}、{months[1]}等 {len(months)} 列只写了月份，不知道是计划还是完成，没有读取；"
            "请在上面加一行标题，如 月度完成投资（万元）",
            Place(sheet),
        )


def _remark_on_other_times(sheet: str, header: Header, ledger: Ledger, findings: Findings) -> None:
    """Columns of other months or years are history; where this one's is missing the period may be wrong."""
    if ledger.name != "projects":
        _remark_on_history(sheet, header, findings)
        return
    others = [left.heading for left in header.unmapped if left.is_amount and left.is_of_another_time]
    own = [name for name in ("invested_year", "invested_month", "plan_year") if header.field(name)]
    if own == ["plan_year"]:
        others = [heading for heading in others if "完成" in heading and "月" in heading]
        own = []
    if others and not own:
        findings.remark(
            "存疑",
            "columns_are_of_the_period",
            f"只有其他年份或月份的金额列（{'、'.join(others[:ROWS_NAMED])}），没有本期的，请核对报告期",
            Place(sheet),
        )


def _remark_on_history(sheet: str, header: Header, findings: Findings) -> None:
    """A ledger beside the projects has no history: another time's figures may be of another time's file."""
    others = [left.heading for left in header.unmapped if left.is_of_another_time and left.has_numbers]
    if others:
        findings.remark(
            "存疑",
            "columns_are_of_the_period",
            f"有其他年份或月份的列（{'、'.join(others[:ROWS_NAMED])}），没有读取，请核对报告期",
            Place(sheet),
        )


def _described(submission: Submission, sheets: Sheets) -> list[dict[str, Any]]:
    """What was made of each sheet that holds something, as plain values."""
    return [
        {
            "name": sheet.name,
            "verdict": "taken" if sheet.name in sheets.headers else "left_out",
            "why": sheets.left_out.get(sheet.name),
            "is_visible": sheet.is_visible,
            "hidden_rows": len(sheet.hidden_rows),
            **_understood(sheets.headers.get(sheet.name)),
        }
        for sheet in submission.book.sheets
        if sheet.name in sheets.headers or sheet.name in sheets.left_out
    ]


def _understood(header: Header | None) -> dict[str, Any]:
    """How the columns of a sheet were understood; nothing of a sheet that was left out."""
    if header is None:
        nothing: dict[str, Any] = {key: [] for key in ("header_rows", "columns", "unmapped")}
        return nothing | {"fingerprint": None, "dropped": [], "ignored": []}
    return {
        "header_rows": list(range(header.first_row, header.row + 1)),
        "fingerprint": header.fingerprint,
        "columns": [
            {
                "letter": field.letter,
                "heading": field.heading,
                "key": field.key,
                "column": field.column.name,
                "term": field.column.term,
                "how": field.how,
                "confidence": field.confidence,
                "unit": field.unit,
                "is_unit_assumed": field.is_unit_assumed,
            }
            for field in header.fields
        ],
        "unmapped": [
            {
                "letter": left.letter,
                "heading": left.heading,
                "key": left.key,
                "suggestion": left.suggestion,
                "confidence": left.confidence,
                "is_of_another_time": left.is_of_another_time,
            }
            for left in header.unmapped
        ],
        "dropped": list(header.dropped),
        "ignored": list(header.ignored),
    }


def _identified(
    rows: list[Row], submission: Submission, findings: Findings
) -> tuple[list[Row], list[dict[str, Any]], list[Row]]:
    """The rows with their ids, pairs to decide, and rows that repeat another; a row about a thing that an
    earlier row is about is refused."""
    if submission.ledger.name == "projects":
        return recognised(rows, submission, findings)
    city, ledger = submission.city.code, submission.ledger
    projects = Projects(city, known_projects(city))
    known = store.ledger_rows(ledger.name, city, None, EVERYTHING, remembered(ledger))
    return linked(rows, ledger=ledger, city=city, projects=projects, known=known, findings=findings), [], []


def _before(submission: Submission) -> pl.DataFrame:
    """The rows of each area's last filing before this period."""
    ledger, city = submission.ledger, submission.city.code
    earlier = [
        period for period in store.periods(city, EVERYTHING, ledger.name) if period < submission.period
    ]
    if not earlier:
        return pl.DataFrame(schema=ledger.schema)
    return store.ledger_rows(ledger.name, city, earlier[-1], EVERYTHING, tuple(ledger.schema))


def _difference(before: pl.DataFrame, table: pl.DataFrame, submission: Submission) -> dict[str, Any] | None:
    """What changes against the newest period that the rows of before come from, as plain values.

    None where nothing was filed before of what is filed now, and for another ledger.
    """
    if submission.ledger.name != "projects" or table.is_empty():
        return None
    whole_city = submission.city.code if submission.area_id is None else None
    rows = refiled(before, table, settled_areas(table["area_id"], before, whole_city=whole_city))
    if rows.is_empty():
        return None
    against = rows.select(pl.col("filing_id").str.extract(_PERIOD_OF_FILING).max()).item()
    return _compared(rows, table, against, submission)


def _correction(table: pl.DataFrame, submission: Submission) -> dict[str, Any] | None:
    """What changes against the filings of the same period whose place this one takes, as plain values.

    None where it takes nobody's, and for another ledger.
    """
    replaced = list(submission.replaced())
    if submission.ledger.name != "projects" or table.is_empty() or not replaced:
        return None
    ledger, period = submission.ledger, submission.period
    rows = store.ledger_rows(ledger.name, submission.city.code, period, EVERYTHING, tuple(ledger.schema))
    in_force = rows.filter(pl.col("filing_id").is_in(replaced))
    if submission.area_id is not None:
        in_force = in_force.filter(pl.col("area_id") == submission.area_id)
    return _compared(in_force, table, period, submission)


def _compared(
    rows: pl.DataFrame, table: pl.DataFrame, against: str, submission: Submission
) -> dict[str, Any]:
    changes = ledger_changes(
        rows,
        table,
        against,
        submission.period,
        landing=submission.city.landing,
        dates_from_snapshots=submission.city.dates_from_snapshots,
    )
    return {
        "against": against,
        "counts": change_counts(changes),
        "rows": changes.head(CHANGES_LISTED).to_dicts(),
    }


def _remark_on_absent_areas(rows: Iterable[Row], submission: Submission, findings: Findings) -> None:
    """A whole city's filing replaces what its areas filed for the period: say which it leaves out."""
    present = {row.values["area_id"] for row in rows}
    absent = [area for revision in submission.in_force() for area in revision.areas if area not in present]
    if absent:
        names = "、".join(submission.words.area_names.get(area, area) for area in absent)
        then = "视为未报送" if submission.ledger.goes_on else f"视为没有{submission.ledger.term}"
        findings.remark(
            "存疑",
            "filed_areas_are_present",
            f"本期已报送的 {names} 在这份整市台账里没有行，入库后{then}",
        )


def _remark_on_carried_areas(rows: Iterable[Row], submission: Submission, findings: Findings) -> None:
    """An area that filed earlier in the year and has no row here is read from its last filing."""
    if submission.ledger.name != "projects":
        return
    seen = {row.values["area_id"] for row in rows} | {submission.words.unassigned}
    year = submission.period[:4]
    for revision in reversed(store.revisions("projects", submission.city.code, EVERYTHING)):
        if year <= revision.period < submission.period and (absent := revision.areas.keys() - seen):
            seen |= absent
            names = "、".join(submission.words.area_names.get(area, area) for area in sorted(absent))
            then = (
                f"将沿用 {revision.period} 的数" if submission.city.unfiled == "carry" else "本期按未报送处理"
            )
            findings.remark(
                "存疑",
                "areas_go_on_filing",
                f"{revision.period} 报送过的 {names} 在这份整市台账里没有行，{then}，请核对是否漏报",
            )


def _stored(report: Report, submission: Submission, findings: Findings, who: str, note: str) -> store.Filing:
    return store.Filing(
        area_id=submission.area_id,
        rows=report.rows,
        source=report.file,
        source_sha256=submission.book.sha256,
        sheet="、".join(sheet["name"] for sheet in report.sheets if sheet["verdict"] == "taken"),
        mapping={"file": submission.mapping.file, "sheets": list(report.sheets)},
        rows_read=report.rows_read,
        rows_taken=report.rows_taken,
        rows_refused=report.rows_refused,
        warnings=[remark.to_json() for remark in findings.remarks],
        who=who,
        note=note,
    )
