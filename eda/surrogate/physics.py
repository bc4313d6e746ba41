"""What the equations say of a design: metrics and operating points, without simulating it.

The curves of single transistors, put into the circuit's own node equations, give a first answer
for a circuit that has never been simulated. It is the prefix of the network where nothing was
measured, and the mean that a fine-tuned model corrects.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.spice.analyses import Ac, Tran
from eda.surrogate.curves import Curves
from eda.surrogate.equations import GROUND, Network, bias_of, islands, network_at
from eda.surrogate.operating_point import OperatingPoint, solve_dc
from eda.surrogate.readings import Readings, nets_of, signals_of
from eda.surrogate.scales import learned
from eda.surrogate.small_signal import SmallSignal
from eda.surrogate.steps import step_margin, step_metric
from eda.surrogate.sweeps import measure_curves
from eda.surrogate.transient import edges, solve_transient, time_points, wave
from eda.surrogate.wiring import NotSolvable, read_wiring

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.spice import Case
    from eda.spice.simulator import Simulator

    Floats = NDArray[np.float64]

POINTS: Final = 3
"""Frequencies a decade in the coarse sweep."""
REFINE: Final = 4
BLOCK: Final = 1024
"""Designs that are solved at once."""
BOLTZMANN: Final = 1.380649e-23
TEMPERATURE_K: Final = 300.15


@dataclass(frozen=True, eq=False)
class Answer:
    """What the equations say of designs.

    Attributes:
        metrics: On the learned scale, [designs, metrics]; NaN where the equations say nothing.
        points: Per transistor log current (A), log gm/ID, log gm/gds and saturation (how far
            the drain is above the gate's overdrive, V), [designs, transistors, 4].
        volts: Of the nets of the deck in the order of `Physics.nets`, [designs, nets].
        solved: Whether the operating point was found, [designs].
        margin: How surely a metric exists, from -1 (it does not) to 1, [designs, metrics]: how
            far a gain is above its level, or a step above its least size.
    """

    metrics: Floats
    points: Floats
    volts: Floats
    solved: NDArray[np.bool_]
    margin: Floats


class Physics(Readings):
    """The equations of one case.

    Attributes:
        case: The case.
        wiring: Its devices.
        curves: Its transistor models.
        nets: Names of the nets, in the order of `Answer.volts`.
        transistors: Names of the transistors, in the order of `Answer.points`.
    """

    def __init__(
        self,
        case: Case,
        *,
        curves: dict[tuple[str, str], Curves] | None = None,
        workers: int = 2,
        simulator: Simulator | None = None,
    ) -> None:
        """Read the deck and sweep its transistor models.

        Raises:
            NotSolvable: The deck holds what the equations here do not know.
            SimulatorNotFoundError: ngspice is not installed.
        """
        super().__init__(case, read_wiring(case))
        self.curves = curves or measure_curves(self.wiring, workers=workers, simulator=simulator)
        one = network_at(self.wiring, self.curves, self.wiring.base[None])
        self.nets = tuple(one.nodes)
        self._islands = [nodes for nodes in islands(one) if self._is_read(one, nodes)]
        self._moving = [nodes for nodes in islands(one) if self._is_read(one, nodes, late=True)]
        self._times, self.why_no_transient = self._plan_transient()
        self._starts = [
            copy_of(self.nets, self._islands[:at], nodes) for at, nodes in enumerate(self._islands)
        ]
        self.transistors = tuple(name for group in one.transistors for name in group.names)

    def _is_read(self, network: Network, nodes: NDArray[np.int64], *, late: bool = False) -> bool:
        """Return whether a metric, of the transients or before, reads something of an island."""
        wanted: set[int] = set()
        for metric in self.case.metrics:
            measure = self.case.measures[metric]
            if (measure.analysis == "tran") != late:
                continue
            for name in signals_of(measure):
                wanted |= {network.nodes.get(net, -1) for net in nets_of(name)}
            if measure.kind in ("supply_power", "supply_current", "energy_j"):
                wanted |= self._neighbours(network, str(measure.fields["source"]))
        return bool(wanted & set(map(int, nodes)))

    def _neighbours(self, network: Network, source: str) -> set[int]:
        """Return the nodes of the devices that a voltage source feeds."""
        nets = {
            net.lower()
            for device in self.wiring.devices
            if device.name.lower() == source
            for net in device.nets
            if net != GROUND
        }
        return {
            network.nodes[net.lower()]
            for device in self.wiring.devices
            if nets & {net.lower() for net in device.nets}
            for net in device.nets
        }

    def _plan_transient(self) -> tuple[Floats | None, str]:
        """Return the times of transients; None, and why, where there can be none."""
        tran = next((item for item in self.case.analyses if isinstance(item, Tran)), None)
        if tran is None:
            return None, ""
        if not self.wiring.steady:
            return None, "the waveforms of sources depend on the design"
        if any("exp" in device.parameters for device in self.wiring.devices):
            return None, "a source has an exponential waveform"
        try:
            return time_points(edges(self.wiring, tran.stop_s), tran.stop_s), ""
        except NotSolvable as problem:
            return None, str(problem)

    def _transients(
        self,
        network: Network,
        volts: Floats,
        designs: Floats,
        times: Floats,
        values: Floats,
        margin: Floats,
    ) -> None:
        """Solve the islands that transients read, and fill in their metrics."""
        moving: dict[int, Floats] = {}
        currents: dict[int, Floats] = {}
        number = 0
        for device in self.wiring.devices:
            if wave(device, 0.0) is not None:
                over_time = np.array([wave(device, float(time)) or 0.0 for time in times])
                if device.kind == "isource":
                    currents[number] = over_time
                elif GROUND in device.nets:
                    net = next(item for item in device.nets if item != GROUND).lower()
                    sign = 1.0 if device.nets[1] == GROUND else -1.0
                    moving[network.nodes[net]] = sign * over_time
                else:
                    return
            number += device.kind == "isource"
        before = network.fixed_v.copy()
        try:
            for node, over_time in moving.items():
                network.fixed_v[node] = over_time[0]
            for which, over_time in currents.items():
                network.currents[which][2][:] = over_time[0]
            for nodes in self._moving:
                earlier = copy_of(self.nets, self._islands, nodes)
                start = None if earlier is None else volts[earlier]
                rest = solve_dc(network, nodes, start=start).volts
                found = solve_transient(network, nodes, rest, times, moving, currents)
                self._read_transients(network, nodes, found, times, designs, values, margin)
        except NotSolvable:
            return
        finally:
            network.fixed_v[:] = before

    def _read_transients(
        self,
        network: Network,
        nodes: NDArray[np.int64],
        found: Floats,
        times: Floats,
        designs: Floats,
        values: Floats,
        margin: Floats,
    ) -> None:
        place = {int(node): at for at, node in enumerate(nodes)}
        for at, metric in enumerate(self.case.metrics):
            measure = self.case.measures[metric]
            if measure.analysis != "tran" or measure.kind == "energy_j":
                continue
            made = []
            for name in signals_of(measure):
                pair = self.pair(network, name)
                if pair is None or not set(pair) & set(place):
                    break
                output = np.zeros(found.shape[1:])
                for node, sign in ((pair[0], 1.0), (pair[1], -1.0)):
                    if node in place:
                        output = output + sign * found[place[node]]
                    elif node:
                        output = output + sign * network.fixed_v[node]
                fields = self.fields(measure, designs)
                made.append(step_metric(measure.kind, times, output, fields))
                if "min_step" in fields:
                    margin[:, at] = step_margin(times, output, fields)
            if made:
                values[:, at] = np.max(made, axis=0)

    def solve(self, designs: Floats, measured: Mapping[int, Floats] | None = None) -> Answer:
        """Return what the equations say of designs.

        Args:
            designs: [designs, parameters].
            measured: Node voltages that are known, by position in `nets`, [designs] each.
        """
        known = measured or {}
        parts = [
            self._solve(
                designs[at : at + BLOCK],
                {node: values[at : at + BLOCK] for node, values in known.items()},
            )
            for at in range(0, len(designs), BLOCK)
        ]
        return Answer(
            np.concatenate([part.metrics for part in parts]),
            np.concatenate([part.points for part in parts]),
            np.concatenate([part.volts for part in parts]),
            np.concatenate([part.solved for part in parts]),
            np.concatenate([part.margin for part in parts]),
        )

    def _solve(self, designs: Floats, measured: Mapping[int, Floats]) -> Answer:
        with np.errstate(all="ignore"):
            network = network_at(self.wiring, self.curves, designs)
            volts = network.fixed_v.copy()
            solved = np.ones(len(designs), dtype=bool)
            values = np.full((len(designs), len(self.case.metrics)), np.nan)
            margin = np.ones_like(values)
            signals: list[tuple[NDArray[np.int64], SmallSignal]] = []
            for nodes, start in zip(self._islands, self._starts, strict=True):
                # A copy of a circuit that is solved already rests where that one does.
                alike = None if start is None else volts[start]
                if all(int(node) in measured for node in nodes):
                    continue
                point = solve_dc(network, nodes, start=alike)
                volts[nodes] = point.volts[nodes]
                solved &= point.solved
            for node, known in measured.items():
                volts[node] = known
            whole = OperatingPoint(volts, solved)
            for nodes in self._islands:
                signals.append((nodes, SmallSignal(network, nodes, whole)))
            for at, metric in enumerate(self.case.metrics):
                if self.case.measures[metric].analysis == "op":
                    values[:, at] = self.dc_metric(network, volts, metric, designs)
            for nodes, signal in signals:
                self._ac_metrics(network, nodes, signal, designs, values, margin, volts)
            if self._times is not None:
                self._transients(network, volts, designs, self._times, values, margin)
            points = self._points(network, volts)
            metrics = learned(self.case, values)
        # A logarithm of nothing, or a crossing that is not there, is no number to learn from.
        metrics[~np.isfinite(metrics)] = np.nan
        return Answer(metrics, points, volts.T.copy(), solved, np.nan_to_num(margin))

    def _points(self, network: Network, volts: Floats) -> Floats:
        made = []
        for group in network.transistors:
            found, _ = bias_of(group, volts)
            drain, _, low, _ = (group.sign * volts[pins] for pins in group.pins)
            high = np.abs(drain - low)
            overdrive = 2.0 / np.maximum(np.exp(found[1]), 1e-3)
            made.append(np.array([found[0], found[1], found[1] - found[2], high - overdrive]))
        if not made:
            return np.zeros((network.designs, 0, 4))
        return np.asarray(np.concatenate(made, axis=1).transpose(2, 1, 0))

    def _ac_metrics(
        self,
        network: Network,
        nodes: NDArray[np.int64],
        signal: SmallSignal,
        designs: Floats,
        values: Floats,
        margin: Floats,
        volts: Floats,
    ) -> None:
        inside = set(map(int, nodes))
        outputs: dict[tuple[int, int], list[int]] = {}
        for at, metric in enumerate(self.case.metrics):
            measure = self.case.measures[metric]
            if measure.analysis == "ac":
                pair = self.pair(network, signals_of(measure)[0])
                if pair is not None and inside & set(pair):
                    outputs.setdefault(pair, []).append(at)
            elif measure.analysis == "noise":
                pair = self.noise_output(network)
                if pair is not None and inside & set(pair):
                    values[:, at] = self.noise(network, signal, measure, pair, designs, volts)
        if not outputs:
            return
        sweep = next(item for item in self.case.analyses if isinstance(item, Ac))
        decades = math.log10(sweep.stop_hz / sweep.start_hz)
        grid = np.geomspace(sweep.start_hz, sweep.stop_hz, max(2, int(decades * POINTS) + 1))
        pairs = list(outputs)
        response = np.array([signal.at(hertz, pairs) for hertz in grid])  # [grid, pairs, designs]
        for number, pair in enumerate(pairs):
            for at in outputs[pair]:
                measure = self.case.measures[self.case.metrics[at]]
                values[:, at], margin[:, at] = self.ac_metric(
                    measure, signal, pair, grid, response[:, number], designs
                )


def copy_of(
    nets: Sequence[str], before: Sequence[NDArray[np.int64]], nodes: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """Return, by node, the node of an earlier island that has the same place in another copy.

    Copies of a circuit are told by the names inside: ``x2.a`` is to ``x2`` what ``x1.a`` is to
    ``x1``, and ``out2`` is named after ``out1``. It is only where Newton's method starts.
    """

    def stem(node: int) -> str:
        head, dot, tail = nets[node].partition(".")
        return f".{tail}" if dot else head.rstrip("0123456789")

    for island in before:
        stems = {stem(int(node)): int(node) for node in island}
        if all(stem(int(node)) in stems for node in nodes):
            start = np.arange(len(nets))
            start[nodes] = [stems[stem(int(node))] for node in nodes]
            return start
    return None
