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
from eda.filters.library import LibraryPart, find_part, library_cards, read_library
from eda.filters.microstrip.design import PrintedResult, design_printed
from eda.filters.montecarlo import monte_carlo_yield, tolerances
from eda.filters.nodal import physics_of
from eda.filters.objectives import OBJECTIVES, designs_for, estimated_yield
from eda.filters.policy import shipped_policy
from eda.filters.result import FilterResult
from eda.filters.search import SAFETY_DB, Design, Search, search
from eda.filters.series import values as allowed_values
from eda.filters.spec import ActiveLimits, FilterSpec, LumpedLimits
from eda.filters.spec_reader import read_spec, spec_of
from eda.filters.stability import is_stable
from eda.filters.starts import Start, rule_of, textbook
from eda.filters.verify import Verified, verify_deck

if TYPE_CHECKING:
    from eda.spice.simulator import Simulator

PROPOSALS: Final = 3
"""Circuits that the policy proposes, each refined, before textbooks are opened."""

GOOD_YIELD: Final = 0.9
"""Where the policy's best comes so far, textbooks stay closed."""

CORRECTIONS: Final = 3
"""Most designs that are replaced because ngspice refuses them."""


def design_filter(
    spec: FilterSpec | Mapping[str, Any] | str | os.PathLike[str],
    seed: int = 0,
    *,
    objective: str = "yield",
    start: str | os.PathLike[str] | None = None,
    library: str | os.PathLike[str] | None = None,
    policy: bool = True,
    full_wave: int = 0,
    solver: str | None = None,
    simulator: Simulator | None = None,
    progress: Callable[[str], object] | None = None,
) -> FilterResult | PrintedResult:
    """Design a filter, and have ngspice confirm the deck that is delivered.

    Args:
        spec: A specification, its plain values, or the path of a ``filter-spec/1`` file.
        seed: Draws the filters of the Monte-Carlo yield; the search itself leaves nothing to
            chance.
        objective: What to make best once the mask is kept: `OBJECTIVES`.
        start: A deck whose circuit and values are retuned, instead of textbook circuits; for
            microstrip a ``filter-layout/1`` file.
        library: A folder of measured parts (``.s2p``), of which alone to build; lumped only.
        policy: Whether the learned policy may say which circuits to try first.
        full_wave: Most calls of full wave, that verify and correct a microstrip layout; 0 for none.
        solver: What full wave is solved by, ``openems`` or ``planar``; openEMS by default.
        simulator: What verifies; ngspice by default.
        progress: Called with what is being done.

    Returns:
        The best design found. Where it does not keep the mask, ``solved`` is False, and
        ``impossible`` says why where theory does.

    Raises:
        SpecError: The specification is malformed, or none of its families can be drawn.
        InputError: The objective or the solver is not known, or full wave cannot solve the layout.
        SimulatorNotFoundError: ngspice is not installed.
        ToolNotFoundError: openEMS is not installed, and was asked for.
        SimulationError: ngspice failed on the deck, or full wave on the layout.

    Example:
        >>> from eda.filters.terse import terse_spec
        >>> spec = terse_spec(lowpass="10MHz", stop="25MHz:30dB", parts=5)
        >>> design_filter(spec).solved  # doctest: +SKIP
        True
    """
    spec = _spec(spec)
    if spec.technology == "microstrip":
        if library is not None:
            raise SpecError(f"{spec.id}: technology: --library goes with lumped filters")
        return design_printed(
            spec,
            seed,
            start=start,
            full_wave=full_wave,
            solver=solver,
            simulator=simulator,
            progress=progress,
        )
    if full_wave:
        raise SpecError(f"{spec.id}: technology: --full-wave goes with microstrip filters")
    return design_circuit(
        spec,
        seed,
        objective=objective,
        start=start,
        library=library,
        policy=policy,
        simulator=simulator,
        progress=progress,
    )


def design_circuit(
    spec: FilterSpec | Mapping[str, Any] | str | os.PathLike[str],
    seed: int = 0,
    *,
    objective: str = "yield",
    start: str | os.PathLike[str] | None = None,
    library: str | os.PathLike[str] | None = None,
    policy: bool = True,
    simulator: Simulator | None = None,
    progress: Callable[[str], object] | None = None,
) -> FilterResult:
    """Design a filter of parts: as `design_filter`, for all technologies but microstrip."""
    begun = time.perf_counter()
    spec = _spec(spec)
    if objective not in OBJECTIVES:
        raise InputError(
            f"objective is {objective!r}; write one of {', '.join(sorted(OBJECTIVES))}"
        )
    ledger = Ledger()
    measured = _library(spec, library)
    impossible = why_impossible(spec)
    if impossible and start is None:
        # The closest is still wanted, and no effort will make it better than that.
        found = search(spec, textbook(spec), ledger=ledger, refine_most=4, snap_most=2, first=True)
    else:
        found = _found(spec, objective, ledger, start, policy, measured, progress)
    if not found:
        raise SpecError(
            f"{spec.id}: limits: no known circuit has so few parts; allow more parts or op-amps"
        )
    corrections, checked = 0, dict[int, Verified]()
    with tempfile.TemporaryDirectory(prefix="eda-filter-") as folder:
        for at, design in enumerate(found[: CORRECTIONS + 1]):
            deck = Path(folder) / f"filter{at}.cir"
            deck.write_text(_deck(spec, design, measured), encoding="utf-8")
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
    solved = verified.margin_db >= 0 and keeps_limits(spec, design, measured)
    batch = monte_carlo_yield(
        Search(spec, parts=measured).coarse,
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
        impossible="" if solved else impossible,
        batch=batch,
        deck=_deck(spec, design, measured),
        alternatives=tuple(
            (item.topology.name, item.margin_db) for item in found if item is not design
        ),
        objective=objective,
        measured=_cards(design, measured) or {},
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
    measured: tuple[LibraryPart, ...],
    progress: Callable[[str], object] | None,
) -> list[Design]:
    starts: list[Start]
    if start is not None:
        from eda.filters.start_deck import read_start

        starts = [read_start(start, spec)]
        return designs_for(
            spec, starts, objective, ledger=ledger, parts=measured, progress=progress
        )
    learned = shipped_policy() if policy and objective == "yield" else None
    found: list[Design] = []
    if learned is not None:
        if progress:
            progress("asking the policy")
        starts = learned.proposals(spec, Search(spec, ledger).coarse, most=PROPOSALS)
        found = designs_for(
            spec,
            starts,
            objective,
            ledger=ledger,
            screened=True,
            parts=measured,
            progress=progress,
        )
        if _good(spec, found, ledger, measured):
            return found
    starts = textbook(spec)
    if not starts:
        return found
    more = designs_for(spec, starts, objective, ledger=ledger, parts=measured, progress=progress)
    return _merged(spec, found, more, ledger)


def _good(
    spec: FilterSpec, found: list[Design], ledger: Ledger, measured: tuple[LibraryPart, ...]
) -> bool:
    """Return whether the policy's best needs no textbook beside it."""
    if not found or found[0].margin_db < SAFETY_DB:
        return False
    return bool(measured) or estimated_yield(spec, found[0], ledger) >= GOOD_YIELD


def _merged(
    spec: FilterSpec, found: list[Design], more: list[Design], ledger: Ledger
) -> list[Design]:
    """Return two lists of designs as one, the one with the better leader first."""
    ours = [item for item in found if item.margin_db >= SAFETY_DB]
    theirs = [item for item in more if item.margin_db >= SAFETY_DB]
    if ours and theirs:
        shares = [estimated_yield(spec, group[0], ledger) for group in (ours, theirs)]
        first, second = (ours, theirs) if shares[0] > shares[1] else (theirs, ours)
        return first + second
    return (ours or theirs) + sorted(
        (item for item in [*found, *more] if item.margin_db < SAFETY_DB),
        key=lambda item: -item.margin_db,
    )


def _library(spec: FilterSpec, folder: str | os.PathLike[str] | None) -> tuple[LibraryPart, ...]:
    if folder is None:
        return ()
    if spec.technology != "lumped_lc":
        raise InputError(f"--library goes with lumped_lc; {spec.id} is {spec.technology}")
    found = read_library(folder)
    for kind in ("inductor", "capacitor"):
        rule = rule_of(spec, kind)
        if not any(p.kind == kind and rule.low <= p.value <= rule.high for p in found):
            raise InputError(
                f"{folder}: holds no {kind} from {rule.low:g} to {rule.high:g}; add some"
            )
    return tuple(
        part
        for part in found
        if rule_of(spec, part.kind).low <= part.value <= rule_of(spec, part.kind).high
    )


def _deck(spec: FilterSpec, design: Design, measured: tuple[LibraryPart, ...]) -> str:
    cards = _cards(design, measured)
    return write_deck(spec, design.topology, design.values, measured=cards)


def _cards(design: Design, measured: tuple[LibraryPart, ...]) -> dict[str, LibraryPart] | None:
    if not (measured and design.snapped):
        return None
    return library_cards(measured, design.topology, design.values)


def keeps_limits(spec: FilterSpec, design: Design, measured: tuple[LibraryPart, ...] = ()) -> bool:
    """Return whether the limits are kept: number of parts, series and ranges, stability.

    Args:
        spec: The specification.
        design: The design.
        measured: The library it is made of; empty for the series.
    """
    topology = design.topology
    if isinstance(spec.limits, LumpedLimits) and topology.size > spec.lumped.max_parts:
        return False
    if isinstance(spec.limits, ActiveLimits) and len(topology.opamps) > spec.active.max_opamps:
        return False
    for part, value in zip(topology.parts, design.values, strict=True):
        if measured:
            if find_part(measured, part.kind, value) is None:
                return False
        elif np.abs(allowed_values(rule_of(spec, part.kind)) / value - 1).min() > 1e-9:
            return False
    if topology.opamps:
        return is_stable(topology, design.values, physics_of(spec))
    return True


__all__ = ["CORRECTIONS", "SAFETY_DB", "design_filter", "keeps_limits"]
