"""A Streamlit server of its own for each measurement."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent

PATIENCE = 60
"""Seconds that a server may take to answer."""


@dataclass(frozen=True)
class Server:
    """A server that answers: its address, and the instant of its start in seconds since 1970."""

    address: str
    process: int
    started: float

    def memory(self) -> int:
        """Resident bytes of the server and of the processes that it started."""
        server = psutil.Process(self.process)
        return sum(member.memory_info().rss for member in (server, *server.children(recursive=True)))


@contextmanager
def serving(script: Path, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Serve a script on a free port of this machine until the block ends."""
    port = _free_port()
    # Modules are compiled once and kept, as in an office.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.time()
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with (
        log.open("ab") as written,
        subprocess.Popen(
            command, cwd=ROOT, env={**kept, **environment}, stdout=written, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            _wait_for(port, process)
            yield Server(f"http://127.0.0.1:{port}", process.pid, started)
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return at the first healthy answer."""
    while process.poll() is None and time.time() < psutil.Process(process.pid).create_time() + PATIENCE:
        connection = HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.01)
        finally:
            connection.close()
    raise RuntimeError(f"the server on port {port} does not answer")
