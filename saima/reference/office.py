"""The office's folder: filled on first start, read as a whole, kept state by state.

Each accepted state is a full copy under `.history`, so a question asked as of an instant finds the
files of that instant (data-model.md section 1).
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from saima.reference.refusal import ReferenceError, decoded
from saima.reference.sheets import TABLES
from saima.reference.whole import Reference, read

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SHIPPED = REPOSITORY / "data" / "reference"


def folder() -> Path:
    """The office's own folder: SAIMA_REFERENCE, else data/office.

    A missing or empty one is filled from data/reference first: all at once, so that a second process
    sees either nothing or everything.
    """
    office = Path(os.environ.get("SAIMA_REFERENCE") or REPOSITORY / "data" / "office")
    if office.is_dir() and any(office.iterdir()):
        return office
    if office.exists() and not office.is_dir():
        raise ReferenceError(str(office.name), "不是文件夹", allowed="SAIMA_REFERENCE 指向一个文件夹")
    try:
        office.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{office.name}-", dir=office.parent))
    except OSError:
        raise ReferenceError(office.name, "无法建立参考文件夹", allowed="可写的文件夹") from None
    try:
        shutil.copytree(SHIPPED, made, dirs_exist_ok=True)
        made.chmod(0o755)
        _record(
            made,
            _contents(made),
            who="程序",
            why="首次启动，复制自随程序提供的参考文件",
            when=_edited_at(made),
        )
        made.rename(office)
    except OSError:
        # another process was first, or the folder cannot be replaced (a mount point)
        if not office.is_dir() or not any(office.iterdir()):
            raise ReferenceError(
                office.name, "空文件夹无法填入参考文件", allowed="先把 data/reference 的内容复制进去"
            ) from None
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return office


def _paths(base: Path) -> list[Path]:
    """Files of the folder, subfolders included, hidden ones and what editors leave behind excluded."""
    return sorted(
        path
        for path in (*base.glob("*.csv"), *base.glob("*/*.toml"))
        if not path.name.startswith((".", "~")) and not path.parent.name.startswith(".history")
    )


def _contents(base: Path) -> dict[str, bytes]:
    """Relative name → content."""
    try:
        return {path.relative_to(base).as_posix(): path.read_bytes() for path in _paths(base)}
    except OSError as error:
        raise ReferenceError(Path(error.filename).name, "读不了这个文件", allowed="可读的文件") from None


def _stamp(base: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What changes when a file does; two saves within one tick of the clock differ by their inode."""
    seen = ((str(path), path.stat()) for path in _paths(base))
    return tuple((path, stat.st_mtime_ns, stat.st_size, stat.st_ino) for path, stat in seen)


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return digest.hexdigest()[:12]


def _edited_at(base: Path) -> datetime:
    """When a file of the folder was last written, by the file system."""
    return datetime.fromtimestamp(max((path.stat().st_mtime for path in _paths(base)), default=0), UTC)


_INSTANT = "%Y%m%dT%H%M%S%fZ"


def _history(base: Path) -> list[tuple[datetime, Path]]:
    """Kept states, oldest first."""
    kept = sorted((base / ".history").glob("[0-9]*Z-*"))
    return [
        (datetime.strptime(entry.name.partition("-")[0], _INSTANT).replace(tzinfo=UTC), entry)
        for entry in kept
    ]


def _record(base: Path, files: Mapping[str, bytes], *, who: str, why: str, when: datetime) -> None:
    """Keep this state of the folder, unless it is the newest kept one."""
    digest, kept = _digest(files), _history(base)
    if kept and kept[-1][1].name.endswith(digest):
        return
    if kept and when <= kept[-1][0]:
        when = kept[-1][0] + timedelta(milliseconds=1)
    (base / ".history").mkdir(exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=base / ".history"))
    try:
        for name, content in files.items():
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_bytes(content)
        before = _contents(kept[-1][1]) if kept else {}
        edit = {
            "who": who,
            "when": when.isoformat(),
            "why": why,
            "changed": sorted(name for name in {*files, *before} if files.get(name) != before.get(name)),
        }
        (made / "edit.json").write_text(json.dumps(edit, ensure_ascii=False, indent=1), encoding="utf-8")
        made.chmod(0o755)
        made.rename(base / ".history" / f"{when.astimezone(UTC).strftime(_INSTANT)}-{digest}")
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _locked(base: Path) -> Iterator[None]:
    (base / ".history").mkdir(exist_ok=True)
    with (base / ".history" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


_CACHE: dict[Any, Reference] = {}

_CACHE_LOCK = threading.Lock()


def _remembered(key: Any, made: Callable[[], Reference]) -> Reference:
    with _CACHE_LOCK:
        if key not in _CACHE:
            reference = made()
            while len(_CACHE) >= 16:
                _CACHE.pop(next(iter(_CACHE)))
            _CACHE[key] = reference
        return _CACHE[key]


def load(as_of: datetime | None = None) -> Reference:
    """The office's files, checked: as they are now, or as they were in force at an aware instant.

    Before the first kept state that first state counts: nothing earlier is known. A file changed
    outside the program is kept as a state of its own the first time it is read. Cheap to call:
    unchanged files cost a look at their dates. Raises ReferenceError.
    """
    base = folder()
    stamp = _stamp(base)

    def current() -> Reference:
        files = _contents(base)
        reference = read(files)
        if os.access(base / ".history", os.W_OK):
            with _locked(base):
                _record(base, files, who="未登记", why="在程序之外修改了文件", when=_edited_at(base))
        return reference

    if as_of is None:
        return _remembered((base, stamp), current)
    if as_of.tzinfo is None:
        raise ValueError("as_of must be an aware instant")
    if not (base / ".history").is_dir() or as_of >= _edited_at(base):
        _remembered((base, stamp), current)
    kept = _history(base)
    if not kept:
        return _remembered((base, stamp), current)
    in_force = next((entry for when, entry in reversed(kept) if when <= as_of), kept[0][1])
    return _remembered(in_force, lambda: read(_contents(in_force)))


def text_of(name: str) -> str:
    """The text of one file of the office's folder, empty where there is none. Raises ReferenceError."""
    path = folder() / name
    return decoded(name, path.read_bytes()) if path.is_file() else ""


def save(
    name: str,
    content: str | bytes,
    *,
    who: str,
    when: datetime,
    why: str,
    instead_of: str | None = None,
    check: Callable[[Reference], None] | None = None,
) -> None:
    """Replace one file of the office's folder (`targets.csv`, `races/210100.toml`) and keep the state.

    The folder as it would be is checked first, by `check` too where a layer above knows more; what is
    refused leaves everything as it was. `instead_of` is the text that was changed: where someone else has
    changed the file since, theirs stays. Raises ReferenceError.
    """
    if not re.fullmatch(rf"({'|'.join(TABLES)})\.csv|[a-z]+/[0-9A-Za-z]+\.toml", name):
        raise ReferenceError(name, "不是参考文件", allowed="、".join(f"{table}.csv" for table in TABLES))
    base = folder()
    written = content.encode() if isinstance(content, str) else content
    with _locked(base):
        before = _contents(base)
        if instead_of is not None and decoded(name, before.get(name, b"")) != instead_of:
            raise ReferenceError(name, "刚在别处改过", allowed="按新的内容重新修改")
        would_be = read(before | {name: written})
        if check is not None:
            check(would_be)
        if not _history(base):
            _record(base, before, who="未登记", why="首次登记前的文件", when=_edited_at(base))
        (base / name).parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=(base / name).parent, prefix=".new-", delete=False) as new:
            new.write(written)
        Path(new.name).chmod(0o644)
        Path(new.name).replace(base / name)
        _record(base, before | {name: written}, who=who, why=why, when=when)
