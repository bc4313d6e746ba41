"""openEMS as a program of its own: found, run on a problem with limits, its probes read.

openEMS (GPL-3) is optional. The program reads an XML file and writes a text file per probe, so
nothing of it is loaded into this process.
"""

from __future__ import annotations

import shutil
import tempfile
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from eda.errors import SimulationError, ToolNotFoundError
from eda.filters.fullwave.waves import Real, Signals
from eda.process import run_limited

PROGRAM: Final = "openEMS"
INSTALL: Final = "apt-get install openems"

MEMORY_BYTES: Final = 2 << 30
SECONDS: Final = 600.0
"""Processor time of one simulation."""

QUIET_DB: Final = 50.0
"""Signals that have fallen by so much from their peak have ended."""

_ON_A_PLANE: Final = ("ua", "ub", "uc", "ia", "ib")
_PROBES: Final = tuple(f"{name[0]}{port}{name[1]}" for port in "12" for name in _ON_A_PLANE)
_MOST_BYTES: Final = 64 << 20
_LOOK_S: Final = 0.5


def find_openems() -> str:
    """Return the path of the program.

    Raises:
        ToolNotFoundError: It is not installed.
    """
    found = shutil.which(PROGRAM)
    if found is None:
        raise ToolNotFoundError(
            f"openEMS is not installed: {INSTALL} (Debian, Ubuntu), or see "
            "https://docs.openems.de; --solver planar does without it"
        )
    return found


@lru_cache(maxsize=1)
def openems_version(program: str) -> str:
    """Return what the program says its version is."""
    with tempfile.TemporaryDirectory(prefix="eda-openems-") as folder:
        ran = run_limited([program], folder=folder, seconds=20.0, wall_seconds=60.0)
    words = ran.text.split()
    return next((b for a, b in pairwise(words) if a == "version"), "unknown")


def run_openems(xml: str, *, seconds: float = SECONDS, quiet_db: float = QUIET_DB) -> Signals:
    """Run a problem and return its probes.

    Args:
        xml: From :func:`eda.filters.fullwave.problem.problem_xml`.
        seconds: Processor time it may take.
        quiet_db: It ends once the waves at both ports have fallen by so much.

    Raises:
        ToolNotFoundError: openEMS is not installed.
        SimulationError: It failed, took too long, or left no signals.
    """
    command = [find_openems(), "problem.xml", "--engine=sse-compressed", "--disable-dumps"]
    with tempfile.TemporaryDirectory(prefix="eda-openems-") as name:
        folder = Path(name)
        (folder / "problem.xml").write_text(xml, encoding="utf-8")
        ran = run_limited(
            command,
            folder=name,
            seconds=seconds,
            memory_bytes=MEMORY_BYTES,
            watch=lambda: _stop_when_quiet(folder, quiet_db),
            watch_every_s=_LOOK_S,
        )
        if ran.why:
            raise SimulationError(
                f"openEMS failed: {ran.why}; {ran.text[-300:].strip()}",
                command=command,
                log=ran.text[-4000:],
            )
        try:
            return {probe: read_probe(folder / probe) for probe in _PROBES}
        except (OSError, ValueError) as error:
            raise SimulationError(
                f"openEMS left no signals: {error}", command=command, log=ran.text[-4000:]
            ) from None


def read_probe(path: Path) -> tuple[Real, Real]:
    """Return times in s and values of a probe's file.

    Raises:
        ValueError: It is no such file, or its values are not finite.
        OSError: It cannot be read.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{path.name}: larger than {_MOST_BYTES >> 20} MB")
    table = np.loadtxt(path, comments="%", ndmin=2)
    if table.shape[1:] != (2,) or len(table) < 16 or not np.isfinite(table).all():
        raise ValueError(f"{path.name}: not two columns of finite numbers, 16 rows at least")
    return table[:, 0], table[:, 1]


def has_ended(values: Real, quiet_db: float = QUIET_DB) -> bool:
    """Return whether a signal's last eighth is quiet beside its peak."""
    size = np.abs(values)
    least = 10 ** (-quiet_db / 20) * size.max()
    return len(size) >= 64 and bool(size[-len(size) // 8 :].max() < least)


def _stop_when_quiet(folder: Path, quiet_db: float) -> None:
    """Ask openEMS to end, once the waves that leave both ports have died away.

    Its own criterion is the energy in the mesh, which charge left on the copper holds up.
    """
    try:
        ended = all(has_ended(read_probe(folder / name)[1], quiet_db) for name in ("u1b", "u2b"))
    except (OSError, ValueError):
        return
    if ended:
        (folder / "ABORT").touch()
