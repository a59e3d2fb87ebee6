"""Run the command line of intake on an uploaded file: in a child process with limits, progress on the way.

The child may run out of memory or time, crash or be killed: the program that started it goes on and has a
sentence about it.
"""

import json
import logging
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unicodedata
import weakref
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from threading import Semaphore, Thread, Timer
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent

MEMORY_MB = 2048
"""RLIMIT_DATA of the child: 50,000 rows take 550 MB of it, the 200,000 that intake reads 1,560 MB.
RLIMIT_AS would count a gigabyte that the libraries only reserve."""

SECONDS = 300
"""How long a child may run before it is killed."""

KEPT = timedelta(days=1)
"""How long the folder of an upload outlives a program that died with it."""

MOST_NAME_BYTES, MOST_SUFFIX_BYTES = 200, 20
"""File systems take 255 together."""

PREFIX = "saima-intake-"

SHOWN = "SAIMA_SHOWN"
"""Variable that names the file in which a rehearsal notes what it read: a commit takes in that or nothing."""

OUT_OF_MEMORY = (
    *("MemoryError", "memory allocation", "error return without exception set"),
    "thread creation failed",
)
"""What a process says that was denied memory, for its data or for the stack of a thread."""

_logger = logging.getLogger(__name__)

_TURN = Semaphore(1)
"""One child at a time: what is left of the machine belongs to the readers."""


@dataclass(frozen=True)
class Step:
    """How far a child is: `done` of `total`, and what it is doing, in Chinese."""

    done: int
    total: int
    text: str


@dataclass(frozen=True)
class Outcome:
    """What became of a run: the report as the command line wrote it, or a Chinese sentence why there is none.

    `returned` is the workbook with its problems marked, None where there is none; it goes with the upload.
    """

    report: dict[str, Any] | None
    failure: str | None
    returned: Path | None


def stored_name(name: str) -> str:
    """The name under which an upload is stored: its last part, without what no file name may hold."""
    kept = (letter for letter in name if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    base = "".join(kept).replace("\\", "/").rpartition("/")[2].strip()
    suffix = PurePosixPath(base).suffix.encode()[:MOST_SUFFIX_BYTES].decode(errors="ignore")
    stem = PurePosixPath(base).stem.encode()[:MOST_NAME_BYTES].decode(errors="ignore")
    return stem + suffix if base.strip(".") else "未命名"


class Upload:
    """A file that somebody sent, in a private folder that goes when nobody holds the upload any more."""

    def __init__(self, name: str, content: bytes, now: datetime) -> None:
        """Store the content; folders that a program left behind more than KEPT ago are swept."""
        _sweep(now)
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.name = stored_name(name)
        self.path = self.folder / "upload" / self.name
        self.path.parent.mkdir()
        self.path.write_bytes(content)

    def run(self, *arguments: str, memory_mb: int = MEMORY_MB, seconds: float = SECONDS) -> "Run":
        """Start `python -m saima intake` on the file with these further arguments, when its turn comes."""
        return Run(self, arguments, memory_mb, seconds)


class Run:
    """One child at work on an upload, or done with it."""

    def __init__(self, upload: Upload, arguments: Sequence[str], memory_mb: int, seconds: float) -> None:
        """Queue the child; `Upload.run` is the door."""
        self._upload, self._arguments = upload, arguments
        self._memory_mb, self._seconds = memory_mb, seconds
        self._report = upload.folder / "report.json"
        self._returned = upload.folder / "returned.xlsx"
        self._said = upload.folder / "stderr.txt"
        self._process: subprocess.Popen[str] | None = None
        self._is_late = False
        self._outcome: Outcome | None = None
        self.progress = Step(0, 1, "排队等候……")
        self._thread = Thread(target=self._follow, daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the child waits or works."""
        return self._thread.is_alive()

    @property
    def pid(self) -> int | None:
        """The child's process id, None before its turn."""
        return self._process.pid if self._process else None

    def outcome(self) -> Outcome:
        """What became of it; waits for the end."""
        self._thread.join()
        return self._outcome or Outcome(None, self._failed("没有读成，程序意外停止"), None)

    def _follow(self) -> None:
        with _TURN:
            for left in (self._report, self._returned):
                left.unlink(missing_ok=True)
            try:
                code = self._worked()
            except OSError as error:
                _logger.error("intake child did not start: %s", error)
                self._outcome = Outcome(None, self._failed("没有读成，服务器暂时不能启动读取程序"), None)
                return
            self._outcome = self._ended(code)

    def _worked(self) -> int:
        """Run the child to its end; its exit code."""
        command = [
            sys.executable,
            "-m",
            "saima",
            "intake",
            str(self._upload.path),
            *map(_plain, self._arguments),
        ]
        outputs = [f"--report={self._report}", f"--returned={self._returned}", "--progress=json"]
        os.utime(self._upload.folder)
        with (
            self._said.open("w") as said,
            subprocess.Popen(
                [*command, *outputs],
                cwd=ROOT,
                env={**os.environ, "PYTHONUTF8": "1", SHOWN: str(self._upload.folder / "shown.json")},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                encoding="utf-8",
                errors="replace",
            ) as process,
        ):
            self._process = process
            timer = Timer(self._seconds, self._stop_late)
            timer.start()
            try:
                # A child that has ended already needs no limits.
                with suppress(ProcessLookupError):
                    limit = self._memory_mb * 1024 * 1024
                    resource.prlimit(process.pid, resource.RLIMIT_DATA, (limit, limit))
                    os.setpriority(os.PRIO_PROCESS, process.pid, 10)
                for line in process.stdout or ():
                    self._note(line)
                return process.wait()
            finally:
                # The timer's thread holds this run, and with it the upload's folder, until it ends.
                timer.cancel()
                timer.join()

    def _stop_late(self) -> None:
        self._is_late = True
        if self._process:
            self._process.kill()

    def _note(self, line: str) -> None:
        """Take a line of progress; whatever else a library prints is none."""
        with suppress(ValueError, KeyError, TypeError):
            step = json.loads(line)
            self.progress = Step(int(step["done"]), int(step["total"]), str(step["text"]))

    def _ended(self, code: int) -> Outcome:
        returned = self._returned if self._returned.exists() else None
        if code in {0, 2}:
            with suppress(OSError, ValueError):
                return Outcome(json.loads(self._report.read_text("utf-8")), None, returned)
        return Outcome(None, self._why_not(code), returned)

    def _why_not(self, code: int) -> str:
        said = self._said.read_text("utf-8", errors="replace")[-4000:]
        if self._is_late:
            return self._failed(f"读了 {self._seconds:g} 秒还没有读完，已停止")
        if code == 2 and said.strip():
            return said.strip().splitlines()[-1]
        if any(words in said for words in OUT_OF_MEMORY):
            return self._failed(f"需要的内存超过 {self._memory_mb} MB，已停止")
        if code == -signal.SIGKILL:
            return self._failed("没有读完就被系统中止，多半是内存不足")
        _logger.error("intake child ended with %s: %s", code, said)
        return self._failed("没有读完，程序意外停止，原因已记入运行日志")

    def _failed(self, what: str) -> str:
        """A sentence about the file, and what to do; nobody knows whether a commit that died was done."""
        way_on = (
            "请先看入库记录里有没有这一版，没有再重新入库"
            if "--commit" in self._arguments
            else "没有写入任何数据。请删去多余的空行、空列和工作表，另存为 .xlsx 后再试；仍不行就分成几个文件"
        )
        return f"文件「{self._upload.name}」{what}。{way_on}。"


def _plain(argument: str) -> str:
    """What somebody typed, as an argument that a process takes."""
    return argument.replace("\0", "").encode(errors="replace").decode()


def _sweep(now: datetime) -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if datetime.fromtimestamp(folder.stat().st_mtime, now.tzinfo) < now - KEPT:
                shutil.rmtree(folder, ignore_errors=True)
