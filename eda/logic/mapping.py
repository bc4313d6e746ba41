"""What a circuit costs once it is mapped: 6-input LUTs, or cells of a Liberty library."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.logic.abc import find_abc, need_abc, run_abc

if TYPE_CHECKING:
    from pathlib import Path

    from eda.aig import Aig

SECONDS: Final = 60.0
MAX_LIBERTY_BYTES: Final = 64 << 20
_LUTS: Final = re.compile(r"nd *= *(\d+).*?lev *= *(\d+)")
_CELLS: Final = re.compile(r"area *= *([0-9.]+).*?delay *= *([0-9.]+)")


def map_luts(aig: Aig, *, seconds: float = SECONDS) -> tuple[float, float] | None:
    """Return how many 6-input LUTs ABC makes of a circuit, and their levels.

    The mapper is ``if -K 6 -a`` (area first), after ``dch``, for every circuit alike.

    Returns:
        None where ABC is not installed, or does not end in its time.
    """
    if find_abc() is None:
        return None
    made = run_abc(
        "read_aiger a.aig; strash; dch; if -K 6 -a; print_stats",
        circuits={"a.aig": aig},
        wanted=[],
        seconds=seconds,
    )
    found = _LUTS.search(_plain(made.ran.text))
    return (float(found[1]), float(found[2])) if found else None


def map_liberty(aig: Aig, liberty: Path, *, seconds: float = SECONDS) -> tuple[float, float] | None:
    """Return area and delay (as ABC reports it, ps for most libraries) on a Liberty library.

    Raises:
        InputError: The library cannot be read, or ABC does not understand it.
        ToolNotFoundError: ABC is not installed.
    """
    need_abc("--liberty")
    try:
        if liberty.stat().st_size > MAX_LIBERTY_BYTES:
            raise InputError(f"{liberty}: more than {MAX_LIBERTY_BYTES >> 20} MB")
        text = liberty.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{liberty}: cannot be read: {error.strerror or error}") from error
    made = run_abc(
        "read_lib -w cells.lib; read_aiger a.aig; strash; dch; map -a; topo; print_stats",
        circuits={"a.aig": aig},
        wanted=[],
        seconds=seconds,
        texts={"cells.lib": text},
    )
    found = _CELLS.search(_plain(made.ran.text))
    if found is None:
        lines = [line for line in made.ran.text.splitlines() if "annot" in line or "rror" in line]
        raise InputError(
            f"{liberty}: ABC could not map to these cells: "
            f"{lines[0].strip() if lines else made.ran.why or 'it says nothing'}"
        )
    return float(found[1]), float(found[2])


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
