"""A simulator that answers from a recording, so that users and tests run without ngspice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eda.errors import SimulationError
from eda.spice.results import from_bytes, to_bytes
from eda.spice.simulation import SimulationResult

if TYPE_CHECKING:
    from eda.spice.job import Job
    from eda.spice.simulator import Options, Simulator

_ANY: Final = "recorded"
"""A recording answers for every version of ngspice."""


class RecordedSimulator:
    r"""Answers simulations that were recorded before, each in a file of a folder.

    It has the face of the real one: ``simulate(deck, simulator=RecordedSimulator(folder))``.
    With ``record`` it runs what it does not know on that simulator, and keeps the answer.

    Example:
        >>> import tempfile
        >>> from eda.spice import Op, parse_netlist, simulate
        >>> recorded = RecordedSimulator(tempfile.mkdtemp())
        >>> deck = parse_netlist("* one resistor\nV1 a 0 1\nR1 a 0 1k\n")
        >>> try:
        ...     simulate(deck, Op(), simulator=recorded)
        ... except SimulationError as problem:
        ...     print(str(problem)[:29])
        there is no recording of this
    """

    def __init__(self, folder: str | os.PathLike[str], *, record: Simulator | None = None) -> None:
        """Take the folder, and what runs simulations that are not in it."""
        self.folder = Path(folder)
        self.record = record

    def run(self, job: Job, options: Options) -> SimulationResult:
        """Return the recorded result of a job.

        Raises:
            SimulationError: There is none.
        """
        path = self.folder / f"{job.key(_ANY)[:32]}.simulation"
        if path.is_file():
            try:
                return from_bytes(path.read_bytes())
            except ValueError as problem:
                raise SimulationError(
                    f"{path}: the recording is {problem}; record it anew"
                ) from None
        if self.record is None:
            raise SimulationError(
                f"there is no recording of this simulation in {self.folder}; record it with "
                "RecordedSimulator(folder, record=NGSPICE) where ngspice is installed"
            )
        result = self.record.run(job, options)
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_bytes(to_bytes(result))
        os.replace(temporary, path)
        return result
