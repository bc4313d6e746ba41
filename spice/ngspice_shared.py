"""libngspice through PySpice's `NgSpiceShared`: the one module that knows either of them.

What is changed of PySpice, and why:

* Its rule that any line on stderr but a warning is a failure: BSIM4 and the convergence helpers
  write plain remarks there. Lines are only collected; `eda.spice.diagnosis` judges them.
* Its warning that the version is unknown to it: nothing we use depends on the version.
* Its name of the library: ``libngspice.so`` comes with the development package only.
* Its conversion into objects with units: arrays are read through its handle, and copied once.

Only worker processes load the library. PySpice is imported inside the function that makes the
class, because a second of import time is felt elsewhere.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from ctypes.util import find_library
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from eda.errors import SimulatorNotFoundError
from eda.spice.simulation import Array

UNITS: Final = {1: "s", 2: "Hz", 3: "V", 4: "A", 16: "degC", 17: "ohm"}
"""Units by ngspice's number of a quantity."""

_NAMES: Final = ("libngspice.so.0", "libngspice.so", "libngspice.0.dylib", "libngspice.dylib")
_FOLDERS: Final = (
    *("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"),
    *("/usr/local/lib64", "/usr/local/lib", "/opt/homebrew/lib", "/opt/local/lib"),
)
_QUIET: Final = ("set num_threads=1", "set nomoremode", "set noaskquit", "set noinit")


class Library(Protocol):
    """libngspice, as the worker uses it."""

    version: str

    def load(self, lines: list[str]) -> list[str]:
        """Load a deck and return what ngspice said."""
        ...

    def command(self, text: str) -> list[str]:
        """Run a command and return what ngspice said."""
        ...

    def forget_history(self) -> None:
        """Free the list of commands that ngspice keeps."""
        ...

    def said(self) -> list[str]:
        """Return what ngspice said since it was last asked for something."""
        ...

    def plots(self) -> list[str]:
        """Return the names of the plots, the newest first."""
        ...

    def vectors(self, plot: str) -> dict[str, tuple[int, Array]]:
        """Return the vectors of a plot: quantity number and values, by name."""
        ...

    @property
    def detached(self) -> bool:
        """Whether ngspice gave up, so that the process must end."""
        ...


@cache
def library_path() -> str:
    """Return the path of libngspice, or a name the loader knows it by.

    ``NGSPICE_LIBRARY_PATH`` names another one.

    Raises:
        SimulatorNotFoundError: It is not installed.
    """
    given = os.environ.get("NGSPICE_LIBRARY_PATH")
    if given:
        if not Path(given).is_file():
            raise SimulatorNotFoundError(
                f"NGSPICE_LIBRARY_PATH is {given}, which is no file; unset it, or name libngspice"
            )
        return given
    loader = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    for folder in (*filter(None, loader), str(Path(sys.prefix) / "lib"), *_FOLDERS):
        for name in _NAMES:
            path = Path(folder) / name
            if path.is_file():
                return str(path.resolve())
    found = find_library("ngspice")
    if found is None:
        raise SimulatorNotFoundError(
            "libngspice is not installed; run ./bootstrap, or install the package libngspice0"
        )
    return found


@cache
def library_identity() -> str:
    """Return what tells one build of libngspice from another: a hash of its file.

    Raises:
        SimulatorNotFoundError: It is not installed.
    """
    path = Path(library_path())
    if not path.is_file():
        return str(path)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def load_library() -> Library:
    """Load libngspice into this process, which must be a worker."""
    made: Library = _shared_class()()
    return made


@cache
def _shared_class() -> Any:
    # PySpice reads the variable when it is imported, and formats the name with an id.
    os.environ["NGSPICE_LIBRARY_PATH"] = library_path()
    logging.getLogger("PySpice").setLevel(logging.CRITICAL)
    from PySpice.Spice.NgSpice import Shared

    ffi = Shared.ffi

    class Engine(Shared.NgSpiceShared):  # type: ignore[misc]  # PySpice ships no types
        _logger = logging.getLogger("PySpice.quiet")

        def __init__(self) -> None:
            self.lines: list[str] = []
            self.detached = False
            super().__init__()
            for text in _QUIET:
                self.command(text)
            self.version = f"ngspice-{self.ngspice_version}"

        @property
        def library_path(self) -> str:
            return library_path()

        @staticmethod
        def _send_char(message: Any, ngspice_id: int, user_data: Any) -> int:
            del ngspice_id
            text = ffi.string(message).decode("utf-8", "replace")
            ffi.from_handle(user_data).lines.append(text)
            return 0

        @staticmethod
        def _exit(status: int, immediate: bool, quit_: bool, ngspice_id: int, data: Any) -> int:
            del immediate, quit_, ngspice_id
            ffi.from_handle(data).detached = True
            return status

        def exec_command(self, command: str, join_lines: bool = True) -> Any:
            lines = [line.partition(" ")[2] for line in self.command(command)]
            return os.linesep.join(lines) if join_lines else lines

        def command(self, text: str) -> list[str]:
            self.lines = []
            self._ngspice_shared.ngSpice_Command(text.encode())
            return self.lines

        def said(self) -> list[str]:
            return self.lines

        def forget_history(self) -> None:
            # ngspice keeps every command it was given until it is told this.
            self._ngspice_shared.ngSpice_Command(ffi.NULL)

        def load(self, lines: list[str]) -> list[str]:
            self.lines = []
            # One buffer and the addresses in it: an object for every line would cost as much
            # as ngspice's own parsing. ngspice copies the lines.
            encoded = [line.encode() + b"\0" for line in (*lines, "")]
            text = ffi.new("char[]", b"".join(encoded))
            places = np.zeros(len(encoded) + 1, dtype=np.uintp)
            places[1:-1] = np.cumsum([len(line) for line in encoded[:-1]])
            places[:-1] += int(ffi.cast("uintptr_t", text))
            self._ngspice_shared.ngSpice_Circ(ffi.cast("char **", ffi.from_buffer(places)))
            return self.lines

        def plots(self) -> list[str]:
            return self._names(self._ngspice_shared.ngSpice_AllPlots())

        def vectors(self, plot: str) -> dict[str, tuple[int, Array]]:
            found: dict[str, tuple[int, Array]] = {}
            names = self._names(self._ngspice_shared.ngSpice_AllVecs(plot.encode()))
            for name in reversed(names):  # the newest comes first
                info = self._ngspice_shared.ngGet_Vec_Info(f"{plot}.{name}".encode())
                if info == ffi.NULL or info.v_length <= 0:
                    continue
                values: Array
                if info.v_compdata != ffi.NULL:
                    data = ffi.buffer(info.v_compdata, info.v_length * 16)
                    values = np.frombuffer(data, dtype=np.complex128).copy()
                elif info.v_realdata != ffi.NULL:
                    data = ffi.buffer(info.v_realdata, info.v_length * 8)
                    values = np.frombuffer(data, dtype=np.float64).copy()
                else:
                    continue
                found[name] = (info.v_type, values)
            return found

        @staticmethod
        def _names(array: Any) -> list[str]:
            names: list[str] = []
            while array != ffi.NULL and array[len(names)] != ffi.NULL:
                names.append(ffi.string(array[len(names)]).decode("utf-8", "replace"))
            return names

    return Engine
