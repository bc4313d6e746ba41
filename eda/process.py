"""Other programs, run with limits on time, memory and output, and killed with their children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MEMORY_BYTES: Final = 4 << 30
MOST_TEXT: Final = 1 << 20
FILE_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended.

    Attributes:
        code: Its exit code; negative for a signal.
        text: What it printed, at most 1 MB.
        timed_out: Whether it was killed for its time.
        seconds: Processor time it used.
    """

    code: int
    text: str
    timed_out: bool
    seconds: float

    @property
    def why(self) -> str:
        """Why it gave no result, or nothing."""
        if self.timed_out:
            return "it did not end in its time"
        return f"it ended with code {self.code}" if self.code else ""


def run_limited(
    command: Sequence[str],
    *,
    folder: str,
    seconds: float,
    wall_seconds: float | None = None,
    memory_bytes: int = MEMORY_BYTES,
    environment: Mapping[str, str] | None = None,
    watch: Callable[[], object] | None = None,
    watch_every_s: float = 1.0,
) -> Ran:
    """Run a program in a folder, and kill it where it goes over a limit.

    Args:
        command: Program and arguments.
        folder: Where it runs.
        seconds: Processor time, as exact as a look at its clock every 20 ms makes it.
        wall_seconds: Time on the clock; by default sixty times as much and a minute more, for
            machines that are busy with other things.
        memory_bytes: Address space.
        environment: Variables beside the path.
        watch: Called now and then while it runs.
        watch_every_s: How often.
    """
    limit = 60 * seconds + 60 if wall_seconds is None else wall_seconds
    whole = {"PATH": os.environ.get("PATH", os.defpath), "OMP_NUM_THREADS": "1"}
    # A shell-free way to set limits without running Python code between fork and exec.
    starter = [
        sys.executable, "-I", "-S", "-c", _STARTER,
        str(max(1, int(seconds + 1.999))), str(memory_bytes), str(FILE_BYTES), *command,
    ]  # fmt: skip
    with open(os.path.join(folder, ".log"), "w+b") as log:
        process = subprocess.Popen(
            starter,
            cwd=folder,
            env=whole | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        code, used, timed_out = _wait(
            process, seconds, time.monotonic() + limit, watch, watch_every_s
        )
        log.seek(0)
        text = log.read(MOST_TEXT).decode("utf-8", "replace")
    timed_out = timed_out or code in (-signal.SIGXCPU, -signal.SIGKILL)
    return Ran(code, text, timed_out, used)


def _wait(
    process: subprocess.Popen[bytes],
    seconds: float,
    deadline: float,
    watch: Callable[[], object] | None,
    watch_every_s: float,
) -> tuple[int, float, bool]:
    """Wait for a process; return its exit code, processor time, and whether it was killed."""
    pause, killed, looked = 0.001, False, time.monotonic()
    try:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                process.returncode = code
                return code, usage.ru_utime + usage.ru_stime, killed
            if not killed and (time.monotonic() > deadline or _used(process.pid) > seconds):
                killed = True
                _kill(process.pid)
            if watch is not None and time.monotonic() - looked > watch_every_s:
                watch()
                looked = time.monotonic()
            time.sleep(pause)
            pause = min(1.5 * pause, 0.02)
    finally:
        # Whatever it started goes with it; an exception here must leave nothing behind.
        _kill(process.pid)
        if process.returncode is None:
            process.wait()


def _kill(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _used(pid: int) -> float:
    """Return the processor time of a running process, or 0 where the system does not tell."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0


_STARTER: Final = """
import os, resource, sys
seconds, memory, file = map(int, sys.argv[1:4])
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
os.execvp(sys.argv[4], sys.argv[4:])
"""
