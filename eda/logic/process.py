"""Other programs, run with limits on time, memory and output, and killed with their children."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
) -> Ran:
    """Run a program in a folder, and kill it where it goes over a limit.

    Args:
        command: Program and arguments.
        folder: Where it runs.
        seconds: Processor time.
        wall_seconds: Time on the clock; by default four times as much and ten seconds more.
        memory_bytes: Address space.
        environment: Variables beside the path.
    """
    limit = 4 * seconds + 10 if wall_seconds is None else wall_seconds
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = {"PATH": os.environ.get("PATH", os.defpath), "OMP_NUM_THREADS": "1"}
    # A shell-free way to set limits without running Python code between fork and exec.
    starter = [
        sys.executable, "-I", "-S", "-c", _STARTER,
        str(max(1, int(seconds + 0.999))), str(memory_bytes), str(FILE_BYTES), *command,
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
        timed_out = False
        try:
            process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.seek(0)
        text = log.read(MOST_TEXT).decode("utf-8", "replace")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    timed_out = timed_out or process.returncode in (-signal.SIGXCPU, -signal.SIGKILL)
    return Ran(process.returncode, text, timed_out, used)


_STARTER: Final = """
import os, resource, sys
seconds, memory, file = map(int, sys.argv[1:4])
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
os.execvp(sys.argv[4], sys.argv[4:])
"""
