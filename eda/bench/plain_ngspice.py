"""libngspice by plain ctypes, without us and without PySpice: what the engine is measured against.

``python -m eda.bench.plain_ngspice JOB.json`` runs a deck over and over with a parameter that
moves, in a process of its own, and prints the seconds that each round took.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eda.spice.ngspice_shared import library_path


def load() -> Callable[[str], int]:
    """Load the library; return what runs a command."""
    library = ctypes.CDLL(library_path())
    silent = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p)(
        lambda *_: 0
    )
    leave = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.c_int, ctypes.c_bool, ctypes.c_bool, ctypes.c_int, ctypes.c_void_p
    )(lambda *_: 0)
    library.ngSpice_Init(silent, None, leave, None, None, None, None)

    def command(text: str) -> int:
        return int(library.ngSpice_Command(text.encode()))

    command.kept = (library, silent, leave)  # type: ignore[attr-defined]  # C calls them back
    for text in ("set num_threads=1", "set noaskquit", "set nomoremode"):
        command(text)
    return command


def run(job: dict[str, Any]) -> list[float]:
    """Return the seconds of each round: parameter, reset, analyses, and nothing kept."""
    command = load()
    library = command.kept[0]  # type: ignore[attr-defined]
    lines = [line.encode() for line in job["deck"].splitlines()]
    array = (ctypes.c_char_p * (len(lines) + 1))(*lines, None)
    library.ngSpice_Circ(array)
    seconds = []
    for _ in range(job["rounds"]):
        begun = time.perf_counter()
        for value in job["values"]:
            command(f"alterparam {job['parameter']}={value!r}")
            command("reset")
            for analysis in job["analyses"]:
                command(analysis)
            command("destroy all")
        seconds.append(time.perf_counter() - begun)
    return seconds


if __name__ == "__main__":
    print(json.dumps(run(json.loads(Path(sys.argv[1]).read_text()))))  # noqa: T201
