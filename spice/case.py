"""Sizing cases: a folder with a circuit, its sizes, its metrics and its corners.

``case.json`` says what may be chosen and what is measured; ``deck.cir`` is the circuit with its
test bench. ``docs/cases.md`` describes the format; `eda.read_case` reads it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from eda.circuit import Circuit
from eda.errors import InputError, SpecError
from eda.spice.analyses import Analysis
from eda.spice.cache import SimulationCache
from eda.spice.case_deck import deck_text
from eda.spice.case_measures import Measure
from eda.spice.case_parts import (
    Conditions,
    Corner,
    DesignParameter,
    Direction,
    Spec,
    read_spec_file,
)
from eda.spice.case_run import CaseResult, run_designs
from eda.spice.reader import parse_netlist
from eda.spice.simulator import NGSPICE, TIME_LIMIT_S, Simulator

NOMINAL: Final = Corner()


@dataclass(frozen=True, eq=False)
class Case:
    """A sizing case.

    Attributes:
        name: Its name.
        description: For people.
        technology: For people.
        folder: Where it lies.
        design_parameters: What the designer chooses, in order.
        fixed_parameters: Parameters of the deck that are no choice, by name (SI).
        analyses: In order of cost.
        measures: How each metric is worked out, by name, in order.
        definitions: What each metric is, for people.
        stages: Metrics by stage; stage i reads analysis i.
        direction: ``min`` where large is good and a target is a lower bound, else ``max``.
        conditions: The corners.
        specs: Target sets by level.
        golden_corners: Metrics of the witness of the last level at some corners.
        deck_source: Text of ``deck.cir``.
        include_dirs: Folders that model files may come from.

    Example:
        >>> from eda.spice.case_reader import example_case
        >>> case = example_case()
        >>> case.metrics[:3]
        ('power_w', 'vos_v', 'gain_db')
        >>> result = case.simulate([case.nominal])[0]  # doctest: +SKIP
        >>> round(result.metrics["gain_db"])  # doctest: +SKIP
        90
    """

    name: str
    description: str
    technology: str
    folder: Path
    design_parameters: tuple[DesignParameter, ...]
    fixed_parameters: Mapping[str, float]
    analyses: tuple[Analysis, ...]
    measures: Mapping[str, Measure]
    definitions: Mapping[str, str]
    stages: tuple[tuple[str, ...], ...]
    direction: Mapping[str, Direction]
    conditions: Conditions
    specs: Mapping[str, Spec]
    golden_corners: tuple[tuple[Corner, Mapping[str, float]], ...]
    deck_source: str = field(repr=False)
    include_dirs: tuple[Path, ...] = ()
    _circuits: dict[Corner, Circuit] = field(default_factory=dict, repr=False)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics, in order."""
        return tuple(self.measures)

    @property
    def nominal(self) -> dict[str, float]:
        """The nominal design: values by name."""
        return {item.name: item.nominal for item in self.design_parameters}

    @property
    def corners(self) -> tuple[Corner, ...]:
        """Every combination of process, temperature and supply."""
        return self.conditions.all()

    def __getstate__(self) -> dict[str, Any]:
        """Leave the circuits out, which can be read again, when sent to another process."""
        return {**self.__dict__, "_circuits": {}}

    def unit(self, metric: str) -> str:
        """Return the unit of a metric."""
        return self.measures[metric].unit

    def spec(self, which: str | os.PathLike[str]) -> Spec:
        """Return a level of ``specs``, or the target set of a JSON file.

        Raises:
            SpecError: There is neither; or the file does not fit the case.
        """
        if isinstance(which, str) and which in self.specs:
            return self.specs[which]
        if not Path(which).is_file():
            levels = ", ".join(self.specs) or "none"
            raise SpecError(
                f"{os.fspath(which)} is neither a level of {self.name} (it has {levels}) nor a file"
            )
        return read_spec_file(Path(which), self.direction)

    def worst(self, metric: str, values: Sequence[float]) -> float:
        """Return the worst of values of a metric: the largest for ``max``, else the smallest."""
        return max(values) if self.direction[metric] == "max" else min(values)

    def parameters(self, design: Mapping[str, float], corner: Corner = NOMINAL) -> dict[str, float]:
        """Return design and fixed parameters with the values they have at a corner."""
        made = {**self.fixed_parameters, **{name: float(v) for name, v in design.items()}}
        if corner.supply_v is not None:
            made["vdd"] = corner.supply_v
        return made

    def problem(self, design: Mapping[str, float]) -> str:
        """Return why a design may not be simulated, or nothing.

        Raises:
            SpecError: A parameter is missing, or is none of the case's.
        """
        names = [item.name for item in self.design_parameters]
        missing = [name for name in names if name not in design]
        unknown = [name for name in design if name not in names]
        if missing or unknown:
            parts = [f"has no {', '.join(missing)}"] if missing else []
            parts += [f"has {', '.join(map(str, unknown))}"] if unknown else []
            raise SpecError(
                f"a design {' and '.join(parts)}; {self.name} has the parameters {', '.join(names)}"
            )
        for item in self.design_parameters:
            value = design[item.name]
            if not math.isfinite(value):
                return f"{item.name} is {value}; give a finite number"
            if not item.allows(value):
                whole = "a whole number " if item.kind == "integer" else ""
                return (
                    f"{item.name} is {value:g}; it must be {whole}from {item.lo:g} to {item.hi:g}"
                )
        return ""

    def deck(self, design: Mapping[str, float] | None = None, corner: Corner | None = None) -> str:
        """Return the netlist of a design at a corner, with absolute paths of includes.

        Args:
            design: Values by name; None for the nominal design.
            corner: None for nominal conditions.

        Raises:
            SpecError: The design or the corner is none of this case.
        """
        design = self.nominal if design is None else design
        corner = self._checked(corner)
        if why := self.problem(design):
            raise SpecError(why)
        return deck_text(self.deck_source, design, corner, self.conditions, folder=self.folder)

    def circuit(self, corner: Corner | None = None) -> Circuit:
        """Return the nominal design at a corner as a circuit; what is wrong is in its diagnostics.

        Raises:
            SpecError: The corner is none of this case.
            NetlistError: The deck is no netlist.
        """
        corner = self._checked(corner)
        if corner not in self._circuits:
            text = deck_text(self.deck_source, {}, corner, self.conditions)
            self._circuits[corner] = parse_netlist(
                text,
                dialect="ngspice",
                name=str(self.folder / "deck.cir"),
                include_dirs=self.include_dirs,
                strict=False,
            )
        return self._circuits[corner]

    def simulate(
        self,
        designs: Sequence[Mapping[str, float]],
        *,
        executor: Executor | None = None,
        stages: int | None = None,
        corner: Corner | None = None,
        targets: Spec | None = None,
        workers: int = 2,
        time_limit_s: float = TIME_LIMIT_S,
        cache: bool | SimulationCache = True,
        simulator: Simulator = NGSPICE,
        progress: Callable[[int], object] | None = None,
    ) -> list[CaseResult]:
        """Return a result for each design, in the order given.

        A design that fails costs only itself: its ``status`` says how it ended, and it has the
        metrics of the stages before. After an analysis that fails, the later ones are not run.

        Args:
            designs: Values of every design parameter, by name.
            executor: Where to run; None for worker processes of this machine.
            stages: How many stages to run; None for all.
            corner: Conditions; None for nominal ones.
            targets: Stop a design after the stage where it misses one of these; its status is
                ``ok``, and ``stage`` tells how far it got.
            workers: How many to run at once, without an executor.
            time_limit_s: Wall-clock time after which one is stopped.
            cache: True for the user's cache, False for none, or a cache.
            simulator: What runs them.
            progress: Called with the number of results that are there.

        Raises:
            SpecError: A design lacks a parameter, or the corner or stage is none of this case.
            SimulatorNotFoundError: ngspice is not installed.
        """
        if isinstance(designs, Mapping):
            raise InputError("simulate takes a list of designs; write [design] for a single one")
        count = len(self.stages) if stages is None else stages
        if not 1 <= count <= len(self.stages):
            raise SpecError(f"stages is {count}; {self.name} has 1 to {len(self.stages)}")
        return run_designs(
            self,
            designs,
            self._checked(corner),
            count,
            targets,
            {
                "executor": executor,
                "workers": workers,
                "time_limit_s": time_limit_s,
                "cache": cache,
                "simulator": simulator,
                "progress": progress,
            },
        )

    def _checked(self, corner: Corner | None) -> Corner:
        """Return a corner that this case knows, with what is nominal left out."""
        corner = corner or NOMINAL
        names = self.conditions.process
        if corner.process is not None and corner.process not in names:
            known = ", ".join(names) or "none"
            raise SpecError(f"{self.name} has no process {corner.process!r}; it has {known}")
        if corner.supply_v is not None and "vdd" not in self.fixed_parameters:
            raise SpecError(f"{self.name} has no fixed parameter vdd that a supply could set")
        if corner.temperature_c is not None and not self.conditions.temperature_c:
            raise SpecError(f"{self.name} names no temperatures, so its deck may not follow one")
        numbers = (corner.temperature_c, corner.supply_v)
        if any(value is not None and not math.isfinite(value) for value in numbers):
            raise SpecError(f"the corner {corner} is not finite")
        process = None if names and corner.process == names[0] else corner.process
        return Corner(process, corner.temperature_c, corner.supply_v)
