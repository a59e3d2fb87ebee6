"""The demonstration ledgers at their real size, built once and kept until what they are made from changes."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "artifacts" / "cache"
MADE_FROM = ("saima/demo", "saima/ledgers", "saima/store.py", "data/reference")


def demonstration_ledgers() -> Path:
    """A snapshots folder that `python -m saima demo` filled; all workers share it, so never write there."""
    kept = CACHE / f"demonstration-{_stamp()}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for older in CACHE.glob("demonstration-*"):
                shutil.rmtree(older)
            _build(kept)
    return kept


def _stamp() -> str:
    digest = hashlib.sha256()
    for start in MADE_FROM:
        path = ROOT / start
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in {".py", ".csv", ".toml"}:
                digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _build(kept: Path) -> None:
    """Beside its place first, so that a build that is killed leaves nothing that looks whole."""
    part = CACHE / "part"
    shutil.rmtree(part, ignore_errors=True)
    folders = {"SAIMA_SNAPSHOTS": str(part / "snapshots"), "SAIMA_REFERENCE": str(part / "reference")}
    subprocess.run(
        [sys.executable, "-m", "saima", "demo", "--progress", "json"],
        cwd=ROOT,
        env={**os.environ, **folders},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    (part / "snapshots").rename(kept)
    shutil.rmtree(part)
