"""From a specification of a printed filter to a layout whose deck ngspice confirms."""

from __future__ import annotations

import json
import math
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.errors import SpecError
from eda.filters.evaluator import Ledger
from eda.filters.files import write_files
from eda.filters.mask import DB, coarse_mask
from eda.filters.microstrip.copper import dxf_text, gds_bytes, kicad_footprint
from eda.filters.microstrip.deck import layout_deck
from eda.filters.microstrip.etching import etching_yield
from eda.filters.microstrip.evaluator import reference_s
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.picture import layout_svg
from eda.filters.microstrip.search import (
    PrintedDesign,
    PrintedSearch,
    held_back,
    search_layouts,
)
from eda.filters.microstrip.start_layout import none_worse, read_layout_start
from eda.filters.microstrip.starts import reserve_layouts, textbook_layouts
from eda.filters.montecarlo import Yield
from eda.filters.neural.deck import neural_deck
from eda.filters.neural.simulator import foreseen_margin_db
from eda.filters.neural.weights import knows, load_weights
from eda.filters.spec import FilterSpec
from eda.filters.touchstone import touchstone_text
from eda.filters.verify import Verified, verify_deck

if TYPE_CHECKING:
    from eda.filters.curves import Sweep
    from eda.filters.fullwave.correct import Solver, Step
    from eda.filters.microstrip.starts import Start
    from eda.spice.simulator import Simulator

VERIFIER: Final = "closed form, deck by ngspice"
CORRECTIONS: Final = 3
"""Most decks that are written anew because ngspice finds one outside of the mask."""

_SECOND_CHOICES: Final = 3


@dataclass(frozen=True)
class PrintedResult:
    """A designed microstrip filter.

    Attributes:
        spec: What was asked for.
        layout: The copper, on the grid.
        solved: Whether the layout keeps every limit, and the verifier finds the mask kept: the
            closed forms and ngspice on the deck both, or full wave where it was asked for.
        margin_db: The verifier's margin; the smaller one of the closed forms and ngspice.
        reference_db: Margin by the closed forms.
        deck_db: Margin of the deck in ngspice.
        by_band: The verifier's least margin of each band.
        frequency_hz: Points of the simulation.
        s: Simulated S-parameters, points x 2 x 2.
        reference: The same by the closed forms.
        broken: Limits that are broken, a sentence each.
        origin: Where the search for this layout began.
        ledger: Evaluations and simulations that were spent.
        seconds: Time the design took, verification included.
        deck: The text of ``filter.cir``.
        batch: How many boards keep the mask as they are etched.
        held_back: Where the mask is not met: limits that the closest layout runs into.
        alternatives: Other layouts that were found, and their margins in dB.
        steps: Every layout that was solved in full wave, in order; the best one is delivered.
    """

    spec: FilterSpec
    layout: Layout
    solved: bool
    margin_db: float
    reference_db: float
    deck_db: float
    by_band: Mapping[str, float]
    frequency_hz: NDArray[np.float64]
    s: NDArray[np.complex128]
    reference: NDArray[np.complex128]
    broken: tuple[str, ...]
    origin: str
    ledger: Ledger
    seconds: float
    deck: str
    batch: Yield
    held_back: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def verifier(self) -> str:
        """Who decided whether the mask is kept."""
        return f"full wave by {self.steps[0].solved.solver}" if self.steps else VERIFIER

    @property
    def checked(self) -> Step | None:
        """The delivered layout in full wave; None where that was not asked for."""
        return max(self.steps, key=lambda step: step.rank) if self.steps else None

    @cached_property
    def foreseen_db(self) -> float | None:
        """Margin in full wave as the neural simulator foresees it; None where it does not know."""
        return foreseen_margin_db(self.spec, self.layout)

    def sweep(self, low_hz: float, high_hz: float, *, points: int = 1601) -> Sweep:
        """Return the response by the closed forms between two frequencies.

        Args:
            low_hz: First frequency.
            high_hz: Last.
            points: By ratio where the span is wide, else even.
        """
        from eda.filters.curves import Sweep

        spaced = np.geomspace if high_hz > 3 * low_hz else np.linspace
        frequency = np.asarray(spaced(low_hz, high_hz, points))
        # Group delay from two close frequencies each.
        close = frequency * (1 + 1e-6)
        both = np.concatenate([frequency, close])
        found = reference_s(self.spec, self.spec.printed, self.layout, both)
        gain, back = found[:points, 1, 0], found[:points, 0, 0]
        turn = np.angle(found[points:, 1, 0] / np.where(gain == 0, 1e-30, gain))
        return Sweep(
            frequency,
            DB * np.log(np.maximum(np.abs(gain), 1e-12)),
            -DB * np.log(np.maximum(np.abs(back), 1e-12)),
            back,
            -turn / (2 * math.pi * (close - frequency)),
        )

    def write(self, folder: Path | str, *, report: bool = True) -> list[Path]:
        """Write deck, Touchstone file, layout and copper; return the paths."""
        from eda.filters.microstrip.report import printed_report

        name = self.spec.id or "filter"
        texts: dict[str, str | bytes] = {
            "filter.cir": self.deck,
            "filter.s2p": touchstone_text(self.spec, self.frequency_hz, self.s),
            "layout.json": json.dumps(self.layout.to_json(), indent=1) + "\n",
            "layout.svg": layout_svg(self.layout, title=self.spec.title or name),
            "filter.dxf": dxf_text(self.layout),
            "filter.gds": gds_bytes(self.layout, name),
            "filter.kicad_mod": kicad_footprint(self.layout, name),
        }
        if self.checked is not None:
            full = self.checked.solved
            texts["full_wave.s2p"] = touchstone_text(self.spec, full.frequency_hz, full.s)
        if report:
            texts["report.html"] = printed_report(self)
        return write_files(Path(folder), texts)

    def to_dict(self) -> dict[str, object]:
        """Return the answer for programs."""
        wide, high = self.layout.footprint_mm
        low, most = self.batch.interval
        foreseen = self.foreseen_db
        return {
            "solved": self.solved,
            "margin_db": round(self.margin_db, 6),
            "verifier": self.verifier,
            "simulator_calls": self.ledger.simulations,
            "seconds": round(self.seconds, 3),
            "family": self.layout.family,
            "order": self.layout.order,
            "footprint_mm": [round(wide, 4), round(high, 4)],
            "margins_db": {name: round(value, 6) for name, value in self.by_band.items()},
            "reference_margin_db": round(self.reference_db, 6),
            "evaluations": self.ledger.evaluations,
            "broken_limits": list(self.broken),
            "deck_margin_db": round(self.deck_db, 6),
            "foreseen_margin_db": None if foreseen is None else round(foreseen, 6),
            **({"full_wave": [step.to_json() for step in self.steps]} if self.steps else {}),
            "held_back_by": list(self.held_back),
            "yield": {"share": self.batch.share, "low": low, "high": most},
        }


def design_printed(
    spec: FilterSpec,
    seed: int = 0,
    *,
    full_wave: int = 0,
    simulator: Simulator | None = None,
    solver: Solver | str | None = None,
    start: str | os.PathLike[str] | None = None,
    progress: Callable[[str], object] | None = None,
) -> PrintedResult:
    """Design a microstrip filter by the closed forms, and have ngspice confirm its deck.

    Args:
        spec: A specification whose technology is ``microstrip``.
        seed: Draws the boards of the yield.
        full_wave: Most calls of full wave, of which the first verifies the layout and the others
            correct it; 0 for none.
        simulator: What verifies the deck; ngspice by default.
        solver: Full wave, or its name, ``openems`` or ``planar``; openEMS by default.
        start: A ``filter-layout/1`` file that is refined, instead of textbook layouts.
        progress: Called with what is being done.

    Raises:
        SpecError: No family that the limits allow can be drawn here.
        SimulatorNotFoundError: ngspice is not installed.
        ToolNotFoundError: openEMS is not installed, and was asked for.
        SimulationError: ngspice failed on the deck, or full wave on the layout.
        InputError: Full wave cannot solve such a layout, the solver's name is unknown, or the
            start is no layout that could be refined.
    """
    begun = time.perf_counter()
    limits = spec.printed
    if full_wave:
        # Where openEMS is absent that is said before the search.
        solver = _solver(spec, solver)
    ledger = Ledger()
    own = read_layout_start(start, spec) if start is not None else None
    starts = [own] if own else textbook_layouts(spec, limits)
    if not starts:
        raise SpecError(
            f"{spec.id}: limits.families_allowed: none of {', '.join(limits.families)} can be "
            f"drawn for a {spec.response}; allow edge_coupled, hairpin, open_loop, "
            "stepped_impedance or stub"
        )
    more = tuple if own else partial(reserve_layouts, spec, limits)
    found = search_layouts(spec, limits, starts, reserve=more, ledger=ledger, progress=progress)
    if own:
        found = none_worse(PrintedSearch(spec, limits, ledger), own, found)
    best: tuple[PrintedDesign, Verified, str] | None = None
    for design in found[:_SECOND_CHOICES]:
        if progress:
            progress(f"simulating {design.origin}")
        verified, deck = confirmed(spec, limits, design.layout, ledger, simulator)
        if best is None or verified.margin_db > best[1].margin_db:
            best = (design, verified, deck)
        if verified.margin_db >= 0 or design.margin_db < 0:
            break
    assert best is not None
    design, verified, deck = best
    margin, by_band = min(design.margin_db, verified.margin_db), verified.by_band
    steps: list[Step] = []
    chosen: Step | None = None
    if full_wave and solver is not None and not isinstance(solver, str):
        steps = _steps(spec, design, starts, solver, full_wave, ledger, progress)
        chosen = max(steps, key=lambda step: step.rank)
        margin, by_band = chosen.verified.margin_db, chosen.verified.by_band
        if chosen.design.layout.strips != design.layout.strips:
            at = chosen.design
            search = PrintedSearch(spec, limits, ledger)
            design = search.judged(at.template, at.values_mm, at.origin)
            design = replace(design, layout=replace(design.layout, design_model="full_wave"))
        make = neural_deck if knows(design.layout) else layout_deck
        if design.layout.design_model == "full_wave" or make is neural_deck:
            verified, deck = confirmed(spec, limits, design.layout, ledger, simulator, make=make)
    return PrintedResult(
        spec=spec,
        layout=_labelled(design.layout, limits),
        solved=margin >= 0 and not design.broken,
        margin_db=margin,
        reference_db=design.margin_db,
        deck_db=verified.margin_db,
        by_band=by_band,
        frequency_hz=verified.frequency_hz,
        s=verified.s,
        reference=reference_s(spec, limits, design.layout, verified.frequency_hz),
        broken=design.broken,
        origin=design.origin,
        ledger=ledger,
        seconds=time.perf_counter() - begun,
        deck=deck,
        batch=_yield(spec, design.layout, chosen, seed),
        held_back=() if margin >= 0 and not design.broken else held_back(design, limits),
        alternatives=tuple((item.origin, item.margin_db) for item in found if item is not best[0]),
        steps=tuple(steps),
    )


def _solver(spec: FilterSpec, solver: Solver | str | None) -> Solver:
    from eda.filters.planar.choice import NAMES, solver_for

    if solver is None or isinstance(solver, str):
        return solver_for(spec, solver or NAMES[0])
    return solver


def _steps(
    spec: FilterSpec,
    design: PrintedDesign,
    starts: Sequence[Start],
    solver: Solver,
    calls: int,
    ledger: Ledger,
    progress: Callable[[str], object] | None,
) -> list[Step]:
    from eda.filters.fullwave.correct import corrected

    if all(start.template.family != design.template.family for start in starts):
        starts = reserve_layouts(spec, spec.printed)
    return corrected(
        spec,
        design,
        starts,
        solver,
        calls=calls,
        ledger=ledger,
        progress=progress,
        neural=load_weights() if knows(design.layout) else None,
    )


def _yield(spec: FilterSpec, layout: Layout, solved: Step | None, seed: int) -> Yield:
    if solved is not None:
        from eda.filters.fullwave.correct import solved_yield

        return solved_yield(spec, solved, seed=seed)
    mask = coarse_mask(spec)
    return etching_yield(spec, spec.printed, layout, mask, trials=spec.mc_trials, seed=seed)


def confirmed(
    spec: FilterSpec,
    limits: MicrostripLimits,
    layout: Layout,
    ledger: Ledger,
    simulator: Simulator | None,
    *,
    make: Callable[..., str] = layout_deck,
) -> tuple[Verified, str]:
    """Return what ngspice says of a layout's deck, and the deck; ``make`` writes it.

    A deck holds its permittivities at one frequency. Where it is outside of the mask there, it
    is written anew for others between the pass band and the stop bands.
    """
    best: tuple[Verified, str] | None = None
    with tempfile.TemporaryDirectory(prefix="eda-filter-") as folder:
        for at, frequency in enumerate(_places(spec)[: CORRECTIONS + 1]):
            deck = make(
                layout,
                limits.substrate,
                frequency,
                zs_ohm=spec.zs_ohm,
                zl_ohm=spec.zl_ohm,
                title=spec.title or spec.id,
            )
            path = Path(folder) / f"filter{at}.cir"
            path.write_text(deck, encoding="utf-8")
            verified = verify_deck(path, spec, simulator=simulator)
            ledger.simulations += 1
            if best is None or verified.margin_db > best[0].margin_db:
                best = (verified, deck)
            if verified.margin_db >= 0:
                break
    assert best is not None
    return best


def _places(spec: FilterSpec) -> list[float]:
    """Return frequencies to write a deck for, the likeliest first."""
    passed, stopped = spec.passbands, spec.stopbands
    middle = math.sqrt(passed[0].f_lo_hz * passed[-1].f_hi_hz)
    edges = [band.f_lo_hz for band in stopped] + [band.f_hi_hz for band in stopped]
    stop = math.sqrt(stopped[-1].f_lo_hz * stopped[-1].f_hi_hz)
    if spec.response == "lowpass":
        return [stop, passed[-1].f_hi_hz, stopped[0].f_lo_hz, stopped[-1].f_hi_hz]
    if spec.response == "bandstop":
        return [stop, middle, *edges]
    return [middle, math.sqrt(middle * stop), *edges]


def _labelled(layout: Layout, limits: MicrostripLimits) -> Layout:
    board = limits.substrate
    substrate: dict[str, Any] = {
        "name": board.name,
        "er": board.er,
        "tand": board.tan_delta,
        "h_mm": _round(1e3 * board.height_m),
        "t_um": _round(1e6 * board.thickness_m),
        "sigma_s_per_m": board.sigma_s_per_m,
        "rough_um": _round(1e6 * board.roughness_m),
    }
    return replace(layout, substrate=substrate)


def _round(value: float) -> float:
    return float(f"{value:.10g}")
