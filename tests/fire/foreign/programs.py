"""Programs that are started by their path, each with a directory and a port of its own, and stopped by their id."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "Needs", "directory", "every", "free_port", "listening", "program", "running"]

ROOT = Path(__file__).parents[3]
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def program(name: str) -> str:
    """Return a program's absolute path; nothing where it is not installed."""
    found = shutil.which(name, path=PATH)
    return str(Path(found).absolute()) if found else ""


@dataclass(frozen=True)
class Needs:
    """What has to be installed: a program with the option that prints its version, or packages of Python."""

    program: str = ""
    option: str = "--version"
    packages: tuple[str, ...] = ()

    def path(self) -> str:
        """Return the program's path; nothing where it is not installed."""
        return program(self.program)

    def missing(self) -> list[str]:
        """Return what is not installed."""
        packages = [name for name in self.packages if importlib.util.find_spec(name) is None]
        return packages + [self.program] * bool(self.program and not self.path())

    def version(self) -> str:
        """Return the versions of what is installed."""
        versions = [f"{name} {importlib.metadata.version(name)}" for name in self.packages]
        if self.program:
            told = subprocess.run([self.path(), self.option], capture_output=True, text=True, check=False, timeout=60)
            versions.append((told.stdout + told.stderr).strip().partition("\n")[0])
        return ", ".join(versions)


@contextmanager
def directory() -> Iterator[Path]:
    """Give a new directory, which programs that change their user can write to as well."""
    with tempfile.TemporaryDirectory(prefix="lomi-foreign-", ignore_cleanup_errors=True) as name:
        path = Path(name)
        path.chmod(0o777)
        yield path


def free_port() -> int:
    """Return a port that was free just now."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def listening(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextmanager
def running(
    command: list[str],
    log: Path,
    ready: Callable[[], bool],
    *,
    env: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> Iterator[subprocess.Popen[Any]]:
    """Run a program in a process group of its own until the end of the block; what it prints is kept."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT, env=env, start_new_session=True
        )
        try:
            ends_at = time.monotonic() + seconds
            while not ready():
                if process.poll() is not None or time.monotonic() > ends_at:
                    raise RuntimeError(f"{command[0]} did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
                time.sleep(0.05)
            yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[Any]) -> None:
    """End a program, and what it left behind in its group."""
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(5)


@contextmanager
def every(seconds: float, do: Callable[[], object]) -> Iterator[list[None]]:
    """Do something again and again; the list grows by one each time."""
    stop, done = threading.Event(), list[None]()

    def work() -> None:
        while not stop.wait(seconds):
            do()
            done.append(None)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()
