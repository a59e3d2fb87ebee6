"""The real app in a process of its own, on folders of the test's own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60


@dataclass(frozen=True)
class Office:
    """The folders that one server works on."""

    snapshots: Path
    reference: Path


@dataclass(frozen=True)
class Server:
    """A running app: its address without a slash at the end, the folders behind it, and what it has said."""

    address: str
    office: Office
    log: TextIO

    def faults(self) -> str:
        """The tracebacks that the app has logged since the last time."""
        said = self.log.read()
        return said[said.find("Traceback") :] if "Traceback" in said else ""


@contextmanager
def serving(office: Office) -> Iterator[Server]:
    """The app on a free port, ready to answer; it is ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {"SAIMA_SNAPSHOTS": str(office.snapshots), "SAIMA_REFERENCE": str(office.reference)}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1"]
    log = office.reference.with_name("server.log")
    with (
        log.open("w") as written,
        log.open() as read,
        subprocess.Popen(
            [*command, "--server.port", str(port)],
            cwd=ROOT,
            env={**os.environ, **folders},
            stdout=written,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _await_health(process, f"http://127.0.0.1:{port}/_stcore/health")
            yield Server(f"http://127.0.0.1:{port}", office, read)
        finally:
            process.terminate()


def _await_health(process: subprocess.Popen[bytes], address: str) -> None:
    for _ in range(START_SECONDS * 10):
        assert process.poll() is None, "the app ended at its start"
        try:
            with urlopen(address, timeout=1) as answer:
                if answer.read() == b"ok":
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the app did not start")
