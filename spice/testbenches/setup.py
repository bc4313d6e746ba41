"""The surroundings of the device under test: rails, ties, biases; and how decks of it are run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from eda.circuit import GROUND, Circuit, Device
from eda.spice.analyses import Analysis
from eda.spice.measures import MosOperatingPoint, mos_operating_points
from eda.spice.simulation import SimulationResult, Status, Waveforms
from eda.spice.simulator import simulate
from eda.spice.testbenches import parts
from eda.spice.testbenches.dut import Dut
from eda.spice.testbenches.facts import Facts
from eda.spice.testbenches.result import BenchRun, Bias, Metric, Panel, TestbenchResult
from eda.spice.testbenches.roles import PortRoles

EXACT: Final = ".option reltol=1e-6 abstol=1e-15 vntol=1e-9"
"""For sweeps that are differentiated, and for settling to a thousandth."""

NAME: Final = "dut"

GROUNDS: Final = frozenset({"0", "gnd"})
"""Nets that ngspice takes for ground wherever they stand."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a circuit is measured at.

    Attributes:
        supply_v: Supply voltage from the lower to the upper rail.
        split: Whether the rails lie at plus and minus half of it.
        common_v: Common mode of the inputs; None for the middle of the rails.
        load_f: Load capacitance.
        load_a: Largest load current (LDO).
        clock_hz: Clock of a clocked comparator; None finds one.
        z0_ohm: Reference resistance of S-parameters.
        terminated: Whether a passive filter is to be measured between two of those.
    """

    supply_v: float = 1.8
    split: bool = False
    common_v: float | None = None
    load_f: float = 1e-12
    load_a: float = 1e-3
    clock_hz: float | None = None
    z0_ohm: float = 50.0
    terminated: bool = False


@dataclass(frozen=True)
class Setup:
    """The device under test with its roles, conditions and biases."""

    dut: Dut
    facts: Facts
    roles: PortRoles
    conditions: Conditions
    bias: tuple[Bias, ...] = ()

    @property
    def low_v(self) -> float:
        """The lower rail."""
        return -self.conditions.supply_v / 2 if self.conditions.split else 0.0

    @property
    def high_v(self) -> float:
        """The upper rail."""
        return self.low_v + self.conditions.supply_v

    @property
    def mid_v(self) -> float:
        """The middle of the rails."""
        return (self.low_v + self.high_v) / 2

    @property
    def common_v(self) -> float:
        """The common mode of the inputs."""
        given = self.conditions.common_v
        return self.mid_v if given is None else given

    @property
    def lower_rails(self) -> tuple[str, ...]:
        """The ports of the lower rail that are not ground itself, as ``gnd`` is to ngspice."""
        return tuple(net for net in self.roles.all("vss") if net.lower() not in GROUNDS)

    @property
    def supply_net(self) -> str:
        """The net of the upper rail."""
        return self.roles.one("vdd") or "tb_vdd"

    @property
    def ground_net(self) -> str:
        """The net of the lower rail."""
        return next(iter(self.lower_rails), GROUND)

    def surroundings(
        self, *, supply_ac: float = 0.0, ground_ac: float = 0.0, supply_v: float | None = None
    ) -> tuple[Device, ...]:
        """Return the instance under test with its rails, ties, biases; ports are nets."""
        high = self.high_v if supply_v is None else supply_v
        made = [parts.instance(NAME, self.dut.subcircuit, {})]
        supplies = self.roles.all("vdd") or ("tb_vdd",)
        made += [
            parts.vsource(f"dd{at}", net, high, ac=supply_ac) for at, net in enumerate(supplies)
        ]
        made += [
            parts.vsource(f"ss{at}", net, self.low_v, ac=ground_ac)
            for at, net in enumerate(self.lower_rails)
        ]
        for at, port in enumerate(self.roles.all("high")):
            made.append(parts.vsource(f"hi{at}", port, 0.0, minus=self.supply_net))
        for at, port in enumerate(self.roles.all("low")):
            made.append(parts.vsource(f"lo{at}", port, 0.0, minus=self.ground_net))
        for at, port in enumerate(self.roles.all("open")):
            made.append(parts.resistor(f"open{at}", port, GROUND, 1e12))
        for at, item in enumerate(self.bias):
            if item.unit == "V":
                made.append(parts.vsource(f"bias{at}", item.port, item.value))
            elif item.value >= 0:
                made.append(
                    parts.isource(f"bias{at}", self.supply_net, item.value, minus=item.port)
                )
            else:
                made.append(
                    parts.isource(f"bias{at}", item.port, -item.value, minus=self.ground_net)
                )
        return tuple(made)

    def deck(self, title: str, *devices: Device, cards: Sequence[str] = (), **how: Any) -> Circuit:
        """Return a deck of the surroundings and these devices."""
        return self.dut.deck(title, (*self.surroundings(**how), *devices), *cards)

    def with_bias(self, values: Mapping[str, float], origin: str) -> Setup:
        """Return the setup with other values of some bias ports."""
        bias = tuple(
            replace(item, value=values[item.port], origin=origin) if item.port in values else item
            for item in self.bias
        )
        return replace(self, bias=bias)

    def power_w(self, values: Mapping[str, float]) -> float:
        """Return the power all rails and voltage biases deliver, from an operating point, in W."""
        total = 0.0
        for prefix, level in (("dd", self.high_v), ("ss", self.low_v)):
            total -= level * sum(
                value for name, value in values.items() if _is_current_of(name, prefix)
            )
        return total

    def power_over_time_w(self, item: Waveforms) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return the power of the rails over time, in W."""
        total = np.zeros(len(item.axis))
        for name, values in item.arrays.items():
            for prefix, level in (("dd", self.high_v), ("ss", self.low_v)):
                if _is_current_of(name, prefix):
                    total -= level * np.asarray(values).real
        return total


def _is_current_of(name: str, prefix: str) -> bool:
    head = f"i(v{prefix}"
    return name.startswith(head) and name[len(head) : -1].isdigit()


@dataclass(frozen=True, slots=True)
class Task:
    """A deck, what is run on it, and what is kept beside voltages and currents."""

    deck: Circuit
    analyses: tuple[Analysis, ...]
    save: tuple[str, ...] = ()


class Run:
    """A characterisation under way: runs decks, gathers metrics, panels, notes.

    Attributes:
        failed: How the first necessary bench ended that did not end well.
    """

    def __init__(
        self,
        *,
        executor: Executor | None = None,
        workers: int = 2,
        progress: Callable[[str], object] | None = None,
        **options: Any,
    ) -> None:
        """Remember how simulations are to be run; options are those of `simulate`."""
        self.executor = executor
        self.workers = workers
        self.options = options
        self.progress = progress
        self.metrics: list[Metric] = []
        self.panels: list[Panel] = []
        self.benches: list[BenchRun] = []
        self.notes: list[str] = []
        self.transistors: dict[str, MosOperatingPoint] = {}
        self.network: Any = None
        self.failed: Status | None = None

    def simulate(
        self, tasks: Mapping[str, Task], *, quiet: bool = False, needed: bool = False
    ) -> dict[str, SimulationResult]:
        """Run the tasks side by side; results by name, each written down unless ``quiet``."""
        if self.progress is not None and tasks:
            self.progress(", ".join(tasks) if len(tasks) <= 4 else f"{len(tasks)} simulations")
        if self.executor is not None:
            results = self._gather(self.executor, tasks)
        else:
            with ThreadPoolExecutor(max_workers=max(1, self.workers)) as threads:
                results = self._gather(threads, tasks)
        for name, result in results.items():
            if quiet and result.ok:
                continue
            self.benches.append(
                BenchRun(name, result.status, result.seconds, result.cached, result.log)
            )
            if not result.ok and not quiet:
                said = result.log.strip().splitlines()[:1]
                self.notes.append(f"{name}: ended as {result.status.value}: {''.join(said)}")
            if not result.ok and needed and self.failed is None:
                self.failed = result.status
        return results

    def one(self, name: str, task: Task, *, needed: bool = False) -> SimulationResult:
        """Run a single task."""
        return self.simulate({name: task}, needed=needed)[name]

    def metric(self, name: str, value: float, unit: str, meaning: str) -> None:
        """Write a metric down."""
        self.metrics.append(Metric(name, float(value), unit, meaning))

    def note(self, text: str) -> None:
        """Write a note down."""
        if text not in self.notes:
            self.notes.append(text)

    def read_transistors(self, setup: Setup, result: SimulationResult) -> None:
        """Take the operating points of the transistors of the instance under test."""
        head = f"x{NAME}."
        known = {device.name.lower() for device in setup.dut.flat.devices}
        for name, point in mos_operating_points(result.operating_point).items():
            if name.startswith(head):
                short = name.removeprefix(head)
                # The transistor inside a PDK's subcircuit goes by the name of its instance.
                short = short if short in known else short.rpartition(".")[0]
                self.transistors[short] = replace(point, device=short)

    def result(self, setup: Setup, kind: str, conditions: Mapping[str, float]) -> TestbenchResult:
        """Return everything that was gathered."""
        return TestbenchResult(
            kind=kind,
            name=setup.dut.subcircuit.name,
            status=self.failed or Status.OK,
            roles=setup.roles,
            bias=setup.bias,
            conditions=conditions,
            metrics=tuple(self.metrics),
            transistors=self.transistors,
            panels=tuple(self.panels),
            benches=tuple(self.benches),
            notes=(*setup.dut.notes, *self.notes),
            network=self.network,
        )

    def _gather(self, executor: Executor, tasks: Mapping[str, Task]) -> dict[str, SimulationResult]:
        waiting = {
            name: executor.submit(
                simulate, task.deck, *task.analyses, save=task.save, **self.options
            )
            for name, task in tasks.items()
        }
        return {name: future.result() for name, future in waiting.items()}


def voltage(net: str) -> str:
    """Return the name of the waveform of a net's voltage."""
    return f"v({net.lower()})"
