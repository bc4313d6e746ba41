"""What a design comes to: the circuit, its simulated response, and how it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eda.filters.evaluator import Ledger
from eda.filters.files import write_files
from eda.filters.library import LibraryPart
from eda.filters.mask import Mask, coarse_mask
from eda.filters.montecarlo import Yield
from eda.filters.network import Topology
from eda.filters.spec import FilterSpec
from eda.filters.touchstone import touchstone_text

if TYPE_CHECKING:
    from eda.filters.curves import Sweep

VERIFIER = "ngspice"


@dataclass(frozen=True)
class FilterResult:
    """A designed filter.

    Attributes:
        spec: What was asked for.
        topology: The circuit.
        values: Of its parts, in SI units.
        solved: Whether ngspice confirms that the deck keeps the mask, and every limit is kept.
        margin_db: Least margin over all mask points, as simulated.
        by_band: Least margin of each band, as simulated.
        frequency_hz: Points of the simulation.
        s: Simulated S-parameters, points x 2 x 2.
        origin: Where the search for this circuit began.
        ledger: Evaluations and simulations that were spent.
        seconds: Time the design took, verification included.
        corrections: How often another design was delivered because ngspice refused one.
        impossible: Why theory forbids the specification; empty where it does not.
        batch: The Monte-Carlo yield within the parts' tolerances.
        alternatives: Other circuits that were found, and their margins in dB.
        deck: The text of ``filter.cir``.
        objective: What was made best.
        measured: The library's part behind each part, by name; empty for parts of a series.
    """

    spec: FilterSpec
    topology: Topology
    values: tuple[float, ...]
    solved: bool
    margin_db: float
    by_band: Mapping[str, float]
    frequency_hz: NDArray[np.float64]
    s: NDArray[np.complex128]
    origin: str
    ledger: Ledger
    seconds: float
    corrections: int
    impossible: str
    batch: Yield
    deck: str
    alternatives: tuple[tuple[str, float], ...] = ()
    objective: str = "yield"
    measured: Mapping[str, LibraryPart] = field(default_factory=dict)

    @property
    def batch_mask(self) -> Mask:
        """The points at which the spread of ``batch`` is known."""
        return coarse_mask(self.spec)

    def sweep(self, low_hz: float, high_hz: float, *, points: int = 1601) -> Sweep:
        """Return the response between two frequencies; see `eda.filters.curves.sweep`."""
        from eda.filters.curves import sweep

        return sweep(self, low_hz, high_hz, points=points)

    @property
    def touchstone(self) -> str:
        """The text of ``filter.s2p``."""
        return touchstone_text(self.spec, self.frequency_hz, self.s)

    def write(self, folder: Path | str, *, report: bool = True) -> list[Path]:
        """Write ``filter.cir``, ``filter.s2p`` and ``report.html``; return their paths."""
        from eda.filters.report import report_html

        texts = {"filter.cir": self.deck, "filter.s2p": self.touchstone}
        if report:
            texts["report.html"] = report_html(self)
        return write_files(Path(folder), texts)

    def to_dict(self) -> dict[str, object]:
        """Return the answer for programs."""
        low, high = self.batch.interval
        return {
            "solved": self.solved,
            "margin_db": round(self.margin_db, 6),
            "verifier": VERIFIER,
            "simulator_calls": self.ledger.simulations,
            "seconds": round(self.seconds, 3),
            "topology": self.topology.name,
            "parts": {
                part.name: value
                for part, value in zip(self.topology.parts, self.values, strict=True)
            },
            "margins_db": {name: round(value, 6) for name, value in self.by_band.items()},
            "yield": {"share": self.batch.share, "low": low, "high": high},
            "evaluations": self.ledger.evaluations,
            "corrections": self.corrections,
            "impossible": self.impossible or None,
            "objective": self.objective,
        }
