"""Every simulation of a sizing run: counted, written down at once, never repeated.

A run's folder holds ``simulations.jsonl``, one line for each design that was simulated. A line is
written and flushed before the run goes on, so that a run that is killed loses nothing that had
finished, and one that is resumed takes from there what it would simulate.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.errors import InputError
from eda.spice.case_parts import Corner, Spec
from eda.spice.case_run import CaseResult, read_metrics
from eda.spice.measures import mos_saves
from eda.spice.reader import parse_netlist
from eda.spice.results import from_bytes, to_bytes
from eda.spice.simulation import SimulationResult, Status
from eda.spice.simulator import simulate

if TYPE_CHECKING:
    from eda.spice.cache import SimulationCache
    from eda.spice.case import Case
    from eda.spice.simulator import Simulator

JOURNAL: Final = "simulations.jsonl"
CHECKED: Final = "checked.bin"
"""Waveforms of the last check."""


@dataclass(slots=True)
class Counts:
    """How many simulations a run took.

    Attributes:
        online: Designs simulated at the nominal corner, the final check included, also where only
            their operating point ran.
        offline: Designs of the case that were simulated before the run and that it learned from.
        device: Simulations of single transistors, which tables were made of.
        corner: Simulations at other corners.
        mismatch: Samples with mismatch or process variation.
        cached: Designs whose results were there already; none of them is counted above.
        resumed: Results taken from the journal of the run that is resumed, not simulated again;
            they are counted above too, as in a run that was never stopped.
    """

    online: int = 0
    offline: int = 0
    device: int = 0
    corner: int = 0
    mismatch: int = 0
    cached: int = 0
    resumed: int = 0


@dataclass(frozen=True)
class Trial:
    """A design that was simulated.

    Attributes:
        design: Values by name (SI).
        result: Its metrics and how it ended.
        number: Which online simulation it was, from 1; 0 where it came from the cache.
    """

    design: dict[str, float]
    result: CaseResult
    number: int


@dataclass
class Ledger:
    """Runs the simulations of a case, counts them, and keeps a journal.

    Attributes:
        case: The case.
        folder: Where the journal lies; None keeps none.
        budget: Largest number of online simulations.
    """

    case: Case
    folder: Path | None = None
    budget: int = 10**9
    cache: bool | SimulationCache = True
    simulator: Simulator | None = None
    time_limit_s: float = 60.0
    workers: int = 2
    counts: Counts = field(default_factory=Counts)
    trials: list[Trial] = field(default_factory=list)
    checked: SimulationResult | None = None
    _known: dict[str, CaseResult] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the journal of an earlier run.

        Raises:
            InputError: It cannot be read, or belongs to another case.
        """
        if self.folder is None:
            return
        path = self.folder / JOURNAL
        try:
            lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        except OSError as problem:
            raise InputError(f"{path} cannot be read: {problem.strerror}") from None
        names = {item.name for item in self.case.design_parameters}
        for at, line in enumerate(lines, 1):
            try:
                item = json.loads(line)
                key, result = str(item["key"]), _result(item)
            except (ValueError, KeyError, TypeError):
                if at == len(lines):
                    continue  # the line that was being written when the run was killed
                raise InputError(f"{path}:{at}: this is no line of a journal") from None
            if set(item.get("design", names)) != names:
                raise InputError(f"{path}:{at}: belongs to a case with other parameters")
            self._known[key] = result

    @property
    def left(self) -> int:
        """How many online simulations may still be made."""
        return max(self.budget - self.counts.online, 0)

    def nominal(
        self, designs: Sequence[Mapping[str, float]], *, hopeless: Spec | None = None
    ) -> list[Trial]:
        """Simulate designs at nominal conditions: stage by stage, each until it is hopeless.

        Args:
            designs: The designs; more than the budget allows are left out.
            hopeless: Targets whose miss stops a design early.
        """
        made = []
        for design in designs:
            if self.counts.online >= self.budget:
                break
            key = _key("nominal", design)
            result = self._known.get(key)
            self.counts.resumed += result is not None
            if result is None:
                result = self.case.simulate(
                    [dict(design)], targets=hopeless, workers=1, **self._how()
                )[0]
                self._write(key, design, result)
            if result.cached:
                self.counts.cached += 1
            else:
                self.counts.online += 1
            trial = Trial(dict(design), result, 0 if result.cached else self.counts.online)
            self.trials.append(trial)
            made.append(trial)
        return made

    def check(self, design: Mapping[str, float]) -> CaseResult:
        """Simulate a design from a deck that is written and read anew; nothing is cached.

        What ngspice gave is kept as `checked`, and in the folder, for the report.
        """
        key = _key("check", design)
        result = self._known.get(key)
        if result is None:
            result = self._fresh(design)
            self._write(key, design, result)
        else:
            self.counts.resumed += 1
            self.checked = self._kept()
        self.counts.online += 1
        return result

    def _fresh(self, design: Mapping[str, float]) -> CaseResult:
        case = self.case
        circuit = parse_netlist(
            case.deck(design),
            dialect="ngspice",
            name=str(case.folder / "deck.cir"),
            include_dirs=case.include_dirs,
            strict=False,
        )
        how = {**self._how(), "cache": False}
        saves = mos_saves(circuit)
        simulation = simulate(circuit, *case.analyses, save=saves, **how)
        self.checked = simulation
        if self.folder is not None:
            path = self.folder / CHECKED
            temporary = path.with_suffix(".part")
            temporary.write_bytes(to_bytes(simulation))
            os.replace(temporary, path)
        parameters = case.parameters(design)
        return read_metrics(case, simulation, parameters, 0, len(case.stages))

    def _kept(self) -> SimulationResult | None:
        path = None if self.folder is None else self.folder / CHECKED
        try:
            return None if path is None else from_bytes(path.read_bytes())
        except (OSError, ValueError):
            return None

    def corners(
        self, design: Mapping[str, float], corners: Sequence[Corner]
    ) -> dict[Corner, CaseResult]:
        """Simulate a design at corners."""
        made = {}
        for corner in corners:
            key = _key(str(corner), design)
            result = self._known.get(key)
            if result is None:
                result = self.case.simulate(
                    [dict(design)], corner=corner, workers=1, **self._how()
                )[0]
                self._write(key, design, result)
            if result.cached:
                self.counts.cached += 1
            else:
                self.counts.corner += 1
            made[corner] = result
        return made

    def _how(self) -> dict[str, Any]:
        how: dict[str, Any] = {"cache": self.cache, "time_limit_s": self.time_limit_s}
        if self.simulator is not None:
            how["simulator"] = self.simulator
        return how

    def _write(self, key: str, design: Mapping[str, float], result: CaseResult) -> None:
        self._known[key] = result
        if self.folder is None:
            return
        line = {
            "key": key,
            "design": dict(design),
            "status": result.status.value,
            "stage": result.stage,
            "cached": result.cached,
            "metrics": dict(result.metrics),
        }
        with (self.folder / JOURNAL).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
            stream.flush()
            os.fsync(stream.fileno())


def _key(where: str, design: Mapping[str, float]) -> str:
    return where + ":" + ",".join(f"{name}={value!r}" for name, value in sorted(design.items()))


def _result(item: Mapping[str, Any]) -> CaseResult:
    metrics = {str(name): float(value) for name, value in item["metrics"].items()}
    return CaseResult(
        Status(item["status"]), metrics, int(item["stage"]), bool(item.get("cached", False))
    )


def counted(counts: Counts) -> dict[str, int]:
    """Return counts under the names that answers have."""
    return {f"{name}_simulations": value for name, value in asdict(counts).items()}
