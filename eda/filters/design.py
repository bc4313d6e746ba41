"""From a specification to a verified filter: search, snap, simulate what is delivered, correct."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import InputError, SpecError
from eda.filters.deck import write_deck
from eda.filters.evaluator import Ledger
from eda.filters.impossible import why_impossible
from eda.filters.montecarlo import monte_carlo_yield, tolerances
from eda.filters.objectives import OBJECTIVES, designs_for
from eda.filters.result import FilterResult
from eda.filters.search import SAFETY_DB, Design, Search
from eda.filters.series import values as allowed_values
from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import read_spec, spec_of
from eda.filters.stability import is_stable
from eda.filters.starts import Start, rules_of, textbook
from eda.filters.verify import Verified, verify_deck

if TYPE_CHECKING:
    from eda.spice.simulator import Simulator

CORRECTIONS: Final = 3
"""Most designs that are replaced because ngspice refuses them."""

MICROSTRIP: Final = (
    "microstrip filters cannot be designed yet; lumped_lc and active_rc can, and the "
    "specification itself is valid"
)


def design_filter(
    spec: FilterSpec | Mapping[str, Any] | str | os.PathLike[str],
    seed: int = 0,
    *,
    objective: str = "yield",
    start: str | os.PathLike[str] | None = None,
    policy: bool = True,
    simulator: Simulator | None = None,
    progress: Callable[[str], object] | None = None,
) -> FilterResult:
    """Design a filter, and have ngspice confirm the deck that is delivered.

    Args:
        spec: A specification, its plain values, or the path of a ``filter-spec/1`` file.
        seed: Draws the filters of the Monte-Carlo yield; the search itself leaves nothing to
            chance.
        objective: What to make best once the mask is kept: `OBJECTIVES`.
        start: A deck whose circuit and values are retuned, instead of textbook circuits.
        policy: Whether the learned policy may say which circuits to try first.
        simulator: What verifies; ngspice by default.
        progress: Called with what is being done.

    Returns:
        The best design found. Where it does not keep the mask, ``solved`` is False, and
        ``impossible`` says why where theory does.

    Raises:
        SpecError: The specification is malformed, or of a technology that cannot be designed yet.
        InputError: The objective is not known.
        SimulatorNotFoundError: ngspice is not installed.
        SimulationError: ngspice failed on the deck.

    Example:
        >>> from eda.filters.terse import terse_spec
        >>> spec = terse_spec(lowpass="10MHz", stop="25MHz:30dB", parts=5)
        >>> design_filter(spec).solved  # doctest: +SKIP
        True
    """
    begun = time.perf_counter()
    spec = _spec(spec)
    if spec.technology == "microstrip":
        raise SpecError(f"{spec.id}: technology: {MICROSTRIP}")
    if objective not in OBJECTIVES:
        raise InputError(
            f"objective is {objective!r}; write one of {', '.join(sorted(OBJECTIVES))}"
        )
    ledger = Ledger()
    found = _found(spec, objective, ledger, start, policy, progress)
    if not found:
        raise SpecError(
            f"{spec.id}: limits: no known circuit has so few parts; allow more parts or op-amps"
        )
    corrections, checked = 0, dict[int, Verified]()
    with tempfile.TemporaryDirectory(prefix="eda-filter-") as folder:
        for at, design in enumerate(found[: CORRECTIONS + 1]):
            deck = Path(folder) / f"filter{at}.cir"
            deck.write_text(write_deck(spec, design.topology, design.values), encoding="utf-8")
            if progress:
                progress(f"simulating {design.topology.name}")
            checked[at] = verify_deck(deck, spec, simulator=simulator)
            ledger.simulations += 1
            corrections = at
            if checked[at].margin_db >= 0 or design.margin_db < 0:
                break
    best = max(checked, key=lambda at: (checked[at].margin_db >= 0, -at))
    if checked[best].margin_db < 0:
        best = max(checked, key=lambda at: checked[at].margin_db)
    design, verified = found[best], checked[best]
    solved = verified.margin_db >= 0 and keeps_limits(spec, design)
    batch = monte_carlo_yield(
        Search(spec).coarse,
        design.topology,
        design.log_values,
        tolerances(spec, design.topology),
        trials=spec.mc_trials,
        seed=seed,
    )
    return FilterResult(
        spec=spec,
        topology=design.topology,
        values=design.values,
        solved=solved,
        margin_db=verified.margin_db,
        by_band=verified.by_band,
        frequency_hz=verified.frequency_hz,
        s=verified.s,
        origin=design.origin,
        ledger=ledger,
        seconds=time.perf_counter() - begun,
        corrections=corrections,
        impossible="" if solved else why_impossible(spec),
        batch=batch,
        deck=write_deck(spec, design.topology, design.values),
        alternatives=tuple(
            (item.topology.name, item.margin_db) for item in found if item is not design
        ),
        objective=objective,
    )


def _spec(spec: FilterSpec | Mapping[str, Any] | str | os.PathLike[str]) -> FilterSpec:
    if isinstance(spec, FilterSpec):
        return spec
    if isinstance(spec, Mapping):
        return spec_of(spec)
    return read_spec(spec)


def _found(
    spec: FilterSpec,
    objective: str,
    ledger: Ledger,
    start: str | os.PathLike[str] | None,
    policy: bool,
    progress: Callable[[str], object] | None,
) -> list[Design]:
    starts: list[Start]
    if start is not None:
        from eda.filters.start_deck import read_start

        starts = [read_start(start, spec)]
        return designs_for(spec, starts, objective, ledger=ledger, progress=progress)
    starts = textbook(spec)
    if not starts:
        return []
    return designs_for(spec, starts, objective, ledger=ledger, progress=progress)


def keeps_limits(spec: FilterSpec, design: Design) -> bool:
    """Return whether the values are of their series and ranges, and the circuit is stable."""
    rules = rules_of(spec, design.topology)
    for rule, value in zip(rules, design.values, strict=True):
        if np.abs(allowed_values(rule) / value - 1).min() > 1e-9:
            return False
    if design.topology.opamps:
        return is_stable(design.topology, design.values, Search(spec).coarse.physics)
    return True


__all__ = ["CORRECTIONS", "SAFETY_DB", "design_filter", "keeps_limits"]
