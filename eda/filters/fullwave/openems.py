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
from eda.filters.fullwave.tail import drawn_out, foretold
from eda.filters.fullwave.waves import Real, Signals
from eda.process import run_limited

PROGRAM: Final = "openEMS"
INSTALL: Final = "apt-get install openems"

MEMORY_BYTES: Final = 2 << 30
SECONDS: Final = 600.0
"""Processor time of one simulation."""

QUIET: Final = 10 ** (-50 / 20)
"""Signals that have fallen to this of their peak have ended."""

_ON_A_PLANE: Final = ("ua", "ub", "uc", "ia", "ib")
_PROBES: Final = tuple(f"{name[0]}{port}{name[1]}" for port in "12" for name in _ON_A_PLANE)
_MOST_BYTES: Final = 64 << 20
_LOOK_S: Final = 0.5
_LONGER: Final = 1.1
"""Signals are foretold anew once they have grown by so much."""


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


def run_openems(xml: str, *, seconds: float = SECONDS, foretell: bool = False) -> Signals:
    """Run a problem and return its probes.

    Args:
        xml: From :func:`eda.filters.fullwave.problem.problem_xml`.
        seconds: Processor time it may take.
        foretell: End as soon as the rest follows from what there is, and draw the signals out;
            see :mod:`eda.filters.fullwave.tail`. Some three times as fast.

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
            watch=_Watch(folder, foretell),
            watch_every_s=_LOOK_S,
        )
        if ran.why:
            raise SimulationError(
                f"openEMS failed: {ran.why}; {ran.text[-300:].strip()}",
                command=command,
                log=ran.text[-4000:],
            )
        try:
            signals = {probe: read_probe(folder / probe) for probe in _PROBES}
        except (OSError, ValueError) as error:
            raise SimulationError(
                f"openEMS left no signals: {error}", command=command, log=ran.text[-4000:]
            ) from None
    return drawn_out(signals) if foretell else signals


def read_probe(path: Path) -> tuple[Real, Real]:
    """Return times in s and values of a probe's file.

    Raises:
        ValueError: It is no such file, or its values are not finite.
        OSError: It cannot be read.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{path.name}: larger than {_MOST_BYTES >> 20} MB")
    rows = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("%")]
    if len(rows) < 16:
        raise ValueError(f"{path.name}: {len(rows)} rows of numbers, not 16 rows at least")
    table = np.loadtxt(rows, ndmin=2)
    if table.shape[1:] != (2,) or not np.isfinite(table).all():
        raise ValueError(f"{path.name}: not two columns of finite numbers")
    return table[:, 0], table[:, 1]


def has_ended(values: Real) -> bool:
    """Return whether a signal's last eighth is quiet beside its peak."""
    size = np.abs(values)
    return len(size) >= 64 and bool(size[-len(size) // 8 :].max() < QUIET * size.max() > 0)


class _Watch:
    """Asks openEMS to end, once the waves that leave both ports have died away or are foretold.

    Its own criterion is the energy in the mesh, which charge left on the copper holds up.
    """

    def __init__(self, folder: Path, foretell: bool) -> None:
        self.folder, self.foretell, self.tried = folder, foretell, 0

    def __call__(self) -> None:
        try:
            if self._ended():
                (self.folder / "ABORT").touch()
        except (OSError, ValueError):
            return

    def _ended(self) -> bool:
        signals = {name: read_probe(self.folder / name) for name in ("u1b", "u2b")}
        length = len(signals["u1b"][1])
        if self.foretell and length > _LONGER * self.tried:
            self.tried = length
            if foretold(signals):
                # Two probes are quickly read; all ten must say so.
                return foretold({name: read_probe(self.folder / name) for name in _PROBES})
        return has_ended(signals["u1b"][1]) and has_ended(signals["u2b"][1])
