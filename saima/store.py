"""Snapshots of the ledgers on disk, and the named queries over them.

Layout: `<snapshots>/<ledger>/city=<code>/period=<YYYY-MM>/r<NNNN>.parquet` with the sidecar
`r<NNNN>.json` beside it. The appearance of the sidecar is the commit: a Parquet file without one
never counted. Rules of time and filing: `data-model.md` section 1.
"""

import fcntl
import hashlib
import json
import os
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from glob import escape as without_wildcards
from io import BytesIO
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import duckdb
import polars as pl

from saima.ledgers import LEDGERS, PROVING_DATES, UNASSIGNED, Ledger
from saima.wording import OFFICE_TIME

ROOT = Path(__file__).resolve().parent.parent

QUERIES = ROOT / "queries"
"""Folder of the query files; the stem of a file is the name of its query."""

ANSWER_BYTES = 48 * 1024 * 1024
"""How much memory the remembered answers may take together: a city's facts of thirteen months in full."""

FORMAT = 1
"""Version of the sidecar. A sidecar of a later one is left alone and named as a damage."""

StageDates = Literal["filed", "snapshots"]

_PERIOD = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_CITY = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]*")
_REVISION = re.compile(r"r(\d{4,})\.(parquet|json)")


class StoreError(Exception):
    """What the store cannot do; `str(error)` is one Chinese sentence."""


@dataclass(frozen=True)
class Filing:
    """What one area, or the whole city (`area_id` None), filed for a period, as intake read it."""

    area_id: str | None
    rows: pl.DataFrame
    source: str
    source_sha256: str
    sheet: str
    mapping: dict[str, Any]
    rows_read: int
    rows_taken: int
    rows_refused: int
    warnings: list[dict[str, Any]]
    who: str
    note: str
    is_demonstration: bool = False


@dataclass(frozen=True)
class Revision:
    """One committed state of a city's ledger for a period.

    `areas` says which filing the rows of each filed area come from (an area that filed no rows
    included); `filings` holds what is known about those filings, `filing_id` among it.
    """

    ledger: str
    city: str
    period: str
    number: int
    captured_at: datetime
    path: Path
    rows: int
    areas: dict[str, str]
    filings: tuple[dict[str, Any], ...]
    is_demonstration: bool
    stage_dates: StageDates
    columns: dict[str, str]
    sha256: str
    size: int
    stated_by: str | None
    supersedes: str | None

    @property
    def id(self) -> str:
        """Stable name such as `projects/210100/2024-09/r0002`."""
        return f"{self.ledger}/{self.city}/{self.period}/r{self.number:04}"

    @property
    def is_backfill(self) -> bool:
        """Whether the instant was stated by a person (补录) instead of taken from the clock."""
        return self.stated_by is not None

    def filing(self, area_id: str) -> dict[str, Any]:
        """Metadata of the filing that the rows of an area come from; KeyError if it did not file."""
        filing_id = self.areas[area_id]
        return next(filing for filing in self.filings if filing["filing_id"] == filing_id)


@dataclass(frozen=True)
class Damage:
    """A file in the snapshot folder that is skipped: its path in that folder, and why, in Chinese."""

    path: str
    sentence: str


@dataclass(frozen=True)
class QueryHeader:
    """The five header lines of a query file.

    `reads` are ledgers or other queries; `params` and `returns` give the type of each name as it
    is written, such as `text[] or null`.
    """

    name: str
    sentence: str
    grain: str
    reads: tuple[str, ...]
    params: dict[str, str]
    returns: dict[str, str]


def snapshots_folder() -> Path:
    """Folder of the snapshots: `SAIMA_SNAPSHOTS`, else `data/snapshots`. It need not exist."""
    stated = os.environ.get("SAIMA_SNAPSHOTS")
    return Path(stated).resolve() if stated else ROOT / "data" / "snapshots"


def has_snapshots() -> bool:
    """Whether any revision of any ledger has been committed."""
    return any(snapshots_folder().glob("*/city=*/period=*/r*.json"))


def instant(text: str) -> datetime:
    """The UTC instant that a person means by `text`.

    A day (2024-10-08) means its end in Asia/Shanghai; an instant without an offset is read there
    too. Raises StoreError for anything else.
    """
    try:
        if len(text) <= len("2024-10-08"):
            return datetime.combine(date.fromisoformat(text), time.max, OFFICE_TIME).astimezone(UTC)
        stated = datetime.fromisoformat(text)
        return (stated if stated.tzinfo else stated.replace(tzinfo=OFFICE_TIME)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise StoreError(
            f"时点「{text}」无法识别。允许：2024-10-08 这样的日期，或 2024-10-08T09:30+08:00 这样的时刻"
        ) from None


def revisions(ledger: str, city: str, as_of: datetime) -> list[Revision]:
    """The revision in force at `as_of` of each period that has one, by period.

    In force is the highest-numbered readable one captured on or before the instant.
    """
    found = (_in_force(folder, as_of) for folder in _period_folders(_city_folder(ledger, city)))
    return [revision for revision in found if revision]


def period_revisions(ledger: str, city: str, period: str, as_of: datetime) -> list[Revision]:
    """Every readable revision of a period that was captured by `as_of`, the first one first."""
    folder = _city_folder(ledger, city) / f"period={period}"
    if folder not in _period_folders(folder.parent):
        return []
    found = (_sidecar(folder / f"r{number:04}.json") for number in sorted(_numbers(_names(folder))["json"]))
    return [
        revision
        for revision in found
        if isinstance(revision, Revision) and revision.captured_at <= as_of and _flaw(revision) is None
    ]


def first_filings(ledger: str, city: str, period: str, as_of: datetime) -> dict[str, datetime]:
    """When each area first filed for a period, whatever it put right later."""
    first: dict[str, datetime] = {}
    for revision in period_revisions(ledger, city, period, as_of):
        for area in revision.areas:
            first.setdefault(area, datetime.fromisoformat(revision.filing(area)["captured_at"]))
    return first


def revision_rows(revision: Revision) -> pl.DataFrame:
    """All rows of one revision, in the columns and types of its ledger; null where it lacks a column."""
    return _conformed(pl.read_parquet(revision.path, glob=False), _ledger(revision.ledger).schema)


def periods(city: str, as_of: datetime, ledger: str = "projects") -> list[str]:
    """Periods that have a snapshot of the ledger at `as_of`, ascending."""
    return [revision.period for revision in revisions(ledger, city, as_of)]


def filing_status(
    city: str, period: str, as_of: datetime, ledger: str = "projects", unfiled: str = "carry"
) -> pl.DataFrame:
    """Who has filed for a period, and whose rows are carried over from an earlier one.

    One row per area seen in any period up to this one (未分区 only in its own), by area_id: area_id,
    filed_period (null where nothing counts), is_carried, filing_id, captured_at (of the filing), who, source.
    """
    in_force = {revision.period: revision for revision in revisions(ledger, city, as_of)}
    seen = {
        area
        for known, revision in in_force.items()
        for area in revision.areas
        if known == period or (known < period and not _is_unassigned(area))
    }
    counted = {
        area: bound.revision
        for bound in _bound_files(_ledger(ledger), in_force, [period], unfiled)
        for area in (bound.revision.areas if bound.areas is None else bound.areas)
    }
    rows = []
    for area in sorted(seen):
        revision = counted.get(area)
        filing = revision.filing(area) if revision else {}
        rows.append(
            {
                "area_id": area,
                "filed_period": revision.period if revision else None,
                "is_carried": revision is not None and revision.period != period,
                "filing_id": filing.get("filing_id"),
                "captured_at": datetime.fromisoformat(filing["captured_at"]) if filing else None,
                "who": filing.get("who"),
                "source": filing.get("source"),
            }
        )
    return pl.DataFrame(
        rows,
        schema={
            "area_id": pl.String,
            "filed_period": pl.String,
            "is_carried": pl.Boolean,
            "filing_id": pl.String,
            "captured_at": pl.Datetime("us", "UTC"),
            "who": pl.String,
            "source": pl.String,
        },
    )


def ledger_rows(
    ledger: str, city: str, period: str | None, as_of: datetime, columns: Sequence[str]
) -> pl.DataFrame:
    """The newest known rows of a ledger: those of each area's last filing up to `period` (None: any).

    Columns as asked for, in the ledger's types; null where an older file lacks one. Unlike the
    rows of a query they reach back over New Year: a project keeps its identity.
    """
    schema = pl.Schema({name: _ledger(ledger).schema[name] for name in columns})
    rows = [pl.DataFrame(schema=schema)]
    seen: set[str] = set()
    for revision in reversed(revisions(ledger, city, as_of)):
        areas = revision.areas.keys() - seen
        if (period is None or revision.period <= period) and areas:
            stored = pl.read_parquet(
                revision.path, columns=list({*columns, "area_id"} & revision.columns.keys()), glob=False
            )
            rows.append(_conformed(stored.filter(pl.col("area_id").is_in(areas)), schema))
            seen |= areas
    return pl.concat(rows)


def damages(as_of: datetime | None = None, city: str | None = None) -> list[Damage]:
    """Every file of the snapshot folder that is skipped, by path; of one city's ledgers if it is named.

    All files are looked at; the content of the Parquet files is compared with its checksum for
    every revision, or, given an instant, only for those that a question as of then would read.
    What lies outside the folders of any city is named whatever the city.
    """
    root = snapshots_folder()
    found: list[Damage] = []

    def foreign(path: Path) -> None:
        found.append(Damage(path.relative_to(root).as_posix(), "不是本系统写入的文件，已忽略。"))

    for ledger_folder in _visible(root):
        if ledger_folder.name not in LEDGERS or not ledger_folder.is_dir():
            foreign(ledger_folder)
            continue
        for city_folder in _visible(ledger_folder):
            if not re.fullmatch(f"city={_CITY.pattern}", city_folder.name) or not city_folder.is_dir():
                foreign(city_folder)
                continue
            if city and city_folder.name != f"city={city}":
                continue
            period_folders = _period_folders(city_folder)
            for path in sorted(set(_visible(city_folder)) - set(period_folders)):
                foreign(path)
            for folder in period_folders:
                found.extend(_damages_of(folder, root, as_of))
    return sorted(found, key=lambda damage: damage.path)


def _damages_of(folder: Path, root: Path, as_of: datetime | None) -> Iterator[Damage]:
    """What is wrong in one period's folder."""
    listed = _visible(folder)
    numbers = _numbers(path.name for path in listed)
    is_settled = as_of is None
    for number in sorted({*numbers["json"], *numbers["parquet"]}, reverse=True):
        sidecar = folder / f"r{number:04}.json"
        parquet = folder / f"r{number:04}.parquet"
        if number not in numbers["json"]:
            # A commit that is under way shows its Parquet file an instant before its sidecar.
            if not _is_locked(folder.parent) and not sidecar.exists():
                yield Damage(
                    parquet.relative_to(root).as_posix(), "快照文件没有版本说明（写入中断），该版未生效。"
                )
            continue
        revision = _sidecar(sidecar)
        if isinstance(revision, str):
            yield Damage(sidecar.relative_to(root).as_posix(), revision)
            continue
        is_read = as_of is None or (not is_settled and revision.captured_at <= as_of)
        sentence = _flaw(revision, is_content_read=is_read)
        is_settled = is_settled or (is_read and sentence is None)
        if sentence:
            yield Damage(parquet.relative_to(root).as_posix(), sentence)
    for path in listed:
        if not _REVISION.fullmatch(path.name) and path.suffix != ".part":
            yield Damage(path.relative_to(root).as_posix(), "不是本系统写入的文件，已忽略。")


def _visible(folder: Path) -> list[Path]:
    """Entries of a folder that are not hidden, sorted; none where there is no folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _ledger(name: str) -> Ledger:
    if name not in LEDGERS:
        raise StoreError(f"没有台账「{name}」。允许：{'、'.join(LEDGERS)}")
    return LEDGERS[name]


def _city_folder(ledger: str, city: str) -> Path:
    if not _CITY.fullmatch(city):
        raise StoreError(f"城市代码「{city}」无效。允许：字母、数字和连字符")
    return snapshots_folder() / _ledger(ledger).name / f"city={city}"


def _period_folders(city_folder: Path) -> list[Path]:
    """Folders of a city's periods, by period."""
    try:
        names = sorted(_names(city_folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [
        city_folder / name
        for name in names
        if name.startswith("period=") and _PERIOD.fullmatch(name.removeprefix("period="))
    ]


def _names(folder: Path) -> list[str]:
    """Names of all that is in a folder, without a path object for each."""
    return [entry.name for entry in os.scandir(folder)]


def _numbers(names: Iterable[str]) -> dict[str, list[int]]:
    """Revision numbers that the Parquet files and the sidecars among a period's files have."""
    numbers: dict[str, list[int]] = {"json": [], "parquet": []}
    for name in names:
        match = _REVISION.fullmatch(name)
        if match:
            numbers[match[2]].append(int(match[1]))
    return numbers


def _in_force(folder: Path, as_of: datetime | None) -> Revision | None:
    """The highest-numbered readable revision captured on or before the instant (None: ever)."""
    for number in sorted(_numbers(_names(folder))["json"], reverse=True):
        revision = _sidecar(folder / f"r{number:04}.json")
        if (
            isinstance(revision, Revision)
            and (as_of is None or revision.captured_at <= as_of)
            and _flaw(revision) is None
        ):
            return revision
    return None


Stamp = tuple[int, int, int]


def _stamp(path: Path) -> Stamp:
    """What changes when a file is replaced, truncated or written to."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _sidecar(path: Path) -> Revision | str:
    """The revision that a sidecar describes, or a sentence saying why it cannot be read."""
    try:
        return _parsed_sidecar(path, _stamp(path))
    except OSError:
        return "版本说明文件无法读取，该版已跳过，沿用上一版。"


@lru_cache(maxsize=8192)
def _parsed_sidecar(path: Path, _stamp: Stamp) -> Revision | str:
    try:
        content = json.loads(path.read_bytes())
        if content["format"] > FORMAT:
            return "版本说明文件由更新的程序写入，该版已跳过，沿用上一版。"
        revision = Revision(
            ledger=content["ledger"],
            city=content["city"],
            period=content["period"],
            number=content["number"],
            captured_at=datetime.fromisoformat(content["captured_at"]),
            path=path.with_suffix(".parquet"),
            rows=content["rows"],
            areas=dict(content["areas"]),
            filings=tuple(content["filings"]),
            is_demonstration=any(filing["is_demonstration"] for filing in content["filings"]),
            stage_dates=content["stage_dates"],
            columns=dict(content["columns"]),
            sha256=content["sha256"],
            size=content["bytes"],
            stated_by=content["stated_by"],
            supersedes=content["supersedes"],
        )
        known = {filing["filing_id"] for filing in revision.filings}
        if revision.captured_at.tzinfo is None or not known.issuperset(revision.areas.values()):
            return "版本说明文件内容不完整，该版已跳过，沿用上一版。"
    except (ValueError, KeyError, TypeError, AttributeError):
        return "版本说明文件已损坏，该版已跳过，沿用上一版。"
    place = (path.parents[2].name, path.parents[1].name, path.parent.name, path.stem)
    if place != (
        revision.ledger,
        f"city={revision.city}",
        f"period={revision.period}",
        f"r{revision.number:04}",
    ):
        return "版本说明文件与所在位置不符，该版已跳过，沿用上一版。"
    return revision


def _flaw(revision: Revision, *, is_content_read: bool = True) -> str | None:
    """Why the Parquet file of a revision cannot be used; None if it can."""
    try:
        stamp = _stamp(revision.path)
        if stamp[1] != revision.size:
            return "快照文件不完整，该版已跳过，沿用上一版。"
        if is_content_read and _checksum(revision.path, stamp) != revision.sha256:
            return "快照文件内容与登记的校验值不符，该版已跳过，沿用上一版。"
    except FileNotFoundError:
        return "快照文件缺失，该版已跳过，沿用上一版。"
    except OSError:
        return "快照文件无法读取，该版已跳过，沿用上一版。"
    return None


@lru_cache(maxsize=65536)
def _checksum(path: Path, _stamp: Stamp) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def commit(
    ledger: str,
    city: str,
    period: str,
    filings: Sequence[Filing],
    *,
    captured_at: datetime,
    stated_by: str | None = None,
    stage_dates: StageDates = "filed",
) -> Revision:
    """Compose the filings over what is in the period already, and store it as a new revision.

    A whole-city filing replaces every row, an area's filing that area's rows. Two callers at once
    take turns, so neither is lost; a caller that dies leaves the previous revision in force.
    `stated_by` names who stated `captured_at` for a load of old periods (补录). An instant before
    the predecessor's becomes the predecessor's plus one millisecond.

    Returns the revision. Raises StoreError for an unknown ledger, a wrong city or period, no
    filings, columns or areas that do not belong, or a disk that refuses.
    """
    city_folder = _city_folder(ledger, city)
    if not _PERIOD.fullmatch(period):
        raise StoreError(f"报告期「{period}」无效。允许：2024-09 这样的年月")
    if captured_at.tzinfo is None:
        raise StoreError("入库时刻缺少时区")
    if not filings:
        raise StoreError("没有可以入库的报送")
    folder = city_folder / f"period={period}"
    try:
        with _locked(city_folder):
            for part in city_folder.glob("period=*/*.part"):
                part.unlink()
            _make_folder(folder)
            before = _in_force(folder, None)
            _refuse_to_build_on_damage(folder, before, filings)
            number = 1 + max((used for kind in _numbers(_names(folder)).values() for used in kind), default=0)
            if before and captured_at < before.captured_at:
                captured_at = before.captured_at + timedelta(milliseconds=1)
            revision, rows = _composed(
                before,
                filings,
                Revision(
                    ledger=ledger,
                    city=city,
                    period=period,
                    number=number,
                    captured_at=captured_at.astimezone(UTC),
                    path=folder / f"r{number:04}.parquet",
                    rows=0,
                    areas={},
                    filings=(),
                    is_demonstration=False,
                    stage_dates=stage_dates,
                    columns={},
                    sha256="",
                    size=0,
                    stated_by=stated_by,
                    supersedes=before.id if before else None,
                ),
            )
            return _written(revision, rows)
    except OSError as error:
        raise StoreError(f"快照未能写入（{error.strerror or error}），原有数据没有改变") from error


def _refuse_to_build_on_damage(folder: Path, before: Revision | None, filings: Sequence[Filing]) -> None:
    """An area's filing is put over the period's newest revision: over an older one others' rows were lost.

    A filing of the whole city replaces every row and needs none.
    """
    newest = max(_numbers(_names(folder))["json"], default=0)
    if newest > (before.number if before else 0) and filings[0].area_id is not None:
        raise StoreError(
            f"{folder.name.removeprefix('period=')} 的第{newest}版快照已损坏，按地区报送会丢失其他地区的数。"
            "请从备份恢复该版，或按全市重新报送"
        )


def _composed(
    before: Revision | None, filings: Sequence[Filing], revision: Revision
) -> tuple[Revision, pl.DataFrame]:
    """The new revision and its rows: the newest filing of each area."""
    schema = _ledger(revision.ledger).schema
    # What each area filed now, over what there is of the whole city (None).
    filed: dict[str | None, pl.DataFrame] = {None: revision_rows(before)} if before else {}
    areas = dict(before.areas) if before else {}
    described = {filing["filing_id"]: filing for filing in before.filings} if before else {}
    arrived = []
    for place, filing in enumerate(filings, start=1):
        filing_id = f"{revision.ledger}-{revision.city}-{revision.period}-r{revision.number:04}-{place}"
        rows = _filed_rows(filing, filing_id, revision.city, _ledger(revision.ledger))
        if filing.area_id is None:
            replaced = set(areas.values())
            filed = {None: rows}
            areas = dict.fromkeys(rows["area_id"].unique().sort(), filing_id)
        else:
            replaced = {areas[filing.area_id]} if filing.area_id in areas else set()
            filed[filing.area_id] = rows
            areas[filing.area_id] = filing_id
        arrived.append(filing_id)
        described[filing_id] = {
            "filing_id": filing_id,
            "area_id": filing.area_id,
            "source": filing.source,
            "source_sha256": filing.source_sha256,
            "sheet": filing.sheet,
            "mapping": filing.mapping,
            "rows_read": filing.rows_read,
            "rows_taken": filing.rows_taken,
            "rows_refused": filing.rows_refused,
            "warnings": filing.warnings,
            "who": filing.who,
            "captured_at": revision.captured_at.isoformat(),
            "note": filing.note,
            "supersedes": sorted(replaced),
            "is_demonstration": filing.is_demonstration,
        }
    if None in filed:
        filed[None] = filed[None].filter(~pl.col("area_id").is_in([area for area in filed if area]))
    rows = pl.concat(filed.values())
    kept = {*areas.values(), *arrived}
    # The sidecar is JSON: what it says must be what a reader of the file gets back.
    metadata = json.loads(json.dumps([described[name] for name in described if name in kept], default=str))
    order = list(dict.fromkeys(("area_id", *_ledger(revision.ledger).key, "source_sheet", "source_row")))
    return replace(
        revision,
        rows=rows.height,
        areas=dict(sorted(areas.items())),
        filings=tuple(metadata),
        is_demonstration=any(filing["is_demonstration"] for filing in metadata),
        columns={name: _sql_type(dtype) for name, dtype in schema.items()},
    ), rows.sort(order, maintain_order=True)


def _filed_rows(filing: Filing, filing_id: str, city: str, ledger: Ledger) -> pl.DataFrame:
    """The rows of a filing in the ledger's columns; a row without an area goes where the ledger says."""
    schema = ledger.schema
    foreign = [name for name in filing.rows.columns if name not in schema]
    if foreign:
        raise StoreError(f"报送「{filing.source}」含有台账没有的列：{'、'.join(foreign)}")
    try:
        rows = _conformed(filing.rows, schema)
    except pl.exceptions.PolarsError as error:
        raise StoreError(f"报送「{filing.source}」的列类型与台账不符：{error}") from error
    rows = rows.with_columns(pl.lit(filing_id).alias("filing_id"))
    if rows["area_id"].null_count():
        rows = rows.with_columns(pl.col("area_id").fill_null(filing.area_id or ledger.area_of_rest(city)))
    strays = sorted({*rows["area_id"].to_list()}) if filing.area_id else []
    if any(area != filing.area_id for area in strays):
        raise StoreError(
            f"报送「{filing.source}」属于地区 {filing.area_id}，却含有地区 {'、'.join(strays)} 的行"
        )
    return rows


def _conformed(rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The rows in exactly these columns and types, null where they lack one."""
    held = rows.schema
    if held == schema:
        return rows
    return rows.select(
        (pl.col(name) if name in held else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )


def _written(revision: Revision, rows: pl.DataFrame) -> Revision:
    """Put both files in place, the sidecar last."""
    buffer = BytesIO()
    rows.write_parquet(buffer, compression="zstd")
    content = buffer.getvalue()
    revision = replace(revision, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    sidecar = {
        "format": FORMAT,
        "ledger": revision.ledger,
        "city": revision.city,
        "period": revision.period,
        "number": revision.number,
        "captured_at": revision.captured_at.isoformat(),
        "is_backfill": revision.is_backfill,
        "stated_by": revision.stated_by,
        "supersedes": revision.supersedes,
        "stage_dates": revision.stage_dates,
        "rows": revision.rows,
        "bytes": revision.size,
        "sha256": revision.sha256,
        "areas": revision.areas,
        "filings": revision.filings,
        "columns": revision.columns,
    }
    described = json.dumps(sidecar, ensure_ascii=False, indent=1).encode()
    contents = {revision.path: content, revision.path.with_suffix(".json"): described}
    parts = {path: path.with_name(f"{path.name}.part") for path in contents}
    for path, part in parts.items():
        with part.open("wb") as file:
            file.write(contents[path])
            file.flush()
            os.fsync(file.fileno())
    for path, part in parts.items():
        part.rename(path)
        _sync_folder(path.parent)
    return revision


def _make_folder(folder: Path) -> None:
    """Make a folder and its parents so that they outlive a power cut."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(city_folder: Path) -> Iterator[None]:
    """Hold the city's ledger alone; the kernel lets go when the process dies."""
    _make_folder(city_folder)
    with (city_folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_locked(city_folder: Path) -> bool:
    """Whether a commit to the city's ledger is under way."""
    try:
        with (city_folder / ".lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def query_names() -> list[str]:
    """Names of the queries that there are, sorted."""
    return sorted(path.stem for path in QUERIES.glob("*.sql"))


def query_header(name: str) -> QueryHeader:
    """The header of a query file. Raises StoreError if there is no such query or it is malformed."""
    return _parsed_query(name, _query_text(name))[0]


def query_parameters(name: str) -> dict[str, str]:
    """Type of each parameter that a query needs, those of the queries it reads included."""
    return dict(_question(name).params)


def run_query(
    name: str,
    *,
    as_of: datetime,
    city: str,
    periods: Sequence[str],
    unfiled: str = "carry",
    columns: Sequence[str] | None = None,
    **scope: Any,
) -> pl.DataFrame:
    """The answer of `queries/<name>.sql` over the revisions in force at `as_of`.

    The ledgers it reads hold, for each asked period that has a snapshot, the rows of that period
    and, with `unfiled="carry"`, those of areas that did not file, from their last filed period of
    the same year; of a project that moved meanwhile only the row filed last. Beside its own columns
    a ledger has `period` (asked for), `filed_period` (where the row was filed), `revision` and
    `city`. Only declared parameters are passed on; `$city` and `$periods` are always known; null
    means all.

    Columns as the header says, also when there are no rows; the frame is shared with other
    callers. Of `columns`, if they are given, those that no earlier caller asked for are read now, in the
    order of the grain. Raises StoreError for an unknown query, a missing or wrong parameter, broken SQL.
    """
    question = _question(name)
    values = _values(name, question.params, {**scope, "city": city, "periods": list(periods)})
    views = tuple(_ledger_view(ledger, city, periods, as_of, unfiled) for ledger in question.ledgers)
    key = (question.sql, repr(sorted(values.items())), tuple(view.content for view in views), columns is None)
    answer = _answers.get(key)
    if columns is None:
        if answer is None:
            answer = _answered(name, question.sql, values, views)
            _answers.put(key, answer)
        return answer
    known = [] if answer is None else answer.columns
    unread = [column for column in dict.fromkeys(columns) if column not in known]
    if unread or answer is None:
        read = _answered(name, _columns_sql(name, question.sql, unread), values, views)
        answer = read if answer is None else answer.hstack(read)
        _answers.put(key, answer)
    return answer.select(columns)


def run_query_by_period(
    name: str,
    *,
    as_of: datetime,
    city: str,
    shown: Sequence[str],
    columns: Sequence[str],
    unfiled: str = "carry",
    **scope: Any,
) -> pl.DataFrame:
    """The answers of a query that has a row per (period, …), each of its period alone, in the order `shown`.

    What an earlier caller asked of a period is not read again; all that is unread is read at once. The
    months of a period's year are bound up to it. Else as `run_query`; `$shown_periods` is known.
    """
    question = _question(name)

    def asked(periods: Sequence[str]) -> tuple[dict[str, Any], tuple[_View, ...]]:
        years = sorted({period[:4] for period in periods})
        months = [f"{year}-{month:02}" for year in years for month in range(1, 13)]
        bound = [month for month in months if month <= max(periods)]
        told = {**scope, "city": city, "periods": bound, "shown_periods": list(periods)}
        views = tuple(_ledger_view(ledger, city, bound, as_of, unfiled) for ledger in question.ledgers)
        return _values(name, question.params, told), views

    keys: dict[str, Hashable] = {}
    known: dict[str, pl.DataFrame] = {}
    unread: dict[str, list[str]] = {}
    for period in shown:
        values, views = asked([period])
        contents = tuple(view.content for view in views)
        keys[period] = (question.sql, repr(sorted(values.items())), contents, period)
        frame = _answers.get(keys[period])
        known[period] = pl.DataFrame() if frame is None else frame
        unread[period] = [column for column in dict.fromkeys(columns) if column not in known[period].columns]
    lacking = [period for period in shown if unread[period]]
    if lacking:
        missing = list(dict.fromkeys(column for period in lacking for column in unread[period]))
        sql = _columns_sql(name, question.sql, list(dict.fromkeys(["period", *missing])))
        read_now = _answered(name, sql, *asked(lacking))
        parts = read_now.partition_by("period", as_dict=True)
        for period in lacking:
            part = parts.get((period,), read_now.clear()).select(unread[period])
            known[period] = known[period].hstack(part) if known[period].columns else part
            _answers.put(keys[period], known[period])
    return pl.concat([known[period].select(columns) for period in shown])


def _columns_sql(name: str, sql: str, columns: Sequence[str]) -> str:
    """The query for these of its columns only, whose rows come in the order of its grain."""
    header = query_header(name)
    for column in columns:
        if column not in header.returns:
            raise StoreError(f"查询「{name}」没有列「{column}」。允许：{'、'.join(header.returns)}")
    grain = re.search(r"\(([^)]*)\)", header.grain)
    assert grain is not None
    return f"select {', '.join(columns)} from (\n{sql}\n) order by {grain[1]}"


@dataclass(frozen=True)
class _Question:
    """A query with the queries it reads written into it, and all that it needs."""

    sql: str
    params: dict[str, str]
    ledgers: tuple[str, ...]


@dataclass(frozen=True)
class _Bound:
    """Rows of a revision that stand for an asked period: all (`areas` None) or those carried over."""

    revision: Revision
    period: str
    areas: tuple[str, ...] | None


@dataclass(frozen=True)
class _View:
    """A ledger bound to exactly the files that a question is about.

    `shown` are the revisions whose stages date the events that nobody dated.
    """

    ledger: Ledger
    city: str
    bound: tuple[_Bound, ...]
    shown: tuple[Revision, ...]

    @property
    def content(self) -> tuple[Any, ...]:
        """What tells apart two contents of the view; which areas are carried follows from it."""
        return (
            tuple((item.revision.id, item.revision.sha256, item.period) for item in self.bound),
            tuple((revision.id, revision.sha256) for revision in self.shown),
        )


@dataclass
class _Answers:
    """Result frames, the least recently used given up first."""

    size: int = 0
    frames: OrderedDict[Any, pl.DataFrame] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def get(self, key: Any) -> pl.DataFrame | None:
        with self.lock:
            if key in self.frames:
                self.frames.move_to_end(key)
            return self.frames.get(key)

    def put(self, key: Any, frame: pl.DataFrame) -> None:
        with self.lock:
            if key in self.frames:
                self.size -= int(self.frames.pop(key).estimated_size())
            self.frames[key] = frame
            self.size += int(frame.estimated_size())
            while self.frames and self.size > ANSWER_BYTES:
                self.size -= int(self.frames.popitem(last=False)[1].estimated_size())


_answers = _Answers()


@lru_cache(maxsize=1)
def _engine() -> duckdb.DuckDBPyConnection:
    """The process's one connection. Every call works on a cursor of its own."""
    return duckdb.connect(
        ":memory:",
        config={
            "threads": min(4, os.cpu_count() or 1),
            # Memory goes back after each query: kept for the next one it is 55 MB, and buys no time.
            "allocator_flush_threshold": "1MB",
            "allocator_bulk_deallocation_flush_threshold": "1MB",
            "allocator_background_threads": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )


def _answered(name: str, sql: str, values: dict[str, Any], views: Iterable[_View]) -> pl.DataFrame:
    try:
        with _engine().cursor() as cursor:
            for view in views:
                cursor.execute(f"create temp view {view.ledger.name} as {_view_sql(view)}")
            answer: pl.DataFrame = cursor.sql(sql, params=values).pl()
            return answer
    except duckdb.Error as error:
        if isinstance(error, duckdb.FatalException | duckdb.InternalException):
            # Such an error ends the whole database; the next call gets a fresh one.
            _engine.cache_clear()
        raise StoreError(f"查询「{name}」无法执行：{str(error).splitlines()[0]}") from error


def _query_text(name: str) -> str:
    path = QUERIES / f"{name}.sql"
    if not re.fullmatch(r"[a-z0-9_]+", name) or not path.is_file():
        raise StoreError(f"没有查询「{name}」。允许：{'、'.join(query_names())}")
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def _parsed_query(name: str, text: str) -> tuple[QueryHeader, str]:
    """Header and body of a query file."""
    lines = text.splitlines()
    height = next((place for place, line in enumerate(lines) if not line.startswith("--")), len(lines))
    parts = {"": ""}
    part = ""
    for line in lines[:height]:
        words = line.removeprefix("--").strip()
        match = re.match(r"(Grain|Reads|Params|Returns):\s*", words)
        if match:
            part = match[1]
            parts[part] = words[match.end() :]
        elif not parts[part].endswith("."):
            # A part ends with its full stop; what follows it is a remark.
            parts[part] = f"{parts[part]} {words}".strip()
    missing = [key for key in ("Grain", "Reads", "Params", "Returns") if not parts.get(key)]
    title, _, sentence = parts[""].partition(":")
    params = re.findall(r"\$(\w+)\s*\(([^)]*)\)", parts.get("Params", ""))
    returned = [column.split() for column in parts.get("Returns", "").rstrip(".").split(",")]
    if missing or title != name or not sentence.strip() or any(len(column) != 2 for column in returned):
        raise StoreError(f"查询文件 {name}.sql 的文件头不完整：{'、'.join(missing) or '首行或 Returns'}")
    header = QueryHeader(
        name=name,
        sentence=sentence.strip(),
        grain=parts["Grain"],
        reads=tuple(
            read.strip() for read in parts["Reads"].rstrip(".").split(",") if read.strip() != "nothing"
        ),
        params={param: kind.split(",")[0].strip() for param, kind in params},
        returns=dict(returned),
    )
    return header, "\n".join(lines[height:]).strip().rstrip(";")


def _question(name: str) -> _Question:
    """The query with each query it reads, and what those read, as a common table before it."""
    included: dict[str, str] = {}
    ledgers: dict[str, None] = {}
    params: dict[str, str] = {}

    def include(query: str, readers: tuple[str, ...]) -> str:
        if query in readers:
            raise StoreError(f"查询文件循环引用：{' → '.join((*readers, query))}")
        header, body = _parsed_query(query, _query_text(query))
        for read in header.reads:
            if read in LEDGERS:
                ledgers[read] = None
            elif read not in included:
                included[read] = include(read, (*readers, query))
        params.update(header.params)
        return body

    body = include(name, ())
    if included:
        tables = ",\n\n".join(f"{read} as (\n{text}\n)" for read, text in included.items())
        rest = re.match(r"with\s+", body, re.IGNORECASE)
        body = f"with {tables},\n\n{body[rest.end() :]}" if rest else f"with {tables}\n\n{body}"
    return _Question(body, params, tuple(ledgers))


def _values(name: str, params: Mapping[str, str], scope: Mapping[str, Any]) -> dict[str, Any]:
    """The declared parameters, each in its declared type."""
    missing = [f"${param}" for param in params if param not in scope]
    if missing:
        raise StoreError(f"查询「{name}」缺少参数 {'、'.join(missing)}")
    return {param: _value(name, param, kind, scope[param]) for param, kind in params.items()}


def _value(name: str, param: str, declared: str, value: Any) -> Any:
    kind, _, rest = declared.partition(" or ")
    if value is None:
        if rest == "null":
            return None
        raise StoreError(f"查询「{name}」的参数「{param}」不能为空")
    try:
        return _READERS[kind](value)
    except KeyError:
        raise StoreError(f"查询文件 {name}.sql 的参数「{param}」类型「{kind}」不在允许之列") from None
    except (ValueError, TypeError, InvalidOperation):
        raise StoreError(f"查询「{name}」的参数「{param}」应为 {kind}，收到「{value}」") from None


def _texts(value: Any) -> list[str]:
    return value.split(",") if isinstance(value, str) else [str(item) for item in value]


def _flag(value: Any) -> bool:
    return {"true": True, "false": False}[str(value).lower()]


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": str,
    "text[]": _texts,
    "date": lambda value: date.fromisoformat(str(value)),
    "decimal": lambda value: Decimal(str(value)),
    "bigint": lambda value: int(str(value)),
    "boolean": _flag,
}


def _bound_files(
    ledger: Ledger, in_force: Mapping[str, Revision], asked: Iterable[str], unfiled: str
) -> list[_Bound]:
    """Which rows of which revisions stand for each asked period.

    未分区 is nobody who files: once the whole city has filed a period, what 未分区 held before is settled
    and not carried on; nor is what any area held of a ledger whose things end.
    """
    if unfiled not in ("carry", "blank"):
        raise StoreError(f"未报送处理方式「{unfiled}」无效。允许：carry、blank")
    bound = []
    for period in sorted(set(asked) & in_force.keys()):
        bound.append(_Bound(in_force[period], period, None))
        seen = set(in_force[period].areas)
        is_settled = any(filing["area_id"] is None for filing in in_force[period].filings)
        earlier = [known for known in in_force if period[:4] == known[:4] and known < period]
        for known in sorted(earlier, reverse=True) if unfiled == "carry" else ():
            areas = set(in_force[known].areas) - seen
            if is_settled:
                areas = {area for area in areas if ledger.goes_on and not _is_unassigned(area)}
            if areas:
                bound.append(_Bound(in_force[known], period, tuple(sorted(areas))))
                seen |= areas
    return bound


def _is_unassigned(area_id: str) -> bool:
    return area_id.endswith(f"-{UNASSIGNED}")


def _ledger_view(ledger: str, city: str, asked: Sequence[str], as_of: datetime, unfiled: str) -> _View:
    """A ledger bound to exactly the files that the question is about."""
    in_force = {revision.period: revision for revision in revisions(ledger, city, as_of)}
    bound = _bound_files(_ledger(ledger), in_force, asked, unfiled)
    inferring = [item.revision.period for item in bound if item.revision.stage_dates == "snapshots"]
    shown = tuple(
        revision
        for revision in in_force.values()
        if revision.stage_dates == "snapshots"
        and revision.period <= max(inferring, default="")
        and "stage_filed" in revision.columns
    )
    return _View(_ledger(ledger), city, tuple(bound), shown)


def _view_sql(view: _View) -> str:
    """One select per layout of columns among the files, and one of no rows where there is no file.

    A project that moved stands in the rows of two areas: what was filed last speaks for it, so that
    nothing is counted twice. A plan keeps the months of that one filing; `Ledger.key` says which it is.
    """
    schema = view.ledger.schema

    def layout(item: _Bound) -> tuple[str, tuple[tuple[str, str], ...]]:
        return item.revision.stage_dates, tuple(item.revision.columns.items())

    selects = []
    for (stage_dates, columns), items in groupby(sorted(view.bound, key=layout), key=layout):
        stored = dict(columns)
        values = {name: _stored(name, _sql_type(dtype), stored.get(name)) for name, dtype in schema.items()}
        joined = ""
        if stage_dates == "snapshots" and view.shown and "stage_filed" in schema:
            values |= _inferred(values)
            joined = (
                f" left join ({_first_shown_sql(view.shown)}) as first_shown"
                " on filed.project_id = first_shown.project_id"
            )
        selects.append(_select_sql(values, view.city, list(items)) + joined)
    if not selects:
        nothing = ", ".join(f"cast(null as {_sql_type(dtype)}) as {name}" for name, dtype in schema.items())
        selects.append(
            "select cast(null as text) as period, cast(null as text) as filed_period, "
            f"cast(null as bigint) as revision, cast(null as text) as city, {nothing} where false"
        )
    every = " union all ".join(selects)
    if not _has_doubles(view):
        return every
    thing, *within = view.ledger.key
    place, order = ("rank", "") if within else ("row_number", ", source_sheet, source_row")
    return (
        f"select * from ({every}) qualify {place}() over (partition by period, "
        f"{thing} order by filed_period desc, filing_id desc, area_id{order}) = 1"
    )


def _has_doubles(view: _View) -> bool:
    """Whether a thing stands twice in a period; it seldom does, and to choose costs every question time."""
    bound = tuple(
        (item.revision.path, item.revision.sha256, item.period, item.areas)
        for item in sorted(view.bound, key=lambda item: item.period)
    )
    return _are_doubled(bound, view.ledger.key)


@lru_cache(maxsize=1024)
def _are_doubled(
    bound: tuple[tuple[Path, str, str, tuple[str, ...] | None], ...], key: tuple[str, ...]
) -> bool:
    thing, *within = key
    for _, items in groupby(bound, key=lambda item: item[2]):
        parts = []
        for path, _, _, areas in items:
            rows = pl.read_parquet(path, columns=list(dict.fromkeys(("area_id", thing))), glob=False)
            parts.append(rows if areas is None else rows.filter(pl.col("area_id").is_in(areas)))
            if within:
                parts[-1] = parts[-1].unique()
        if pl.concat(parts)[thing].is_duplicated().any():
            return True
    return False


def _stored(name: str, declared: str, stored: str | None) -> str:
    """A declared column as a file holds it: absent, of an older type, or as it should be."""
    if stored is None:
        return f"cast(null as {declared})"
    return f"filed.{name}" if stored == declared else f"cast(filed.{name} as {declared})"


def _select_sql(values: Mapping[str, str], city: str, items: Sequence[_Bound]) -> str:
    """Rows of files of one layout, each under the period that it stands for."""
    files = ", ".join(sorted({_literal(without_wildcards(str(item.revision.path))) for item in items}))
    bound = ", ".join(
        f"({_literal(str(item.revision.path))}, {_literal(area) if area else 'cast(null as text)'}, "
        f"{_literal(item.period)}, {_literal(item.revision.period)}, cast({item.revision.number} as bigint))"
        for item in items
        for area in (item.areas or [None])
    )
    columns = ", ".join(f"{value} as {name}" for name, value in values.items())
    return (
        f"select bound.period, bound.filed_period, bound.revision, {_literal(city)} as city, {columns} "
        f"from read_parquet([{files}], filename = true, hive_partitioning = false) as filed "
        f"inner join (values {bound}) as bound (file, area_id, period, filed_period, revision) "
        "on filed.filename = bound.file "
        "and (bound.area_id is null or filed.area_id = bound.area_id)"
    )


def _first_shown_sql(shown: Sequence[Revision]) -> str:
    """The first period that shows each project in each stage."""
    files = ", ".join(_literal(without_wildcards(str(revision.path))) for revision in shown)
    known = ", ".join(f"({_literal(str(revision.path))}, {_literal(revision.period)})" for revision in shown)
    stages = ", ".join(
        f"min(case when filed.stage_filed = '{stage}' then known.period end) as {stage}"
        for stage in (*PROVING_DATES, "exited")
    )
    return (
        f"select filed.project_id, {stages} "
        f"from read_parquet([{files}], filename = true, hive_partitioning = false, union_by_name = true) "
        f"as filed inner join (values {known}) as known (file, period) on filed.filename = known.file "
        "group by filed.project_id"
    )


def _inferred(values: Mapping[str, str]) -> dict[str, str]:
    """Proving dates where none is filed: the end of the first period that shows the stage.

    A stage that no date proves gets its first proving date, with precision `period`. 退库 counts
    only while the row itself says so, since a project may come back.
    """
    inferred = {}
    for stage, dates in {**PROVING_DATES, "exited": ("exited_on",)}.items():
        unproven = " and ".join(f"{values[name]} is null" for name in dates)
        applies = f"{unproven} and first_shown.{stage} <= bound.filed_period"
        if stage == "exited":
            applies += f" and {values['stage_filed']} = 'exited'"
        end = f"last_day(cast(first_shown.{stage} || '-01' as date))"
        name = dates[0]
        inferred[name] = f"case when {applies} then {end} else {values[name]} end"
        precision = f"{name}_precision"
        inferred[precision] = f"case when {applies} then 'period' else {values[precision]} end"
    return inferred


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sql_type(dtype: pl.DataType) -> str:
    """DuckDB's name of a stored type."""
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision},{dtype.scale})"
    return _SQL_TYPES[dtype]


_SQL_TYPES: dict[pl.DataType, str] = {
    pl.String(): "text",
    pl.Float64(): "double",
    pl.Date(): "date",
    pl.Boolean(): "boolean",
    pl.Int64(): "bigint",
    pl.List(pl.String()): "text[]",
}
