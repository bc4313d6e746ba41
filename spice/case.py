"""Sizing cases: a folder with a circuit, its sizes, its metrics and its corners.

``case.json`` says what may be chosen and what is measured; ``deck.cir`` is the circuit with its
test bench. ``docs/cases.md`` describes the format; `read_case` reads it.
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
from eda.spice import case_fields as read
from eda.spice.analyses import Analysis, from_card
from eda.spice.cache import SimulationCache
from eda.spice.case_deck import check_deck, deck_text, declared_folders
from eda.spice.case_fields import Place
from eda.spice.case_kinds import KINDS
from eda.spice.case_measures import Measure, read_measure
from eda.spice.case_parts import (
    Conditions,
    Corner,
    DesignParameter,
    Direction,
    Spec,
    check_name,
    read_conditions,
    read_parameters,
    read_spec,
    read_spec_file,
)
from eda.spice.case_run import CaseResult, run_designs
from eda.spice.reader import parse_netlist
from eda.spice.simulator import NGSPICE, TIME_LIMIT_S, Simulator

ANALYSES: Final = {"op": (1, 1), "ac": (5, 5), "noise": (7, 7), "tran": (3, 5)}
"""The analyses of cases, with how many words each may have."""

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
        >>> case = example_case()
        >>> case.metrics[:3]
        ('power_w', 'vos_v', 'swing_high_v')
        >>> result = case.simulate([case.nominal])[0]  # doctest: +SKIP
        >>> result.metrics["gain_db"]  # doctest: +SKIP
        80.1
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


def read_case(
    folder: str | os.PathLike[str], *, include_dirs: Sequence[str | os.PathLike[str]] = ()
) -> Case:
    """Return the case in a folder: ``case.json`` and ``deck.cir``.

    Args:
        folder: The folder, or the path of its ``case.json``.
        include_dirs: Folders that model files may come from, beside the case's own.

    Raises:
        SpecError: Something in it is missing, unknown or cannot be read; the message names the
            metric or the field.

    Example:
        >>> case = read_case(example_folder())
        >>> case.name, [item.name for item in case.design_parameters][:3]
        ('opamp2', ['w_in', 'w_load', 'w_tail'])
    """
    path = Path(folder)
    path = path if path.suffix == ".json" else path / "case.json"
    home = path.parent
    top = Place(str(path))
    given = read.an_object(read.read_json(path), top)

    def part(name: str) -> tuple[Any, Place]:
        return read.field(given, name, top), top / name

    def optional(name: str, default: Any) -> tuple[Any, Place]:
        return given.get(name, default), top / name

    design = read_parameters(*part("design_parameters"))
    fixed = read.numbers(*optional("fixed_parameters", {}))
    for name in fixed:
        check_name(name, top / "fixed_parameters" / name)
        if any(item.name == name for item in design):
            (top / "fixed_parameters" / name).refuse("is a design parameter too; remove one")
    names = {**fixed, **{item.name: item.nominal for item in design}}
    analyses = _read_analyses(*part("analyses_in_cost_order"))
    raw, place = part("measures")
    measures = {
        metric: read_measure(metric, item, names=names, place=place / metric)
        for metric, item in read.an_object(raw, place).items()
    }
    if not measures:
        place.refuse("is empty; a case has at least one")
    definitions = _read_definitions(given, measures, top)
    stages = _read_stages(*part("metric_stages_cheap_to_dear"), measures, analyses)
    direction = _read_direction(*part("direction"), measures)
    conditions = read_conditions(given.get("corners", {}), fixed, top / "corners")
    specs = {
        level: read_spec(item, direction, top / "specs" / level)
        for level, item in read.an_object(*optional("specs", {})).items()
    }
    golden = _read_golden_corners(*optional("golden_corners_for_last_witness", []))
    deck = _read_deck(home / "deck.cir")
    check_deck(deck, design, fixed, conditions, Place(str(home / "deck.cir")))
    folders = (*declared_folders(conditions, home, top / "corners"), *map(Path, include_dirs))
    return Case(
        name=read.a_text(given.get("name", home.resolve().name), top / "name"),
        description=read.a_text(*optional("description", "")),
        technology=read.a_text(*optional("technology", "")),
        folder=home.resolve(),
        design_parameters=design,
        fixed_parameters=fixed,
        analyses=analyses,
        measures=measures,
        definitions=definitions,
        stages=stages,
        direction=direction,
        conditions=conditions,
        specs=specs,
        golden_corners=golden,
        deck_source=deck,
        include_dirs=folders,
    )


def example_folder() -> Path:
    """Return the folder of the case that is shipped: a two-stage op-amp."""
    return Path(__file__).parent / "cases" / "opamp2"


def example_case() -> Case:
    """Return the case that is shipped: a two-stage op-amp on generic model cards."""
    return read_case(example_folder())


def _read_analyses(given: Any, place: Place) -> tuple[Analysis, ...]:
    made: list[Analysis] = []
    for text in read.texts(given, place):
        words = text.split()
        kind = words[0].lower() if words else ""
        low, high = ANALYSES.get(kind, (0, 0))
        if not low <= len(words) <= high or not words:
            place.refuse(
                f"has {text!r}, which is none; write op, ac dec POINTS START STOP, noise v(OUT) "
                "SOURCE dec POINTS START STOP, or tran STEP STOP [START [LONGEST]]"
            )
        try:
            analysis = from_card(text)
        except InputError as problem:
            place.refuse(f"has {text!r}: {problem}")
        if any(item.kind == kind for item in made):
            place.refuse(f"has {kind} twice; each type may occur once")
        made.append(analysis)
    if not made:
        place.refuse("is empty; a case has at least one")
    return tuple(made)


def _read_definitions(
    given: Mapping[str, Any], measures: Mapping[str, Measure], top: Place
) -> dict[str, str]:
    place = top / "metric_definitions"
    if "metric_definitions" not in given:
        return {name: f"{item.kind} ({item.analysis})" for name, item in measures.items()}
    raw = read.an_object(given["metric_definitions"], place)
    if list(raw) != list(measures):
        place.refuse("names other metrics than measures, or in another order")
    return {name: read.a_text(text, place / name) for name, text in raw.items()}


def _read_stages(
    given: Any,
    place: Place,
    measures: Mapping[str, Measure],
    analyses: Sequence[Analysis],
) -> tuple[tuple[str, ...], ...]:
    stages = tuple(
        read.texts(stage, place / f"[{at}]") for at, stage in enumerate(read.a_list(given, place))
    )
    if len(stages) != len(analyses):
        place.refuse(f"has {len(stages)} stages; there are {len(analyses)} analyses, one for each")
    for at, (stage, analysis) in enumerate(zip(stages, analyses, strict=True)):
        for metric in stage:
            if metric not in measures:
                (place / f"[{at}]").refuse(f"names {metric!r}, which has no measure")
            reads = measures[metric].analysis
            if reads != analysis.kind:
                (place / f"[{at}]").refuse(
                    f"names {metric}, which reads {reads}; analysis {at} is {analysis.kind}"
                )
    told = [metric for stage in stages for metric in stage]
    if sorted(told) != sorted(measures):
        lost = sorted({name for name in measures if told.count(name) != 1})
        place.refuse(f"must name each metric once; see {', '.join(lost)}")
    return stages


def _read_direction(
    given: Any, place: Place, measures: Mapping[str, Measure]
) -> dict[str, Direction]:
    raw = read.an_object(given, place)
    for metric in raw:
        if metric not in measures:
            place.refuse(f"names {metric!r}, which has no measure")
    made: dict[str, Direction] = {}
    for metric in measures:
        word = read.a_choice(read.field(raw, metric, place), ("min", "max"), place / metric)
        made[metric] = "min" if word == "min" else "max"
    return made


def _read_golden_corners(
    given: Any, place: Place
) -> tuple[tuple[Corner, Mapping[str, float]], ...]:
    made = []
    for at, raw in enumerate(read.a_list(given, place)):
        here = place / f"[{at}]"
        item = read.an_object(raw, here)
        corner = Corner(
            read.a_text(item["process"], here / "process") if "process" in item else None,
            read.a_number(item["temp_c"], here / "temp_c") if "temp_c" in item else None,
            read.a_number(item["supply_v"], here / "supply_v") if "supply_v" in item else None,
        )
        metrics = read.numbers(read.field(item, "metrics", here), here / "metrics")
        made.append((corner, metrics))
    return tuple(made)


def _read_deck(path: Path) -> str:
    place = Place(str(path))
    try:
        if path.stat().st_size > read.MAX_BYTES:
            place.refuse(f"is larger than {read.MAX_BYTES} bytes; a case's deck is no such thing")
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as problem:
        place.refuse(f"it cannot be read: {problem.strerror}; a case has its netlist there")


__all__ = ["KINDS", "Case", "CaseResult", "example_case", "example_folder", "read_case"]
