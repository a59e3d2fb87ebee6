"""Which project each row of a project ledger is, and what only the projects around it tell.

Surest first: the code, what a person decided, the name with owner and area (data-model.md, Identity). A row
that is new by these and yet like a project that is gone is put to a person, field by field.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from saima import store
from saima.intake import coordinates, values
from saima.intake.identity import Filed, Identity, KnownProject, Projects, named
from saima.intake.rows import Row, first_reported
from saima.intake.submission import EVERYTHING, Submission
from saima.intake.verdicts import Findings, Place
from saima.reference import IdentityDecision, identity_decisions

_IDENTIFYING = ("project_code", "name", "owner", "area_id", "project_id")

LIKE, ALIKE_NAMES = 0.72, 78
"""Likeness from which two projects are put to a person, and from which names are looked at (of 100)."""

MOST_CANDIDATES = 3


def known_projects(city: str) -> list[KnownProject]:
    """Every project of any snapshot in force, oldest snapshot first: what is said of a project month after
    month stands once, where it was said last."""
    said = pl.DataFrame()
    for period in store.periods(city, EVERYTHING):
        rows = store.ledger_rows("projects", city, period, EVERYTHING, _IDENTIFYING)
        said = pl.concat([said, rows]) if said.width else rows
        said = said.unique(keep="last", maintain_order=True)
    return _known(said) if said.width else []


def _known(rows: pl.DataFrame) -> list[KnownProject]:
    """Stored rows; a code that was stored before it had one spelling gets it."""
    return [
        KnownProject(code and (values.national_code(code) or code), *rest)
        for code, *rest in rows.select(_IDENTIFYING).iter_rows()
    ]


def recognised(
    rows: list[Row], submission: Submission, findings: Findings
) -> tuple[list[Row], list[dict[str, Any]], list[Row]]:
    """The rows with their project_id, the pairs that a person should decide, as plain values, and rows that
    only say again what an earlier one says.

    Another row about a project that an earlier row is about is refused.
    """
    city = submission.city.code
    decisions = identity_decisions(city, EVERYTHING)
    known = known_projects(city)
    projects = Projects(city, known, decisions)
    filed = [_filed(row) for row in rows]
    identities = projects.identified(filed)
    kept: list[Row] = []
    kept_as: list[Filed] = []
    new: list[Row] = []
    again: list[Row] = []
    first: dict[str, Row] = {}
    for row, said, identity in zip(rows, filed, identities, strict=True):
        row.values["project_id"] = identity.project_id
        earlier = first.setdefault(identity.project_id, row)
        if earlier is not row:
            if _says_the_same(row, earlier):
                again.append(row)
                _remark_on_again(row, earlier, findings)
            else:
                _refuse_double(row, earlier, findings)
            continue
        _remark_on_identity(row, identity, findings)
        kept.append(row)
        kept_as.append(said)
        if identity.is_new or identity.is_decided:
            new.append(row)
    standing = _standing(submission)
    pairs = _pairs(new, kept, known, standing, decisions, submission, findings)
    _remark_on_twins(kept, kept_as, standing, submission, findings)
    _resolve_parents(kept, dict(standing.select("project_id", "parent_id").rows()), projects, findings)
    _keep_first_reported(kept, submission)
    _move_coordinates(kept, submission, findings)
    return kept, pairs, again


def _standing(submission: Submission) -> pl.DataFrame:
    """Rows that other areas have filed for the period and that stay beside this submission."""
    columns = (*_IDENTIFYING, "parent_id")
    rows = store.ledger_rows("projects", submission.city.code, submission.period, EVERYTHING, columns)
    stay = {area for revision in submission.in_force() for area in revision.areas} - {submission.area_id}
    return rows.filter(pl.col("area_id").is_in(stay if submission.area_id else ()))


def _filed(row: Row) -> Filed:
    code, owner = row.values.get("project_code"), row.values.get("owner")
    return Filed(code, row.values["name"], owner, row.values["area_id"])


_OF_THE_ROW = ("source_sheet", "source_row", "lists")
"""Columns in which two rows about one project may differ: it may be on several lists."""


def _says_the_same(row: Row, earlier: Row) -> bool:
    columns = (row.values.keys() | earlier.values.keys()) - set(_OF_THE_ROW)
    return all(row.values.get(column) == earlier.values.get(column) for column in columns)


def _remark_on_again(row: Row, earlier: Row, findings: Findings) -> None:
    """One project on several lists is one project, on all of them."""
    lists = [*(earlier.values.get("lists") or ()), *(row.values.get("lists") or ())]
    if lists:
        earlier.values["lists"] = list(dict.fromkeys(lists))
    objection = f"与{Place(earlier.sheet, earlier.number)}完全相同，只计一次"
    findings.remark("存疑", "project_is_counted_once", objection, row.place("name"))


def _refuse_double(row: Row, earlier: Row, findings: Findings) -> None:
    has_same_code = row.values.get("project_code") and (
        row.values.get("project_code") == earlier.values.get("project_code")
    )
    column = "project_code" if has_same_code else "name"
    same = "项目代码" if has_same_code else "项目名称、项目单位、责任地区"
    month = "和月份" if "month" in row.values else ""
    findings.refuse(
        "project_is_filed_once",
        f"与{Place(earlier.sheet, earlier.number)}是同一项目（{same}{month}相同），请只留一行；"
        "确是两个项目的，请在项目名称里写明期次或地点",
        row.place(column),
        row.shown(column),
    )


def _remark_on_identity(row: Row, identity: Identity, findings: Findings) -> None:
    if identity.doubt:
        column = "project_code" if row.values.get("project_code") else "name"
        findings.remark("存疑", "project_is_certain", identity.doubt, row.place(column))


def _pairs(
    new: Sequence[Row],
    kept: Sequence[Row],
    known: Sequence[KnownProject],
    standing: pl.DataFrame,
    decisions: Sequence[IdentityDecision],
    submission: Submission,
    findings: Findings,
) -> list[dict[str, Any]]:
    """New rows that are like projects which were filed before and are in no row now."""
    present = {row.values["project_id"] for row in kept} | set(standing["project_id"])
    newest = {project.project_id: project for project in known}
    decided = {_key_of(made): made for made in decisions}
    gone = [project for project in newest.values() if project.project_id not in present]
    rest = [newest[made.project_id] for made in decisions if made.project_id in newest]
    candidates = list({project.project_id: project for project in (*gone, *rest)}.values())
    if not new or not candidates:
        return []
    totals = _last_totals(submission.city.code)
    names = [named(project.name)[0] for project in candidates]
    alike = process.cdist(
        [named(row.values["name"])[0] for row in new], names, scorer=fuzz.ratio, score_cutoff=ALIKE_NAMES
    )
    found = []
    for place, row in enumerate(new):
        judged = [
            _judged(row, candidates[index], alike[place][index] / 100, totals, submission)
            for index in alike[place].nonzero()[0]
            if _may_be_one_phase(candidates[index].name, row.values["name"])
        ]
        likely = sorted(
            (pair for pair in judged if pair["score"] >= LIKE),
            key=lambda pair: (-pair["score"], pair["project_id"]),
        )
        if not likely:
            continue
        made = decided.get(_filed(row))
        found.append(
            {
                "sheet": row.sheet,
                "row": row.number,
                "code": row.values.get("project_code"),
                "name": row.values["name"],
                "owner": row.values.get("owner"),
                "area_id": row.values["area_id"],
                "area": submission.words.area_names.get(row.values["area_id"]),
                "decided": None if made is None else ("new" if made.project_id is None else "same"),
                "candidates": likely[:MOST_CANDIDATES],
            }
        )
        if made is None:
            like = likely[0]
            findings.remark(
                "存疑",
                "project_is_certain",
                f"像是以前报送过的“{like['name']}”（{like['area']}），这次没有它的行；"
                "暂按新项目收下，请在台账报送页判断是不是同一个项目",
                row.place("name"),
            )
    return found


def _may_be_one_phase(known: str, filed: str) -> bool:
    """Whether two names are of one phase: 一期 may be what had no phase before, 二期 is another project."""
    phases = {named(known)[1], named(filed)[1]}
    return len(phases) == 1 or phases == {None, 1}


def _key_of(made: IdentityDecision) -> Filed:
    return Filed(made.code, made.name, made.owner, made.area_id)


def _last_totals(city: str) -> dict[str, Any]:
    """Total investment of each project in the newest rows, and so on back."""
    found: dict[str, Any] = {}
    columns = ("project_id", "area_id", "investment_total")
    for project_id, _, total in store.ledger_rows("projects", city, None, EVERYTHING, columns).iter_rows():
        found.setdefault(project_id, total)
    return found


def _judged(
    row: Row, project: KnownProject, alike: float, totals: Mapping[str, Any], submission: Submission
) -> dict[str, Any]:
    """How like a row and a known project are: the score, and what agrees, field by field."""
    areas = submission.words.area_names
    total, before = row.values.get("investment_total"), totals.get(project.project_id)
    fields = (
        ("项目名称", row.values["name"], project.name),
        ("项目单位", row.values.get("owner"), project.owner),
        ("责任地区", areas.get(row.values["area_id"]), areas.get(project.area_id)),
        ("项目代码", row.values.get("project_code"), project.code),
        ("总投资（万元）", _exact(total), _exact(before)),
    )
    owners = fuzz.ratio(row.values.get("owner") or "", project.owner or "") / 100
    is_near = total is not None and before is not None and abs(total - before) * 10 <= max(total, before)
    has_codes = row.values.get("project_code") is not None and project.code is not None
    score = 0.6 * alike + 0.2 * owners + 0.1 * (row.values["area_id"] == project.area_id) + 0.1 * is_near
    return {
        "project_id": project.project_id,
        "name": project.name,
        "owner": project.owner,
        "area": areas.get(project.area_id),
        "code": project.code,
        "score": round(float(score) - (0.2 if has_codes else 0), 2),
        "reasons": [
            {"term": term, "filed": filed, "known": known, "agrees": filed is not None and filed == known}
            for term, filed, known in fields
        ],
    }


def _exact(amount: Any) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"


def _remark_on_twins(
    rows: Sequence[Row],
    filed: Sequence[Filed],
    standing: pl.DataFrame,
    submission: Submission,
    findings: Findings,
) -> None:
    """The same name and owner in two areas is one project counted twice, unless national codes differ."""
    others = _known(standing)
    projects = [*others, *filed]
    ids = [*(other.project_id for other in others), *(row.values["project_id"] for row in rows)]
    named = [project.key[:3] for project in projects]
    often = {said for said, times in Counter[object]([*ids, *named]).items() if times > 1}
    if not often:
        return
    alike: dict[object, list[Filed]] = {said: [] for said in often}
    for project, *said in zip(projects, ids, named, strict=True):
        for one in often.intersection(said):
            alike[one].append(project)
    for row, project in zip(rows, filed, strict=True):
        like, same = alike.get(project.key[:3], ()), alike.get(row.values["project_id"], ())
        areas = {twin.area_id: None for twin in (*like, *same) if _may_be_one(project, twin)}
        if areas:
            names = "、".join(submission.words.area_names.get(area, area) for area in areas)
            findings.remark(
                "存疑",
                "project_stands_in_one_area",
                f"同一项目（或同名同单位的项目）本期也在 {names} 名下，可能重复计算，请核对后只留一处",
                row.place("name"),
                row.shown("name"),
            )


def _may_be_one(project: Filed, twin: Filed) -> bool:
    codes = {values.national_code(code) for code in (project.code, twin.code) if code}
    return project.area_id != twin.area_id and len(codes - {None}) < 2


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


def _keep_first_reported(rows: Iterable[Row], submission: Submission) -> None:
    """An event known only roughly keeps the date that the period which first reported it gave it."""
    rough = {column for row in rows for column in row.spans}
    if not rough:
        return
    previous = values.last_day(submission.period).replace(day=1) - timedelta(days=1)
    columns = ["project_id", *(name for column in sorted(rough) for name in (column, f"{column}_precision"))]
    earlier = store.ledger_rows(
        "projects",
        submission.city.code,
        previous.strftime("%Y-%m"),
        EVERYTHING,
        [name for name in columns if name in submission.ledger.schema],
    )
    by_project = {row["project_id"]: row for row in earlier.rows(named=True)}
    for row in rows:
        before = by_project.get(row.values["project_id"], {})
        for column in row.spans:
            row.values[column] = first_reported(row, column, before) or row.values[column]


def _move_coordinates(rows: Iterable[Row], submission: Submission, findings: Findings) -> None:
    """Both coordinates in GCJ-02; one without the other is no place."""
    for row in rows:
        longitude, latitude = row.values.get("longitude"), row.values.get("latitude")
        if longitude is not None and latitude is not None:
            moved = coordinates.to_gcj02(longitude, latitude, submission.city.coordinates)
            row.values["longitude"], row.values["latitude"] = (round(degrees, 6) for degrees in moved)
        elif longitude is not None or latitude is not None:
            row.values["longitude"] = row.values["latitude"] = None
            findings.remark(
                "存疑", "place_has_both_coordinates", "经度、纬度缺一个，都留空", row.place("name")
            )
