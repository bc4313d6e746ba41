"""ABC as a program of its own: found, run with limits on files that we wrote, and read back.

ABC gives 0 after many errors and aborts on some files, so what counts is the file that it wrote,
which the strict reader reads.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eda.aig import aiger_bytes
from eda.errors import ToolNotFoundError
from eda.process import run_limited

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.aig import Aig
    from eda.process import Ran

PROGRAMS: Final = ("berkeley-abc", "yosys-abc", "abc")
OFF: Final = "EDA_NO_ABC"
"""A variable that, where it is set, makes everything work as if ABC were not installed."""


@dataclass(frozen=True, slots=True)
class AbcRun:
    """What ABC did.

    Attributes:
        ran: How the process ended.
        files: The files it was asked for, as far as it wrote them.
    """

    ran: Ran
    files: dict[str, bytes]


def find_abc() -> str | None:
    """Return the ABC program, or None where there is none."""
    if os.environ.get(OFF):
        return None
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def need_abc(what: str) -> str:
    """Return the ABC program.

    Raises:
        ToolNotFoundError: It is not installed.
    """
    program = find_abc()
    if program is None:
        raise ToolNotFoundError(f"{what} needs ABC: run ./bootstrap, or install berkeley-abc")
    return program


def run_abc(
    script: str,
    *,
    circuits: Mapping[str, Aig],
    wanted: Sequence[str],
    seconds: float,
    wall_seconds: float | None = None,
    texts: Mapping[str, str] | None = None,
) -> AbcRun:
    """Run an ABC script in a folder of its own.

    Args:
        script: Commands; files are named as in ``circuits`` and ``wanted``.
        circuits: AIGs that are written for it, by file name. Only their logic: no names.
        wanted: Files that it shall write.
        seconds: Processor time.
        wall_seconds: Time on the clock.
        texts: Other files for it.

    Raises:
        ToolNotFoundError: ABC is not installed.
    """
    program = need_abc("this")
    with tempfile.TemporaryDirectory(prefix="eda-abc-") as folder:
        for name, aig in circuits.items():
            (Path(folder) / name).write_bytes(aiger_bytes(bare(aig)))
        for name, text in (texts or {}).items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        ran = run_limited(
            [program, "-q", script], folder=folder, seconds=seconds, wall_seconds=wall_seconds
        )
        paths = {name: Path(folder) / name for name in wanted}
        return AbcRun(ran, {name: p.read_bytes() for name, p in paths.items() if p.is_file()})


def bare(aig: Aig) -> Aig:
    """Return the logic without names and comment, which ABC would stumble over."""
    from eda.aig import Aig

    logic = aig.combinational()
    return Aig(logic.num_inputs, fanins=logic.fanins, outputs=logic.outputs)
