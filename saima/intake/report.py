"""Take a workbook in, or refuse it: every refused row with its place, value, rule and a sentence."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl

from saima import store
from saima.intake import coordinates, values, workbook
from saima.intake.asides import second_headings
from saima.intake.header import ColumnMapping, Header, find_header, looks_like_money, read_mapping
from saima.intake.identity import Filed, Identity, KnownProject, Projects
from saima.intake.rows import NO_SECRETS, Reader, Row, first_reported, secret_sheet
from saima.intake.values import ValueRefusedError
from saima.intake.verdicts import ROWS_NAMED, Findings, Place, Refusal, RefusedError, Remark
from saima.intake.words import Words
from saima.intake.workbook import Book, Sheet
from saima.ledgers import LEDGERS, PERIOD_END, Ledger
from saima.reference import City, Reference, ReferenceError

Outcome = Literal["taken", "rehearsed", "refused"]

EVERYTHING = datetime.max.replace(tzinfo=UTC)
"""Identity looks at all that is kept, whatever its clock: a project has one id for good."""

SENTENCES_PRINTED = 20
"""How many refused rows are printed; the JSON report has them all."""

_OUTCOME_TERMS = {"taken": "已入库", "rehearsed": "试读通过，未入库", "refused": "退回，未写入任何数据"}

_OFFICE_TIME = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Report:
    """What became of a file. `revision` is the id of the snapshot, None where nothing was written.

    `sheets` says for each sheet that was read which heading is which column and in which unit, and
    which headings were left out; `sheets_left_out` the name of each other sheet and why it was not
    read, `rows_skipped` the rows that are no projects. `rows` holds the rows that can be taken, in the
    ledger's columns.
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
    sheets_left_out: tuple[dict[str, str], ...] = ()
    rows_read: int = 0
    rows_taken: int = 0
    rows_refused: int = 0
    rows_skipped: tuple[dict[str, Any], ...] = ()
    refusals: tuple[Refusal, ...] = ()
    remarks: tuple[Remark, ...] = ()
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
            "sheets_left_out": list(self.sheets_left_out),
            "refused": [refusal.to_json() for refusal in self.refusals],
            "warnings": [remark.to_json() for remark in self.remarks],
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
        lines += self._left_out()
        for sheet in self.sheets:
            for key, term in (("unmapped", "未识别的列"), ("dropped", "不录入个人信息，已去掉的列")):
                if sheet[key]:
                    lines.append(f"提示：工作表「{sheet['name']}」{term}：{'、'.join(sheet[key])}")
        return lines

    def _left_out(self) -> list[str]:
        """What of the file was not read as projects: sheets, and rows by what they are."""
        said = {remark.sheet for remark in self.remarks if remark.rule == "ledger_is_read"}
        lines = [
            f"提示：工作表「{sheet['name']}」：没有读取：{sheet['why']}"
            for sheet in self.sheets_left_out
            if sheet["name"] not in said
        ]
        alike: dict[tuple[str, str], list[str]] = {}
        for row in self.rows_skipped:
            text = " ".join(row["text"].split())
            alike.setdefault((row["sheet"], row["why"]), []).append(f"第 {row['row']} 行“{text}”")
        for (name, why), rows in alike.items():
            named = "、".join(rows[:ROWS_NAMED]) + ("等" if len(rows) > ROWS_NAMED else "")
            lines.append(f"提示：工作表「{name}」略过{why} {len(rows)} 行：{named}")
        return lines


def take_in(
    path: Path,
    *,
    ledger: str = "projects",
    city: str,
    period: str,
    reference: Reference,
    captured_at: datetime,
    area_id: str | None = None,
    mapping_path: Path | None = None,
    stated_by: str | None = None,
    who: str = "",
    note: str = "",
    commit: bool = False,
    accept_valid: bool = False,
) -> Report:
    """Read a filing of a city, or of one area (`area_id`, or one of its names), and store it.

    Without `commit` a rehearsal: everything but the writing. Nothing is written when anything is
    refused, unless `accept_valid`. `captured_at` is the clock, or an instant that `stated_by` states
    for a load of old periods. Nothing that a file may hold raises: the report says it.
    """
    report = Report(path.name, None, ledger, city, period, area_id, "refused")
    findings = Findings()
    try:
        filing = _Filing.opened(path, ledger, city, period, area_id, mapping_path, reference, captured_at)
        report = replace(report, sha256=filing.book.sha256, area_id=filing.area_id)
        report, rows = _checked(report, filing, findings)
        report = replace(report, rows=_frame(rows, filing.ledger), rows_taken=len(rows))
        if not rows and not findings.refusals:
            raise RefusedError("file_has_projects", f"文件「{path.name}」没有项目行，只有表头或空白")
        if not rows or (findings.refusals and not accept_valid):
            return _closed(report, findings, "refused")
        if not commit:
            return _closed(report, findings, "rehearsed")
        revision = store.commit(
            ledger,
            city,
            period,
            [_stored(report, filing, findings, who, note)],
            captured_at=captured_at,
            stated_by=stated_by,
            stage_dates="snapshots" if filing.city.dates_from_snapshots else "filed",
        )
        return _closed(replace(report, revision=revision.id), findings, "taken")
    except RefusedError as error:
        findings.refusals.append(error.refusal)
    except store.StoreError as error:
        findings.refusals.append(Refusal("snapshot_is_written", str(error)))
    return _closed(report, findings, "refused")


def _closed(report: Report, findings: Findings, outcome: Outcome) -> Report:
    return replace(
        report,
        outcome=outcome,
        refusals=tuple(findings.refusals),
        remarks=tuple(findings.remarks),
    )


@dataclass(frozen=True)
class _Filing:
    """A file that was opened, and what it is filed for."""

    book: Book
    ledger: Ledger
    city: City
    period: str
    area_id: str | None
    words: Words
    mapping: ColumnMapping

    @classmethod
    def opened(
        cls,
        path: Path,
        ledger: str,
        city_code: str,
        period: str,
        area: str | None,
        mapping_path: Path | None,
        reference: Reference,
        captured_at: datetime,
    ) -> "_Filing":
        """Raises RefusedError where the request or the file cannot be used at all."""
        if ledger not in LEDGERS:
            allowed = "、".join(f"{known.name}（{known.term}）" for known in LEDGERS.values())
            raise RefusedError("ledger_is_known", f"没有台账“{ledger}”。允许：{allowed}", value=ledger)
        if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", period) or period < "1949":
            raise RefusedError(
                "period_is_a_month", f"报告期“{period}”不是年月。允许：如 2024-09", value=period
            )
        now = captured_at.astimezone(_OFFICE_TIME).strftime("%Y-%m")
        if period > now:
            raise RefusedError(
                "period_has_begun",
                f"报告期 {period} 还没有到，收件时间是 {now}。允许：不晚于收件的月份",
                value=period,
            )
        try:
            city = reference.city(city_code)
        except ReferenceError as error:
            raise RefusedError("city_is_known", str(error), value=city_code) from None
        words = Words(city, reference)
        try:
            area_id = words.area(area) if area else None
        except ValueRefusedError as error:
            raise RefusedError("area_is_known", f"报送地区“{area}”{error}", value=area) from None
        mapping = (
            read_mapping(mapping_path, LEDGERS[ledger], city.currency) if mapping_path else ColumnMapping()
        )
        book = workbook.read(path)
        return cls(book, LEDGERS[ledger], city, period, area_id, words, mapping)


def _checked(report: Report, filing: _Filing, findings: Findings) -> tuple[Report, list[Row]]:
    """The rows without objection, and the report with what was read."""
    headers, left_out = _headers(filing, findings)
    secret = secret_sheet(filing.book, headers)
    if secret:
        raise RefusedError("sheet_is_not_secret", f"{secret}标有密级，{NO_SECRETS}", secret)
    reader = Reader(filing.ledger, filing.words, filing.period, filing.area_id, findings)
    rows: list[Row] = []
    read = 0
    skipped: list[dict[str, Any]] = []
    for sheet in filing.book.sheets:
        if sheet.name in headers:
            _remark_on_columns(sheet.name, headers[sheet.name], filing.ledger, findings)
            found = reader.read(sheet, headers[sheet.name])
            rows += found.rows
            read += found.rows_read
            skipped += found.skipped
    rows = _obeying(rows, filing, findings)
    rows = _identified(rows, filing, findings)
    if filing.ledger.name == "projects":
        _keep_first_reported(rows, filing)
        _move_coordinates(rows, filing, findings)
    if filing.area_id is None and rows:
        _remark_on_absent_areas(rows, filing, findings)
        _remark_on_carried_areas(rows, filing, findings)
    return (
        replace(
            report,
            sheets=tuple(_described(name, header) for name, header in headers.items()),
            sheets_left_out=tuple(left_out),
            rows_read=read,
            rows_refused=read - len(rows),
            rows_skipped=tuple(skipped),
        ),
        rows,
    )


def _headers(filing: _Filing, findings: Findings) -> tuple[dict[str, Header], list[dict[str, str]]]:
    """Headings of each sheet that is a ledger, and the other sheets that hold something, with why not.

    Raises RefusedError where no sheet is one, the only ones lack a required column, or the headings of
    one take two rows.
    """
    sheets = [sheet for sheet in filing.book.sheets if any(map(_has_content, sheet.rows))]
    if not sheets:
        raise RefusedError("file_has_projects", "文件里没有内容，工作表都是空的")
    if filing.mapping.sheet is not None:
        asked = [sheet for sheet in sheets if sheet.name == filing.mapping.sheet]
        if not asked:
            known = "、".join(sheet.name for sheet in sheets)
            raise RefusedError(
                "mapped_sheet_is_present", f"没有工作表「{filing.mapping.sheet}」。文件里有：{known}"
            )
        candidates = asked
        why_not = f"映射文件只要工作表「{filing.mapping.sheet}」"
    else:
        candidates = [sheet for sheet in sheets if sheet.is_visible]
        why_not = "是隐藏的工作表"
    left_out = {sheet.name: why_not for sheet in sheets if sheet not in candidates}
    headers: dict[str, Header] = {}
    lacking: list[RefusedError] = []
    for sheet in candidates:
        header = find_header(sheet, filing.ledger, filing.mapping, filing.city.currency, filing.period)
        if header is None:
            left_out[sheet.name] = "前 20 行没有找到表头"
            continue
        lack = _lacks(sheet, header, filing)
        if lack:
            lacking.append(lack)
        else:
            _refuse_second_headings(sheet, header)
            headers[sheet.name] = header
    if not headers:
        raise (
            lacking[0]
            if lacking
            else RefusedError(
                "header_is_found",
                f"{'、'.join(f'工作表「{sheet.name}」' for sheet in candidates)}前 20 行没有找到表头。"
                f"允许：一行列标题，其中有 {'、'.join(_required(filing))}",
            )
        )
    for lack in lacking:
        name = str(lack.refusal.place.sheet)
        left_out[name] = f"像是台账，但{lack.refusal.sentence.removeprefix(f'工作表「{name}」')}"
        findings.remark("存疑", "ledger_is_read", f"没有读取：{left_out[name]}", Place(name))
    return headers, [{"name": name, "why": why} for name, why in left_out.items()]


def _refuse_second_headings(sheet: Sheet, header: Header) -> None:
    second = second_headings(sheet, header)
    if second:
        raise RefusedError(
            "headings_are_one_row",
            f"工作表「{sheet.name}」第 {second} 行像是第二行表头（如 计划、实际），本系统只读一行表头，"
            "请把两行合写成一行列标题，如“计划开工时间”“实际开工时间”，并删去第二行",
            Place(sheet.name, second),
        )


def _has_content(cells: Sequence[workbook.Cell]) -> bool:
    return any(cell is not None for cell in cells)


def _required(filing: _Filing) -> list[str]:
    """Terms of the columns that a file must have: a whole city's projects need their area."""
    required = [column.term for column in filing.ledger.filed if column.is_required]
    if filing.ledger.name == "projects" and filing.area_id is None:
        required.append("责任地区")
    return required


def _lacks(sheet: Sheet, header: Header, filing: _Filing) -> RefusedError | None:
    present = {field.column.term.removesuffix("（原文）") for field in header.fields}
    missing = [term for term in _required(filing) if term not in present]
    if not missing:
        return None
    found = "、".join([*(field.heading for field in header.fields), *header.unmapped])
    hint = "；只报送一个地区时，可以改为指明报送地区" if "责任地区" in missing else ""
    return RefusedError(
        "required_columns_are_present",
        f"工作表「{sheet.name}」第 {header.row} 行的表头缺少必需的列：{'、'.join(missing)}"
        f"（现有：{found}）{hint}",
        Place(sheet.name, header.row, "、".join(missing)),
    )


def _remark_on_columns(sheet: str, header: Header, ledger: Ledger, findings: Findings) -> None:
    for column in header.fields:
        if column.is_unit_assumed:
            findings.remark(
                "存疑",
                "unit_is_stated",
                f"文件没有写明单位，按{column.unit}读取",
                Place(sheet, None, column.heading),
            )
    for first, second in header.doubled:
        findings.remark(
            "存疑",
            "one_heading_names_a_column",
            f"与「{first}」是同一项，只取「{first}」",
            Place(sheet, None, second),
        )

    unread = [heading for heading in header.unmapped if looks_like_money(heading)]
    if unread:
        findings.remark(
            "存疑",
            "amounts_are_read",
            f"像是金额但不认识，没有读取：{'、'.join(unread)}；要读取的请改列标题，或用映射文件指明",
            Place(sheet),
        )
    if ledger.name == "projects" and header.field("investment_total") is None:
        findings.remark(
            "存疑",
            "investment_total_is_filed",
            "没有总投资列，总投资都按缺失处理；文件里有的请把列标题改为 总投资（万元），或用映射文件指明",
            Place(sheet),
        )


def _described(name: str, header: Header) -> dict[str, Any]:
    """How the columns of a sheet were understood, as plain values."""
    return {
        "name": name,
        "header_row": header.row,
        "columns": [
            {
                "heading": field.heading,
                "column": field.column.name,
                "term": field.column.term,
                "how": field.how,
                "unit": field.unit,
            }
            for field in header.fields
        ],
        "unmapped": list(header.unmapped),
        "dropped": list(header.dropped),
        "ignored": list(header.ignored),
    }


def _frame(rows: Iterable[Row], ledger: Ledger) -> pl.DataFrame:
    """The rows in the ledger's columns and types, null where nothing is filed."""
    return pl.DataFrame([row.values for row in rows], schema=ledger.schema, orient="row")


def _obeying(rows: list[Row], filing: _Filing, findings: Findings) -> list[Row]:
    """The rows that break no rule of the ledger that refuses. Null means: nothing to object to."""
    rules = filing.ledger.rules
    end = pl.lit(values.last_day(filing.period)).alias(PERIOD_END)
    verdicts = (
        _frame(rows, filing.ledger)
        .with_columns(end)
        .select(rule.holds.fill_null(value=True).alias(rule.name) for rule in rules)
    )
    refused: set[int] = set()
    for rule in rules:
        name, *others = rule.columns
        for index in (~verdicts[rule.name]).arg_true():
            row = rows[index]
            beside = "".join(f"，「{row.place(other).column}」是“{row.shown(other)}”" for other in others)
            if rule.severity == "拒收":
                findings.refuse(rule.name, rule.objection + beside, row.place(name), row.shown(name))
                refused.add(index)
            else:
                against = "".join(f"（对照「{row.place(other).column}」）" for other in others)
                findings.remark(rule.severity, rule.name, rule.objection + against, row.place(name))
    return [row for index, row in enumerate(rows) if index not in refused]


def _identified(rows: list[Row], filing: _Filing, findings: Findings) -> list[Row]:
    """The rows with their project_id; a row about a project that an earlier row is about is refused."""
    projects = Projects(filing.city.code, _known_projects(filing.city.code))
    identify = _plan_identities if filing.ledger.name == "plans" else _identities
    kept: list[Row] = []
    first: dict[tuple[str, str | None], Row] = {}
    for row, identity in zip(rows, identify(rows, projects, filing), strict=True):
        row.values["project_id"] = identity.project_id
        key = (identity.project_id, row.values.get("month"))
        earlier = first.setdefault(key, row)
        if earlier is not row:
            _refuse_double(row, earlier, findings)
            continue
        _remark_on_identity(row, identity, filing, findings)
        kept.append(row)
    if filing.ledger.name == "projects":
        standing = _standing(filing)
        _remark_on_twins(kept, standing, filing, findings)
        _resolve_parents(kept, dict(standing.select("project_id", "parent_id").rows()), projects, findings)
    return kept


_IDENTIFYING = ("project_code", "name", "owner", "area_id", "project_id")


def _known(rows: pl.DataFrame) -> list[KnownProject]:
    """Stored rows; a code that was stored before it had one spelling gets it."""
    return [
        KnownProject(code and (values.national_code(code) or code), *rest)
        for code, *rest in rows.select(_IDENTIFYING).iter_rows()
    ]


def _known_projects(city: str) -> list[KnownProject]:
    """Every project of any snapshot in force, oldest snapshot first."""
    return [
        project
        for period in store.periods(city, EVERYTHING)
        for project in _known(store.ledger_rows("projects", city, period, EVERYTHING, _IDENTIFYING))
    ]


def _standing(filing: _Filing) -> pl.DataFrame:
    """Rows that other areas have filed for the period and that stay beside this filing."""
    columns = (*_IDENTIFYING, "parent_id")
    rows = store.ledger_rows("projects", filing.city.code, filing.period, EVERYTHING, columns)
    stay = {area for revision in _in_force(filing) for area in revision.areas} - {filing.area_id}
    return rows.filter(pl.col("area_id").is_in(stay if filing.area_id else ()))


def _in_force(filing: _Filing) -> list[store.Revision]:
    """The revision that the period has, if any."""
    revisions = store.revisions(filing.ledger.name, filing.city.code, EVERYTHING)
    return [revision for revision in revisions if revision.period == filing.period]


def _filed(row: Row) -> Filed:
    code, owner = row.values.get("project_code"), row.values.get("owner")
    return Filed(code, row.values["name"], owner, row.values["area_id"])


def _identities(rows: Sequence[Row], projects: Projects, _filing: _Filing) -> list[Identity]:
    return projects.identified([_filed(row) for row in rows])


def _remark_on_twins(
    rows: Sequence[Row], standing: pl.DataFrame, filing: _Filing, findings: Findings
) -> None:
    """The same name and owner in two areas is one project counted twice, unless national codes differ."""
    projects = [KnownProject(**vars(_filed(row)), project_id=row.values["project_id"]) for row in rows]
    alike: dict[object, list[KnownProject]] = {}
    for project in (*_known(standing), *projects):
        alike.setdefault(project.key[:3], []).append(project)
        alike.setdefault(project.project_id, []).append(project)
    for row, project in zip(rows, projects, strict=True):
        twins = [*alike[project.key[:3]], *alike[project.project_id]]
        areas = {twin.area_id: None for twin in twins if _may_be_one(project, twin)}
        if areas:
            names = "、".join(filing.words.area_names.get(area, area) for area in areas)
            findings.remark(
                "存疑",
                "project_stands_in_one_area",
                f"同一项目（或同名同单位的项目）本期也在 {names} 名下，可能重复计算，请核对后只留一处",
                row.place("name"),
                row.shown("name"),
            )


def _may_be_one(project: KnownProject, twin: KnownProject) -> bool:
    codes = {values.national_code(code) for code in (project.code, twin.code) if code}
    return project.area_id != twin.area_id and len(codes - {None}) < 2


def _plan_identities(rows: Sequence[Row], projects: Projects, filing: _Filing) -> list[Identity]:
    """A plan is that of the project it names, by code, or by a name that only one project has."""
    found: list[Identity] = []
    # The area of a plan is only known from its project: here the code and the name are enough.
    projects.hear(Filed(row.values.get("project_code"), row.values["name"], None, "") for row in rows)
    for row in rows:
        code, name, area_id = (row.values.get(column) for column in ("project_code", "name", "area_id"))
        pointed = (projects.pointed_at(code) if code else None) or projects.pointed_at(str(name), area_id)
        row.values["area_id"] = area_id or projects.area_of(pointed) or filing.words.unassigned
        found += [Identity(pointed, is_new=False)] if pointed else _identities([row], projects, filing)
    return found


def _refuse_double(row: Row, earlier: Row, findings: Findings) -> None:
    has_same_code = row.values.get("project_code") and (
        row.values.get("project_code") == earlier.values.get("project_code")
    )
    column = "project_code" if has_same_code else "name"
    same = "项目代码" if has_same_code else "项目名称、项目单位、责任地区"
    month = "和月份" if "month" in row.values else ""
    findings.refuse(
        "project_is_filed_once",
        f"与{Place(earlier.sheet, earlier.number)}是同一项目（{same}{month}相同），请只留一行",
        row.place(column),
        row.shown(column),
    )


def _remark_on_identity(row: Row, identity: Identity, filing: _Filing, findings: Findings) -> None:
    if identity.doubt:
        column = "project_code" if row.values.get("project_code") else "name"
        findings.remark("存疑", "project_is_certain", identity.doubt, row.place(column))
    if filing.ledger.name == "plans" and identity.is_new:
        findings.remark("存疑", "plan_has_its_project", "项目台账里没有这个项目", row.place("name"))


def _resolve_parents(
    rows: Sequence[Row], standing: dict[str, str | None], projects: Projects, findings: Findings
) -> None:
    """parent_id as a project_id: of the code or name that is filed. `standing` are those of other areas."""
    parents = dict(standing)
    filed = [row for row in rows if row.values.get("parent_id") is not None]
    for row in filed:
        row.values["parent_id"] = projects.pointed_at(row.values["parent_id"])
        parents[row.values["project_id"]] = row.values["parent_id"]
    for row in filed:
        objection = None
        if row.values["parent_id"] is None:
            objection = "找不到这个打包项目，留空"
        elif _is_its_own_ancestor(row.values["project_id"], parents):
            objection = "打包项目绕回到本项目自己，留空，请核对哪个是打包项目"
            row.values["parent_id"] = None
        if objection:
            place, shown = row.place("parent_id"), row.shown("parent_id")
            findings.remark("存疑", "parent_is_a_project", objection, place, shown)


def _is_its_own_ancestor(project_id: str, parents: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    parent = parents.get(project_id)
    while parent and parent != project_id and parent not in seen:
        seen.add(parent)
        parent = parents.get(parent)
    return parent == project_id


def _keep_first_reported(rows: Iterable[Row], filing: _Filing) -> None:
    """An event known only roughly keeps the date that the period which first reported it gave it."""
    rough = {column for row in rows for column in row.spans}
    if not rough:
        return
    previous = values.last_day(filing.period).replace(day=1) - timedelta(days=1)
    columns = ["project_id", *(name for column in sorted(rough) for name in (column, f"{column}_precision"))]
    earlier = store.ledger_rows(
        "projects",
        filing.city.code,
        previous.strftime("%Y-%m"),
        EVERYTHING,
        [name for name in columns if name in filing.ledger.schema],
    )
    by_project = {row["project_id"]: row for row in earlier.rows(named=True)}
    for row in rows:
        before = by_project.get(row.values["project_id"], {})
        for column in row.spans:
            row.values[column] = first_reported(row, column, before) or row.values[column]


def _move_coordinates(rows: Iterable[Row], filing: _Filing, findings: Findings) -> None:
    """Both coordinates in GCJ-02; one without the other is no place."""
    for row in rows:
        longitude, latitude = row.values.get("longitude"), row.values.get("latitude")
        if longitude is not None and latitude is not None:
            moved = coordinates.to_gcj02(longitude, latitude, filing.city.coordinates)
            row.values["longitude"], row.values["latitude"] = (round(degrees, 6) for degrees in moved)
        elif longitude is not None or latitude is not None:
            row.values["longitude"] = row.values["latitude"] = None
            findings.remark(
                "存疑", "place_has_both_coordinates", "经度、纬度缺一个，都留空", row.place("name")
            )


def _remark_on_absent_areas(rows: Iterable[Row], filing: _Filing, findings: Findings) -> None:
    """A whole city's filing replaces what its areas filed for the period: say which it leaves out."""
    present = {row.values["area_id"] for row in rows}
    absent = [area for revision in _in_force(filing) for area in revision.areas if area not in present]
    if absent:
        names = "、".join(filing.words.area_names.get(area, area) for area in absent)
        findings.remark(
            "存疑",
            "filed_areas_are_present",
            f"本期已报送的 {names} 在这份整市台账里没有行，入库后视为未报送",
        )


def _remark_on_carried_areas(rows: Iterable[Row], filing: _Filing, findings: Findings) -> None:
    """An area that filed earlier in the year and has no row here is read from its last filing."""
    if filing.ledger.name != "projects":
        return
    seen = {row.values["area_id"] for row in rows} | {filing.words.unassigned}
    year = filing.period[:4]
    for revision in reversed(store.revisions("projects", filing.city.code, EVERYTHING)):
        if year <= revision.period < filing.period and (absent := revision.areas.keys() - seen):
            seen |= absent
            names = "、".join(filing.words.area_names.get(area, area) for area in sorted(absent))
            then = f"将沿用 {revision.period} 的数" if filing.city.unfiled == "carry" else "本期按未报送处理"
            findings.remark(
                "存疑",
                "areas_go_on_filing",
                f"{revision.period} 报送过的 {names} 在这份整市台账里没有行，{then}，请核对是否漏报",
            )


def _stored(report: Report, filing: _Filing, findings: Findings, who: str, note: str) -> store.Filing:
    return store.Filing(
        area_id=filing.area_id,
        rows=report.rows,
        source=report.file,
        source_sha256=filing.book.sha256,
        sheet="、".join(sheet["name"] for sheet in report.sheets),
        mapping={"file": filing.mapping.file, "sheets": list(report.sheets)},
        rows_read=report.rows_read,
        rows_taken=report.rows_taken,
        rows_refused=report.rows_refused,
        warnings=[remark.to_json() for remark in findings.remarks],
        who=who,
        note=note,
    )
