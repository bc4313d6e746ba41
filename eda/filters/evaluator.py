"""Counted evaluation: designs against a mask, and every call and gradient on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.mask import Mask
from eda.filters.nodal import Physics, Response, respond

Real = NDArray[np.float64]

Shape = Any
"""A topology of parts; or, for printed filters, a template of layouts."""

_CHUNK: Final = 12
"""Designs evaluated together; more no longer fit the cache, and are slower."""


class BudgetSpentError(Exception):
    """A search came to the end of the evaluations it was allowed."""


@dataclass(slots=True)
class Ledger:
    """How much was spent.

    Attributes:
        calls: Designs whose response was computed, one each also where many share a batch.
        gradients: Designs whose derivatives were computed.
        simulations: Runs of ngspice.
        limit: Most calls and gradients together; None for no limit.
    """

    calls: int = 0
    gradients: int = 0
    simulations: int = 0
    limit: int | None = None

    def charge(self, calls: int, gradients: int = 0) -> None:
        """Write down what is about to be spent.

        Raises:
            BudgetSpentError: The limit would be passed.
        """
        if self.limit is not None and self.evaluations + calls + gradients > self.limit:
            raise BudgetSpentError(f"{self.limit} evaluations are spent")
        self.calls += calls
        self.gradients += gradients

    @property
    def evaluations(self) -> int:
        """Calls and gradients together."""
        return self.calls + self.gradients


@dataclass(slots=True)
class Evaluator:
    """Evaluates designs of any topology against one mask.

    Attributes:
        mask: The mask.
        physics: Losses, op-amp, ports.
        ledger: What was spent.
    """

    mask: Mask
    physics: Physics
    ledger: Ledger = field(default_factory=Ledger)

    def margin(self, topology: Shape, log_values: Real, **more: Any) -> Real:
        """Return the margin in dB of each design (designs x parts)."""
        return np.asarray(self.margins(topology, log_values, **more).min(axis=1))

    def margins(
        self, topology: Shape, log_values: Real, *, tables: Sequence[Any] | None = None
    ) -> Real:
        """Return the margin in dB at every row of the mask, designs x rows."""
        made = []
        for at in range(0, len(log_values), _CHUNK):
            part = log_values[at : at + _CHUNK]
            self.ledger.charge(len(part))
            gain, back = self.mask.levels(self._respond(topology, part, tables=tables))
            made.append(self.mask.margins(gain, back))
        return np.concatenate(made)

    def linearised(
        self, topology: Shape, log_values: Real, *, tables: Sequence[Any] | None = None
    ) -> tuple[Real, Real, Real, Real]:
        """Return gain, return loss (points) and their slopes (parts x points) of one design."""
        self.ledger.charge(1, 1)
        response = self._respond(topology, log_values[None], derivatives=True, tables=tables)
        gain, back = self.mask.levels(response)
        d_gain, d_back = self.mask.slopes(response)
        return gain[0], back[0], d_gain[0], d_back[0]

    def levels(
        self, topology: Shape, log_values: Real, *, tables: Sequence[Any] | None = None
    ) -> tuple[Real, Real]:
        """Return gain and return loss in dB of one design, at every point."""
        self.ledger.charge(1)
        gain, back = self.mask.levels(self._respond(topology, log_values[None], tables=tables))
        return gain[0], back[0]

    def _respond(self, topology: Shape, log_values: Real, **more: Any) -> Response:
        with np.errstate(all="ignore"):
            return respond(topology, log_values, self.mask.frequency_hz, self.physics, **more)

    def on(self, mask: Mask) -> Evaluator:
        """Return an evaluator of another mask that keeps the same record."""
        return Evaluator(mask, self.physics, self.ledger)
