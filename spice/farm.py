"""Worker processes as seen from outside: started when needed, killed when late, used again.

A pool belongs to the process that made it. Whoever runs simulations on an executor (threads,
processes, Dask) gets a pool in each of its processes; a thread that has a job takes an idle
worker out of the pool, or starts one, and puts it back.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import eda.errors
from eda.errors import SimulatorNotFoundError
from eda.spice.ngspice_shared import library_path
from eda.spice.simulation import Array, Status
from eda.spice.wire import BrokenWireError, WireTimeoutError, make_pipe, receive, send

RUNS_PER_WORKER: Final = 10_000
"""After so many simulations a worker is replaced, so that what ngspice leaks stays small."""

_START_S: Final = 120.0
_GRACE_S: Final = 2.0
_EMPTY_MB: Final = 50.0
"""What a worker takes before it has done anything."""
_WILD: Final = frozenset((signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT))
_PASSED_ON: Final = (
    *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "NGSPICE_LIBRARY_PATH", "SPICE_LIB_DIR"),
    *("SPICE_SCRIPTS", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT"),
)
_START: Final = (
    "import sys; sys.path.append(sys.argv[5]); import os; "
    "from eda.spice.ngspice_worker import main; os._exit(main(sys.argv[1:]))"
)


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot as a worker sends it.

    Attributes:
        step: Which step of the job made it; -1 for a script's.
        name: As ``ac1``.
        kinds: ngspice's number of the quantity of each vector.
        arrays: The vectors under ngspice's names.
    """

    step: int
    name: str
    kinds: Mapping[str, int]
    arrays: Mapping[str, Array]


@dataclass(slots=True)
class Answer:
    """What came of a job.

    Attributes:
        fell: Whether the process died of a wild pointer, which an earlier deck may have left.
    """

    status: Status
    plots: list[Plot] = field(default_factory=list)
    measures: dict[str, float] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    fell: bool = False


class NgspiceWorker:
    """One worker process."""

    def __init__(self) -> None:
        """Start the process and wait until it has loaded ngspice.

        Raises:
            SimulatorNotFoundError: libngspice is not there, or cannot be loaded.
        """
        library_path()  # so that a missing library is told before a process is started
        self.home = tempfile.mkdtemp(prefix="eda-ngspice-")
        self.runs = 0
        self._state = ""
        self.version = ""
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        theirs_in, self._requests = make_pipe()
        self._answers, theirs_out = make_pipe()
        root = str(Path(eda.errors.__file__).parents[1])
        pipes = [str(theirs_in), str(theirs_out), str(os.getpid()), self.home, root]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, *pipes],
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                cwd=self.home,
                env=_environment(self.home),
                pass_fds=(theirs_in, theirs_out),
                start_new_session=True,
            )
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        self._wait_until_ready()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def _wait_until_ready(self) -> None:
        try:
            header, _ = receive(self._answers, deadline=time.monotonic() + _START_S)
            problem = str(header.get("why", ""))
            self.version = str(header.get("version", ""))
        except (BrokenWireError, WireTimeoutError):
            problem = self._last_words() or "it ended at once"
        if problem:
            self.close()
            raise SimulatorNotFoundError(
                f"libngspice cannot be used ({problem}); `eda doctor` says how to get it"
            )

    def run(self, request: Mapping[str, Any], *, time_limit_s: float) -> tuple[Answer, bool]:
        """Run a job; return its answer, and whether the worker can be used again."""
        deadline = time.monotonic() + time_limit_s
        answer = Answer(Status.CRASHED)
        self.runs += 1
        try:
            if request["state"] and request["state"] == self._state:
                # A sweep: the worker has the deck and only needs the parameters.
                request = {**request, "deck": None}
            send(self._requests, request)
            while True:
                header, arrays = receive(self._answers, deadline=deadline)
                if header["frame"] == "end":
                    break
                answer.plots.append(
                    Plot(int(header["step"]), str(header["plot"]), header["kinds"], arrays)
                )
            self._state = str(header["state"])
            answer.status = Status(header["status"])
            answer.log = [str(line) for line in header["log"]]
            answer.measures = {
                str(name): float("nan") if value is None else float(value)
                for name, value in header["measures"].items()
            }
            return answer, bool(header["usable"]) and self.runs < RUNS_PER_WORKER
        except WireTimeoutError:
            answer.status = Status.TIMEOUT
            answer.log.append(f"stopped at the time limit of {time_limit_s:g} s")
        except (BrokenWireError, KeyError, TypeError, ValueError):
            answer.status, why = self._cause_of_death(float(request["memory_mb"]))
            answer.log.append(why)
            answer.fell = -(self._process.returncode or 0) in _WILD
        return answer, False

    def _cause_of_death(self, memory_limit_mb: float) -> tuple[Status, str]:
        code, peak_mb = self._reap()
        if code is None:
            return Status.CRASHED, "the worker process sent what cannot be understood"
        words = self._last_words()
        if "allocat" in words or "MemoryError" in words:
            return Status.OUT_OF_MEMORY, f"the worker process ran out of memory: {words}"
        if code < 0 and -code in _WILD and peak_mb - _EMPTY_MB > memory_limit_mb / 2:
            # A C library that does not look at what malloc returns.
            name = signal.Signals(-code).name
            return Status.OUT_OF_MEMORY, f"{name} with {peak_mb:.0f} MB in use: out of memory"
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return Status.CRASHED, f"the worker process died with {how}" + (
            f": {words}" if words else ""
        )

    def _reap(self) -> tuple[int | None, float]:
        """Return the exit code and the most memory (MB) that was used; None where it still runs."""
        until = time.monotonic() + _GRACE_S
        while time.monotonic() < until:
            try:
                pid, state, usage = os.wait4(self._process.pid, os.WNOHANG)
            except ChildProcessError:
                return self._process.wait(), 0.0
            if pid:
                # Popen must not wait once more.
                self._process.returncode = os.waitstatus_to_exitcode(state)
                unit = 2**20 if sys.platform == "darwin" else 2**10
                return self._process.returncode, usage.ru_maxrss * unit / 1e6
            time.sleep(0.005)
        return None, 0.0

    def _last_words(self) -> str:
        with suppress(OSError, ValueError):
            end = self._said.seek(0, os.SEEK_END)
            self._said.seek(max(end - 2000, 0))
            return self._said.read().decode("utf-8", "replace").strip()
        return ""

    def close(self) -> None:
        """End the process and everything it started."""
        for pipe in (self._requests, self._answers):
            with suppress(OSError):
                os.close(pipe)
        if self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._said.close()
        shutil.rmtree(self.home, ignore_errors=True)


class WorkerPool:
    """Idle workers; there are as many as jobs were ever run at once."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._idle: list[NgspiceWorker] = []
        self._inherited: list[NgspiceWorker] = []

    def run(self, request: Mapping[str, Any], *, time_limit_s: float) -> Answer:
        """Run a job on an idle worker, or on a new one.

        Raises:
            SimulatorNotFoundError: libngspice cannot be used.
        """
        worker = self._take()
        earlier = worker.runs
        answer = self._run_on(worker, request, time_limit_s)
        if answer.status is Status.CRASHED and answer.fell and earlier:
            # ngspice's lossy lines spoil memory that a later deck falls over: a deck is only to
            # blame for a crash of a worker that has run nothing else.
            answer = self._run_on(NgspiceWorker(), request, time_limit_s)
        return answer

    def _run_on(
        self, worker: NgspiceWorker, request: Mapping[str, Any], time_limit_s: float
    ) -> Answer:
        usable = False
        try:
            answer, usable = worker.run(request, time_limit_s=time_limit_s)
        finally:
            if usable:
                with self._lock:
                    self._idle.append(worker)
            else:
                worker.close()
        return answer

    def _take(self) -> NgspiceWorker:
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                return NgspiceWorker()
            if worker._process.poll() is None:
                return worker
            worker.close()  # somebody ended it while it was idle; that costs no simulation

    def version(self) -> str:
        """Return what ngspice calls itself, starting a worker if there is none."""
        worker = self._take()
        with self._lock:
            self._idle.append(worker)
        return worker.version

    def pids(self) -> tuple[int, ...]:
        """Return the processes of the idle workers."""
        with self._lock:
            return tuple(worker.pid for worker in self._idle)

    def close(self) -> None:
        """End every idle worker."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()

    def forget(self) -> None:
        """Leave the workers to the process this one was forked from."""
        self._lock = threading.Lock()
        self._inherited, self._idle = self._idle, []


def _environment(home: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # ngspice's OpenMP costs ten times the simulation on a busy machine; OMP_NUM_THREADS=1 is
    # overridden by ngspice itself, the limit is not. An empty home means no .spiceinit.
    return {
        **kept,
        "HOME": home,
        "LC_ALL": "C.UTF-8",
        "NGSPICE_MEAS_PRECISION": "15",
        "OMP_THREAD_LIMIT": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


pool: Final = WorkerPool()
"""The workers of this process."""

atexit.register(pool.close)
os.register_at_fork(after_in_child=pool.forget)
