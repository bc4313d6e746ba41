"""A simulation made ready: the deck's text, and the steps that ngspice is sent one by one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from eda.spice.analyses import Analysis
from eda.spice.simulation import Status

StepKind = Literal["analysis", "command", "measure", "let", "print"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do with a loaded deck.

    Attributes:
        kind: ``analysis`` must leave a plot; ``command`` only has an effect; ``measure``, ``let``
            and ``print`` leave a vector called ``name``.
        text: The line that ngspice is sent.
        name: The vector.
        analysis: What an ``analysis`` step is, typed.
    """

    kind: StepKind
    text: str
    name: str = ""
    analysis: Analysis | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A simulation that can be run, cached or recorded.

    Attributes:
        deck: The netlist, written by our writer, without analyses and ``.control``.
        steps: What to do with it, in order.
        measures: Analysis and lower-case name of each ``.measure`` card of the deck.
        saves: What ``.save`` asks for by name, lower case.
        parameters: Parameters of the top level that are set after loading.
        seed: Where chance enters (``agauss``, ``trnoise``), it starts from here; None where not.
        folder: Where relative file names of code models begin; empty for nowhere.
        trusted: Whether the deck holds its ``.control`` block.
        notes: Remarks for the log.
    """

    deck: str
    steps: tuple[Step, ...]
    measures: tuple[tuple[str, str], ...] = ()
    saves: tuple[str, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    seed: int | None = None
    folder: str = ""
    trusted: bool = False
    notes: tuple[str, ...] = ()

    def request(self, *, memory_limit_mb: float) -> dict[str, Any]:
        """Return what a worker is sent."""
        return {
            "deck": self.deck,
            "state": self._state(),
            "steps": [[step.kind, step.text, step.name] for step in self.steps],
            "measures": [list(item) for item in self.measures],
            "parameters": dict(self.parameters),
            "seed": self.seed,
            "folder": self.folder,
            "trusted": self.trusted,
            "memory_mb": memory_limit_mb,
        }

    def _state(self) -> str:
        """Return what a worker is left with, from which the next of a sweep can begin.

        A parameter that was set before and is not set now must fall back to what the deck
        says; so the names count. Empty: the deck must be loaded anew.
        """
        if not self.parameters or self.trusted:
            return ""
        digest = hashlib.sha256(self.deck.encode()).hexdigest()
        return f"{digest} {' '.join(sorted(self.parameters))}"

    def key(self, simulator: str) -> str:
        """Return the hash of all that the result depends on.

        Args:
            simulator: What tells one build of ngspice from another.
        """
        parts = [
            "eda.simulation/2",
            simulator,
            self.deck,
            [[step.kind, step.text, step.name] for step in self.steps],
            sorted(self.parameters.items()),
            self.seed,
            self.folder,
            self.trusted,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class NotRun:
    """Why a simulation is not even tried."""

    status: Status
    reason: str
