"""The worker process: ngspice in a cage, run deck after deck until its pipe is closed.

It has no folder but an empty one, no start-up file of the user, no thread of OpenMP, a memory
limit, and it ends when its parent does. The time limit is the parent's: a C library that
computes cannot be interrupted from inside, so the parent kills the process.

Between two decks everything is thrown away (``destroy all``, ``remcirc``), and values are only
taken from plots that were not there before the analysis. So nothing of an earlier simulation
can ever be returned as a later one's.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.spice.diagnosis import messages, status_of
from eda.spice.simulation import Status
from eda.spice.wire import BrokenWireError, receive, send, send_frames

if TYPE_CHECKING:
    from eda.spice.ngspice_shared import Library
    from eda.spice.simulation import Array

_ABORTED: Final = re.compile(r"simulation\(?s?\)? aborted|simulation interrupted", re.IGNORECASE)
_NOT_LOADED: Final = re.compile(
    r"stderr\s*(?:fatal )?error\b|std\w+\s*illegal value for level", re.IGNORECASE
)
"""What means that the deck, or a model with an unknown level, is not what it says."""

_MEASURED: Final = re.compile(r"stdout\s+(\S+)\s*=\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\b", re.IGNORECASE)
_MEBIBYTE: Final = 2**20
_LEAST_MB: Final = 32
_WATCH_S: Final = 0.5


class Failure(Exception):
    """A step failed."""

    def __init__(self, status: Status, why: str = "") -> None:
        """Keep the status."""
        super().__init__(why)
        self.status = status


class Worker:
    """Runs jobs, one after the other."""

    def __init__(self, library: Library, out: int) -> None:
        """Take the library and the pipe for the answers."""
        self._library = library
        self._out = out
        self._log: list[str] = []
        self._measures: dict[str, float] = {}
        self._cards: list[tuple[str, str]] = []
        self._loaded = False
        self._state = ""
        self._forget_options = False
        self._count = 0
        self._held: list[tuple[dict[str, Any], dict[str, Array]]] = []
        self._memory = _Memory()

    def run(self, request: dict[str, Any]) -> bool:
        """Run a job, and return whether another can follow."""
        self._log, self._measures = [], {}
        self._cards = [(str(kind), str(name)) for kind, name in request["measures"]]
        status, why = Status.OK, ""
        self._memory.limit(float(request["memory_mb"]))
        try:
            self._prepare(request)
            if request["trusted"]:
                self._take_all()
            for number, (kind, text, name) in enumerate(request["steps"]):
                self._step(number, kind, text, name)
        except Failure as failure:
            status, why = failure.status, str(failure)
        except MemoryError:
            status = Status.OUT_OF_MEMORY
        self._memory.limit(None)
        usable = not self._library.detached and status is not Status.OUT_OF_MEMORY
        if usable:
            self._say("destroy all")
            if self._forget_options:
                self._say("unset units")
                self._forget_options = False
        if why:
            self._log.append(f"stderr {why}")
        end = {
            "frame": "end",
            "status": status.value,
            "measures": {
                name: value if np.isfinite(value) else None
                for name, value in self._measures.items()
            },
            "log": messages(self._log),
            "state": self._state,
            "usable": usable,
        }
        self._flush((end, {}))
        return usable

    def _flush(self, *more: tuple[dict[str, Any], dict[str, Array]]) -> None:
        """Send the plots that are held back, and what comes after them."""
        if self._held or more:
            send_frames(self._out, [*self._held, *more])
            self._held = []

    def _prepare(self, request: dict[str, Any]) -> None:
        """Load the deck, or set the parameters of the one that is loaded."""
        if request["folder"]:
            os.chdir(request["folder"])
        if request["seed"] is not None:
            self._say(f"setseed {int(request['seed'])}")
        parameters: dict[str, float] = request["parameters"]
        if request["deck"] is not None:
            if self._loaded:
                self._say("remcirc")
            self._loaded, self._state = True, ""
            self._log += self._library.load(_with_values(request["deck"], parameters))
            self._check_loaded()
        elif parameters:
            for name, value in parameters.items():
                self._log += self._say(f"alterparam {name}={value!r}")
            if request["seed"] is not None:
                # Loading drew numbers too; a reset must begin where a fresh load does.
                self._say(f"setseed {int(request['seed'])}")
            self._log += self._say("reset")
            self._check_loaded()
        self._state = request["state"]

    def _step(self, number: int, kind: str, text: str, name: str) -> None:
        self._flush()  # whatever this step does to the process, what came before is safe
        if kind == "analysis":
            self._analyse(number, text)
            return
        if kind == "print":
            said = self._say(f"let eda_printed = {text}")
        else:
            said = self._say(text)
            self._forget_options |= text.startswith("set ")
        self._check_alive()
        if kind == "command":
            self._log += said
            if (status := status_of(said)) is Status.MISSING_VECTOR:
                raise Failure(status)
            return
        if kind == "measure":
            self._log += said
            self._take_measures([name], said)
            return
        current = next(iter(self._library.plots()), "")
        made = self._library.vectors(current).get("eda_printed" if kind == "print" else name)
        if made is None and kind == "let":
            self._log += said
            raise Failure(Status.MISSING_VECTOR, f"{text}: gave nothing")
        elif made is not None and len(made[1]) == 1:
            self._measures[name] = float(np.real(made[1][0]))
        if kind == "print":
            self._say("unlet eda_printed")

    def _analyse(self, number: int, text: str) -> None:
        before = set(self._library.plots())
        said = self._say(text)
        self._log += said
        self._check_alive()
        made = [plot for plot in self._library.plots() if plot not in before]
        if not made or any(_ABORTED.search(line) for line in said):
            # Where the deck itself was not understood, the reason is in what loading said.
            raise Failure(_kind_of_failure(said, self._log))
        found = False
        for plot in reversed(made):
            found |= self._send_plot(number, plot)
        if not found:
            raise Failure(Status.MISSING_VECTOR, f"{text}: ngspice gave no values")
        wanted = [name for kind, name in self._cards if kind == text.split(" ")[0]]
        if wanted:
            self._take_measures(wanted, said)

    def _take_measures(self, names: list[str], said: list[str]) -> None:
        """Take measures from what ngspice printed: the vectors it leaves have six digits."""
        values = {m[1].lower(): float(m[2]) for line in said if (m := _MEASURED.match(line))}
        self._measures.update({name: values.get(name, float("nan")) for name in names})
        if not values.keys() >= set(names) and status_of(said) is Status.MISSING_VECTOR:
            raise Failure(Status.MISSING_VECTOR)

    def _take_all(self) -> None:
        """Send every plot that a trusted script made."""
        plots = [plot for plot in self._library.plots() if plot != "const"]
        if not plots:
            raise Failure(status_of(self._log), "the script of the deck made no plot")
        for plot in reversed(plots):
            self._send_plot(-1, plot)

    def _send_plot(self, number: int, plot: str) -> bool:
        vectors = self._library.vectors(plot)
        arrays: dict[str, Array] = {name: values for name, (_, values) in vectors.items()}
        if arrays:
            self._check_finite(arrays)
            kinds = {name: kind for name, (kind, _) in vectors.items()}
            head = {"frame": "plot", "step": number, "plot": plot, "kinds": kinds}
            self._held.append((head, arrays))
        return bool(arrays)

    def _check_finite(self, arrays: dict[str, Array]) -> None:
        # All at once, because there are hundreds, and nearly always all of them are.
        if np.isfinite(
            np.concatenate([values.view(np.float64) for values in arrays.values()])
        ).all():
            return
        for name, values in arrays.items():
            if name[0] != "@" and not np.isfinite(values).all():
                raise Failure(Status.NO_CONVERGENCE, f"{name} is not finite")

    def _say(self, text: str) -> list[str]:
        self._count += 1
        if self._count % 5000 == 0:
            self._library.forget_history()
        return self._library.command(text)

    def _check_loaded(self) -> None:
        """Stop where the deck was not understood, for ngspice would run what it has of it."""
        self._check_alive()
        if any(_NOT_LOADED.match(line) for line in self._log):
            self._loaded, self._state = False, ""
            self._say("remcirc")
            raise Failure(status_of(self._log))

    def _check_alive(self) -> None:
        if self._library.detached:
            raise Failure(status_of(self._log + self._library.said()))


def _with_values(deck: str, parameters: dict[str, float]) -> list[str]:
    """Return the lines of a deck with other values for parameters of its top level.

    They are the first cards of a deck. Loading the values costs nothing, setting them after
    loading costs a reset; and a deck may have no models but for the sizes it is run with.
    """
    lines = deck.splitlines()
    for at, line in enumerate(lines):
        head, _, rest = line.partition(" ")
        if head not in (".param", "+", "*", ".global"):
            break
        name, equals, _ = rest.partition("=")
        if equals and name in parameters:
            # A long expression stands on a line of its own, behind a plus sign.
            lines[at] = f"{head} {name}={parameters[name]!r}"
    return lines


def _kind_of_failure(said: list[str], everything: list[str]) -> Status:
    status = status_of(said)
    return status_of(everything) if status is Status.REFUSED else status


class _Memory:
    """The limit of the address space of this process."""

    def __init__(self) -> None:
        """Keep open what tells how much is in use."""
        self._used = -1
        with suppress(OSError):
            self._used = os.open("/proc/self/statm", os.O_RDONLY)

    def limit(self, limit_mb: float | None) -> None:
        """Allow what is used now and so much more; None lifts the limit."""
        with suppress(ImportError, OSError, ValueError):
            import resource

            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            soft = hard
            if limit_mb is not None:
                used = int(os.pread(self._used, 64, 0).split()[0]) * os.sysconf("SC_PAGE_SIZE")
                soft = used + int(max(limit_mb, _LEAST_MB) * _MEBIBYTE)
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _limit_rest() -> None:
    """Forbid core dumps and large files."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * _MEBIBYTE, 64 * _MEBIBYTE))


def _watch(parent: int, home: str) -> None:
    """End this process when its parent has gone, whatever ngspice is computing."""
    while os.getppid() == parent:
        time.sleep(_WATCH_S)
    with suppress(OSError):
        os.rmdir(home)
    os._exit(1)


def main(arguments: list[str]) -> int:
    """Serve jobs: the pipes, the parent's process id, and the empty folder are given."""
    requests, answers, parent = (int(word) for word in arguments[:3])
    home = arguments[3]
    _limit_rest()
    threading.Thread(target=_watch, args=(parent, home), daemon=True).start()
    try:
        from eda.spice.ngspice_shared import load_library

        library = load_library()
    except Exception as problem:  # whatever it is, the parent must be told
        send(answers, {"frame": "failed", "why": f"{type(problem).__name__}: {problem}"})
        return 1
    send(answers, {"frame": "ready", "version": library.version})
    worker = Worker(library, answers)
    while True:
        try:
            request, _ = receive(requests)
        except BrokenWireError:
            with suppress(OSError):
                os.rmdir(home)
            return 0
        if not worker.run(request):
            return 0
        if request["folder"]:
            os.chdir(home)


if __name__ == "__main__":
    # ngspice may hang in its own clean-up; nothing here needs one.
    code = main(sys.argv[1:])
    os._exit(code)
