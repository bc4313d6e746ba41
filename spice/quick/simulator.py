"""Metrics of many designs of a case from tables of its transistors, without ngspice."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.circuit import Device, number
from eda.spice.analyses import Ac, Noise, Tran
from eda.spice.case_kinds import NoValue, Reading
from eda.spice.case_parts import Corner
from eda.spice.quick.axes import frequencies, times_of
from eda.spice.quick.characterise import (
    SIMULATIONS,
    NotMeasuredError,
    Powers,
    Transistor,
    characterise,
)
from eda.spice.quick.network import Network, UnsupportedCircuitError
from eda.spice.quick.noise import noise
from eda.spice.quick.solve import PartSolver, Rest
from eda.spice.quick.table import Floats, SizedTransistors, TransistorTable
from eda.spice.quick.waves import corners_of, wave

if TYPE_CHECKING:
    from eda.spice.case import Case

__all__ = ["QuickResult", "QuickSimulator", "UnsupportedCircuitError"]

_SIGNAL: Final = re.compile(r"[vi]\(([^,()]+)(?:,([^,()]+))?\)")


@dataclass(frozen=True)
class QuickResult:
    """Metrics of n designs.

    Attributes:
        metrics: [n, m] in the order of the case; NaN where there is none.
        found: Whether the operating point was found, [n].
    """

    metrics: Floats
    found: NDArray[np.bool_]


class QuickSimulator:
    """A case, with its transistors measured.

    Example:
        >>> from eda.spice import example_case
        >>> case = example_case()
        >>> quick = QuickSimulator(case)  # doctest: +SKIP
        >>> quick.run([case.nominal]).metrics[0, 2]  # doctest: +SKIP
        90.4
    """

    def __init__(self, case: Case, corner: Corner | None = None, **how: Any) -> None:
        """Measure the transistors of a case; ``how`` is passed to `simulate`.

        Raises:
            UnsupportedCircuitError: A device, a waveform or a model is not dealt with here.
        """
        self.case = case
        self.corner = corner or Corner()
        self.network = Network(case, self.corner)
        self.simulations = 0
        self._highest_v = max(
            [
                abs(number(d.parameters.get("dc")) or 0.0)
                for d in self.network.flat.devices
                if d.kind == "vsource"
            ]
            + [0.1]
        )
        for device in self.network.flat.devices:
            strange = set(device.parameters) & {"exp", "sffm", "am", "trnoise", "trrandom"}
            if strange and any(item.kind == "tran" for item in case.analyses):
                raise UnsupportedCircuitError(f"{device.name} has the waveform {strange.pop()}")
        for item in case.analyses:
            if isinstance(item, Tran) and (item.use_initial_conditions or item.start_s):
                raise UnsupportedCircuitError("its transient does not begin at rest, at time zero")
        self._tables: dict[tuple[Any, ...], tuple[TransistorTable, Powers]] = {}
        self._kinds: dict[str, tuple[Any, ...]] = {}
        self._measure(how)

    def run(
        self,
        designs: Sequence[Mapping[str, float]],
        *,
        analyses: Sequence[str] = ("op", "ac", "noise", "tran"),
        metrics: Collection[str] | None = None,
    ) -> QuickResult:
        """Return the metrics of designs; those that are not wanted are NaN.

        Args:
            designs: Values of every design parameter, by name.
            analyses: Whose metrics are wanted.
            metrics: Which of these; None for all. What nobody wants is not worked out.
        """
        asked = self.case.metrics if metrics is None else metrics
        n = len(designs)
        values = self.network.values(designs)
        made = np.full((n, len(self.case.metrics)), np.nan)
        found = np.ones(n, dtype=bool)
        wanted = {
            name: item
            for name, item in self.case.measures.items()
            if item.analysis in analyses and name in asked
        }
        parameters = [self.case.parameters(design, self.corner) for design in designs]
        solvers: dict[int, tuple[PartSolver, Rest]] = {}
        parts = self._parts_by_analysis(wanted)
        for at in sorted({at for found_in in parts.values() for at in found_in}):
            solver = self._solver(at, values, n)
            rest = solver.rest()
            found &= rest.found
            solvers[at] = (solver, rest)
        for analysis in self.case.analyses:
            if analysis.kind not in parts:
                continue
            mine = {at: solvers[at] for at in parts[analysis.kind]}
            totals: dict[str, Floats] = {}
            if isinstance(analysis, Noise):
                axis, arrays, totals = self._noise(analysis, mine)
            else:
                axis, arrays = self._arrays(analysis, mine)
            for column, metric in enumerate(self.case.metrics):
                if metric not in wanted or wanted[metric].analysis != analysis.kind:
                    continue
                for row in range(n):
                    reading = Reading(
                        axis,
                        {k: v[row] for k, v in arrays.items()},
                        {k: float(v[row]) for k, v in totals.items()},
                    )
                    try:
                        made[row, column] = wanted[metric].compute(reading, parameters[row])
                    except (NoValue, FloatingPointError, ValueError):
                        continue
        made[~found] = np.nan
        return QuickResult(made, found)

    # -- preparing ---------------------------------------------------------------------------

    def _measure(self, how: Mapping[str, Any]) -> None:
        """Measure every kind of transistor once."""
        network = self.network
        devices = [d for d in network.flat.devices if network.is_transistor(d)]
        rng = np.random.default_rng(1)
        parameters = self.case.design_parameters
        ends = [
            {p.name: end for p, end in zip(parameters, choice, strict=True)}
            for choice in ([p.lo for p in parameters], [p.hi for p in parameters])
        ]
        ends += [{p.name: p.from_unit(float(rng.random())) for p in parameters} for _ in range(6)]
        ends += [
            {p.name: (p.lo if rng.random() < 0.5 else p.hi) for p in parameters} for _ in range(24)
        ]
        values = network.values(ends)
        groups: dict[tuple[Any, ...], list[Device]] = {}
        ranges: dict[tuple[Any, ...], dict[str, tuple[float, float]]] = {}
        for device in devices:
            spans = {
                name: (float(values[key].min()), float(values[key].max()))
                for key in values
                if key[0] == device.name and (name := key[1])
            }
            if "w" not in spans or "l" not in spans:
                raise UnsupportedCircuitError(f"{device.name} has no w or no l")
            varying = tuple(
                sorted(
                    name
                    for name, (low, high) in spans.items()
                    if high > low * (1 + 1e-9) and name not in ("w", "l", "ad", "as", "pd", "ps")
                )
            )
            fixed = tuple(
                sorted(
                    (name, low)
                    for name, (low, high) in spans.items()
                    if name not in varying and name not in ("w", "l", "ad", "as", "pd", "ps")
                )
            )
            key = (device.model.lower(), network.polarity(device), varying, fixed)
            groups.setdefault(key, []).append(device)
            known = ranges.setdefault(key, dict(spans))
            for name, (low, high) in spans.items():
                known[name] = (min(known[name][0], low), max(known[name][1], high))
        for key, members in groups.items():
            span = ranges[key]
            item = Transistor(
                members[0],
                network.terminals(members[0]),
                key[1],
                span["w"],
                span["l"],
                {name: span[name] for name in key[2]},
            )
            try:
                self._tables[key] = characterise(network.models, item, self._highest_v, **how)
            except NotMeasuredError as problem:
                raise UnsupportedCircuitError(str(problem)) from None
            self.simulations += SIMULATIONS
            for device in members:
                self._kinds[device.name] = key

    def _parts_by_analysis(self, wanted: Mapping[str, Any]) -> dict[str, set[int]]:
        """Return the parts that hold what each analysis must give."""
        where = {net: at for at, part in enumerate(self.network.parts) for net in part.nets}
        sources = {
            d.name.lower(): at
            for at, part in enumerate(self.network.parts)
            for d in part.devices
            if d.kind == "vsource"
        }
        made: dict[str, set[int]] = {}
        for item in wanted.values():
            texts = []
            if item.analysis == "noise":
                texts += [
                    f"v({a.output.lower()})" for a in self.case.analyses if isinstance(a, Noise)
                ]
            for name in ("output", "source"):
                given = item.fields.get(name, ())
                texts += [given] if isinstance(given, str) else list(given)
            for text in texts:
                match = _SIGNAL.fullmatch(text)
                names = [g for g in match.groups() if g] if match else [text]
                for name in names:
                    at = sources.get(name) if not match or text[0] == "i" else where.get(name)
                    if at is not None:
                        made.setdefault(item.analysis, set()).add(at)
        return made

    def _solver(self, at: int, values: Mapping[tuple[str, str, int], Floats], n: int) -> PartSolver:
        part = self.network.parts[at]
        transistors = [d for d in part.devices if self.network.is_transistor(d)]

        def value(device: Device, name: str, default: float) -> Floats:
            key, _, place = name.partition(":")
            return values.get((device.name, key, int(place or 0)), np.array([default]))

        sized = self._sized(transistors, values, n) if transistors else None
        terminals = {d.name: self.network.terminals(d) for d in transistors}
        return PartSolver(part, tuple(transistors), terminals, sized, value, n, self._highest_v)

    def _sized(
        self,
        devices: Sequence[Device],
        values: Mapping[tuple[str, str, int], Floats],
        n: int,
    ) -> SizedTransistors:
        tables: list[Any] = []
        scales: list[Floats] = []
        thresholds: list[Floats] = []
        caps: list[Any] = []
        which: list[int] = []
        signs: list[float] = []
        widths: list[Floats] = []
        strong: list[Floats] = []
        known: dict[tuple[Any, ...], int] = {}
        axes = None
        for device in devices:
            key = self._kinds[device.name]
            table, powers = self._tables[key]
            axes = axes or table
            width = np.broadcast_to(values[device.name, "w", 0], n)
            length = np.broadcast_to(values[device.name, "l", 0], n)
            mark = (key, width.tobytes(), length.tobytes())
            if mark not in known:
                known[mark] = len(tables)
                current, scale, threshold, capacitance = table.sized(width, length)
                tables.append(current)
                thresholds.append(threshold)
                scales.append(scale)
                caps.append(capacitance)
            which.append(known[mark])
            many = np.ones(n)
            for name, (low, power) in powers.items():
                many = many * (values[device.name, name, 0] / low) ** power
            widths.append(width * many)
            signs.append(-1.0 if key[1] == "p" else 1.0)
            strong.append(scales[known[mark]])
        if axes is None:
            raise UnsupportedCircuitError("there is no transistor")
        return SizedTransistors(
            np.stack(tables),
            np.stack(thresholds),
            np.array(which),
            np.array(signs),
            np.stack(widths, 1),
            np.stack(strong, 1),
            axes,
            np.stack(caps),
        )

    # -- solving -----------------------------------------------------------------------------

    def _arrays(
        self,
        analysis: Any,
        solvers: Mapping[int, tuple[PartSolver, Rest]],
    ) -> tuple[Floats, dict[str, NDArray[Any]]]:
        """Return the axis and the vectors, [n, points], of an analysis."""
        axis: Floats = np.zeros(0)
        arrays: dict[str, NDArray[Any]] = {}
        for solver, rest in solvers.values():
            if analysis.kind == "op":
                for net, at in solver.index.items():
                    arrays[f"v({net})"] = rest.values[:, at : at + 1]
                out = solver.outflow(rest.values)
                for device in solver.sources:
                    current = solver.source_current(device.name, rest.values, out)
                    arrays[f"i({device.name.lower()})"] = current[:, None]
                continue
            if isinstance(analysis, Ac):
                axis = frequencies(analysis)
                found: NDArray[Any]
                flow: NDArray[Any]
                found, flow = solver.small_signals(rest, axis)
            else:
                axis, found, flow = self._transient(analysis, solver, rest)
            for net, at in solver.index.items():
                arrays[f"v({net})"] = found[:, :, at]
            for device in solver.sources:
                current = solver.source_current(device.name, found, flow)
                arrays[f"i({device.name.lower()})"] = current
        return axis, arrays

    def _noise(
        self, analysis: Noise, solvers: Mapping[int, tuple[PartSolver, Rest]]
    ) -> tuple[Floats, dict[str, NDArray[Any]], dict[str, Floats]]:
        """Return frequencies, densities [n, f], and densities integrated over them [n]."""
        axis = frequencies(analysis)
        kelvin = (27.0 if self.corner.temperature_c is None else self.corner.temperature_c) + 273.15
        for solver, rest in solvers.values():
            source = solver.source(analysis.source)
            if source is None or analysis.output.lower() not in solver.index:
                continue
            ends = (analysis.output.lower(), analysis.reference.lower() or "0")
            at_out, at_in = noise(solver, rest, axis, ends, source, kelvin)
            arrays = {"onoise_spectrum": at_out, "inoise_spectrum": at_in}
            totals = {
                f"{name}_total": np.sqrt(np.trapezoid(found**2, axis, axis=1))
                for name, found in (("onoise", at_out), ("inoise", at_in))
            }
            return axis, arrays, totals
        return axis, {}, {}

    def _transient(
        self, analysis: Tran, solver: PartSolver, rest: Rest
    ) -> tuple[Floats, Floats, Floats]:
        number_of = solver.number
        waves = {}
        corners = {0.0}
        for device in (*solver.sources, *solver.currents):
            made = wave(device, number_of)
            if made is not None:
                waves[device.name] = made
                ends = corners_of(device, number_of, analysis.stop_s)
                corners |= {end for end in ends if end < analysis.stop_s}

        def level(device: Device, time: float) -> Floats:
            made = waves.get(device.name)
            return made(time) if made is not None else number_of(device, "dc", 0.0)

        times = times_of(sorted(corners), analysis)
        # ngspice begins at the values that the waveforms have at time zero.
        if waves:
            rest = solver.rest(lambda device: level(device, 0.0))
        wanted = any(
            "source" in item.fields or "i(" in str(item.fields.get("output", ""))
            for item in self.case.measures.values()
            if item.analysis == "tran"
        )
        return times, *solver.transient(rest, times, level, flows=wanted)
