"""Sweeping single transistors: the simulations behind `eda.surrogate.curves`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.circuit import Device, Expression
from eda.surrogate.curves import (
    DRAIN_STEPS,
    GATE_STEPS,
    OVERDRIVE,
    SURFACE_V,
    THERMAL_V,
    Curves,
)
from eda.surrogate.designs import from_unit, to_unit
from eda.surrogate.wiring import NotSolvable, Wiring, flat_at, groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.circuit import Circuit
    from eda.spice import Case
    from eda.spice.simulation import SimulationResult
    from eda.spice.simulator import Simulator

    Floats = NDArray[np.float64]

LENGTHS: Final = 8
WIDTHS: Final = 4
LEAST_A: Final = 1e-15
FREQUENCY_HZ: Final = 1e6


def measure_curves(
    wiring: Wiring, *, workers: int = 2, simulator: Simulator | None = None
) -> dict[tuple[str, str], Curves]:
    """Return the curves of every transistor model of a case, by model and polarity.

    Some twenty small simulations a model; they are cached like any other.

    Raises:
        NotSolvable: A model cannot be swept.
        SimulatorNotFoundError: ngspice is not installed.
    """
    reach = OVERDRIVE * _supply(wiring)
    return {
        key: _measured(wiring, devices, key, reach, workers, simulator)
        for key, devices in groups(wiring).items()
    }


def _supply(wiring: Wiring) -> float:
    """Return the highest DC voltage of a grounded source, in V."""
    fixed = wiring.case.fixed_parameters
    volts = [fixed["vdd"]] if "vdd" in fixed else []
    for device in wiring.devices:
        if device.kind == "vsource":
            volts.append(abs(float(wiring.value(device, "dc", wiring.base[None], 0.0)[0])))
    if not volts or max(volts) <= 0.0:
        raise NotSolvable("no source supplies a voltage")
    return max(volts)


def _measured(
    wiring: Wiring,
    devices: Sequence[Device],
    key: tuple[str, str],
    reach: float,
    workers: int,
    simulator: Simulator | None,
) -> Curves:
    case = wiring.case
    # The transistor whose length the designs change most stands for all of its model.
    spans = [_span(wiring, device, "l") for device in devices]
    chosen = devices[int(np.argmax([high / low for low, high in spans]))]
    by_length = wiring.depends(chosen, "l")
    middle = np.full(len(wiring.base), 0.5)
    fractions = np.linspace(0.0, 1.0, LENGTHS) if by_length.any() else np.array([0.5])
    sign = 1.0 if key[1] == "n" else -1.0
    needs_bulk = any(device.net("b") != device.net("s") for device in devices)
    bulks = np.array([0.0, 0.15, 0.5]) * reach if needs_bulk else np.array([0.0])

    def bench(unit: Floats) -> tuple[Circuit, Device]:
        row = from_unit(case, unit[None])[0]
        flat = flat_at(case, row)
        device = flat.device(chosen.name)
        return _bench(case, flat, device), device

    lengths, jobs = [], []
    for fraction in fractions:
        circuit, device = bench(np.where(by_length, fraction, middle))
        lengths.append(float(device.parameters["l"]))  # type: ignore[arg-type]
        jobs.append(circuit)
    order = np.argsort(lengths)
    currents = _sweep(jobs, bulks, sign, reach, workers, simulator)[order]
    capacitance = _capacitances(jobs, sign, reach, workers, simulator)[:, order]
    sizes = _sizes(wiring, devices, chosen, by_length, bench, sign, reach, workers, simulator)
    log_length = np.log(np.array(lengths)[order])
    keep = np.concatenate([[True], np.diff(log_length) > 1e-6])
    body, currents = _shifted(currents, bulks, reach)
    return Curves(
        key[0],
        key[1],
        reach,
        log_length[keep],
        bulks,
        body[keep],
        _table(currents[keep], reach),
        sizes,
        np.maximum(capacitance[:, keep], 1e-20),
    )


def _bench(case: Case, flat: Circuit, device: Device) -> Circuit:
    """Return one transistor between voltage sources that ``eda_`` parameters set."""
    circuit = case.circuit()
    inside = device.model.lower() in circuit.subcircuits
    alone = replace(device, name="xm1" if inside else "m1", nets=("d", "g", "s", "b"))
    sources = [
        Device(
            f"v{pin}",
            "vsource",
            ("p", "n"),
            (pin, "0"),
            "",
            {"dc": Expression(f"eda_v{pin}"), "ac": Expression(f"eda_a{pin}")},
        )
        for pin in "dgsb"
    ]
    zero = {f"eda_{what}{pin}": 0.0 for what in "va" for pin in "dgsb"}
    return replace(
        circuit,
        devices=(alone, *sources),
        parameters={**circuit.parameters, **zero},
        models={**circuit.models, **flat.models},
    )


def _run(
    jobs: Sequence[Circuit],
    parameters: Sequence[dict[str, float]],
    analysis: Any,
    workers: int,
    simulator: Simulator | None,
    keep: tuple[str, ...],
) -> list[SimulationResult]:
    from eda.spice import NGSPICE, simulate_many

    results = simulate_many(
        list(jobs),
        analysis,
        parameters=list(parameters),
        workers=workers,
        simulator=simulator or NGSPICE,
        keep=keep,
    )
    for result in results:
        if not result.ok:
            why = result.log.strip().splitlines()
            raise NotSolvable(f"a transistor cannot be swept: {why[0] if why else result.status}")
    return results


def _sweep(
    jobs: Sequence[Circuit],
    bulks: Floats,
    sign: float,
    reach: float,
    workers: int,
    simulator: Simulator | None,
) -> Floats:
    """Return drain currents [lengths, bulks, gates, drains], turned positive, in A."""
    from eda.spice import Dc

    gate, drain = sign * reach / GATE_STEPS, sign * reach / DRAIN_STEPS
    analysis = Dc("vd", 0.0, sign * reach, drain, outer=Dc("vg", 0.0, sign * reach, gate))
    pairs = [(job, {"eda_vb": -sign * float(bulk)}) for job in jobs for bulk in bulks]
    results = _run(
        [job for job, _ in pairs],
        [values for _, values in pairs],
        analysis,
        workers,
        simulator,
        ("i(vd)",),
    )
    made = []
    for result in results:
        values = -sign * np.asarray(result.waveforms[0]["i(vd)"].values).real
        if values.size != (GATE_STEPS + 1) * (DRAIN_STEPS + 1):
            raise NotSolvable("a sweep of a transistor has not the points it should have")
        made.append(values.reshape(GATE_STEPS + 1, DRAIN_STEPS + 1))
    return np.array(made).reshape(len(jobs), len(bulks), GATE_STEPS + 1, DRAIN_STEPS + 1)


def _capacitances(
    jobs: Sequence[Circuit],
    sign: float,
    reach: float,
    workers: int,
    simulator: Simulator | None,
) -> Floats:
    """Return gate-source, gate-drain, drain-bulk, source-bulk capacitances [4, lengths], in F."""
    from eda.spice import Ac

    bias = {"eda_vg": sign * 0.55 * reach, "eda_vd": sign * 0.5 * reach}
    analysis = Ac(FREQUENCY_HZ, 10 * FREQUENCY_HZ, 1)
    pairs = [(job, {**bias, f"eda_a{pin}": 1.0}) for job in jobs for pin in "ds"]
    names = ("i(vd)", "i(vg)", "i(vs)", "i(vb)")
    results = _run(
        [job for job, _ in pairs],
        [values for _, values in pairs],
        analysis,
        workers,
        simulator,
        names,
    )
    omega = 2 * np.pi * FREQUENCY_HZ
    current = np.array(
        [[result.waveforms[0][name].values[0].imag / omega for name in names] for result in results]
    ).reshape(len(jobs), 2, 4)
    # A source's current counts into its plus terminal: what another pin takes is positive there.
    return np.array([current[:, 1, 1], current[:, 0, 1], current[:, 0, 3], current[:, 1, 3]])


def _sizes(
    wiring: Wiring,
    devices: Sequence[Device],
    chosen: Device,
    by_length: NDArray[np.bool_],
    bench: Any,
    sign: float,
    reach: float,
    workers: int,
    simulator: Simulator | None,
) -> dict[str, tuple[Floats, Floats]]:
    """Return how the current grows with the width, the fingers and the multiplier."""
    from eda.spice import Op

    made: dict[str, tuple[Floats, Floats]] = {}
    middle, reference = bench(np.full(len(wiring.base), 0.5))
    bias = {"eda_vg": sign * 0.6 * reach, "eda_vd": sign * 0.6 * reach}
    for name in ("w", "m", "nf"):
        if any(name not in device.parameters for device in devices):
            continue
        low = min(_span(wiring, device, name)[0] for device in devices)
        high = max(_span(wiring, device, name)[1] for device in devices)
        if high <= low * (1 + 1e-9) or low <= 0:
            continue
        points = np.geomspace(low, high, WIDTHS)
        points = np.unique(np.round(points)) if name in ("m", "nf") else points
        own = float(reference.parameters[name])
        circuits = []
        for value in (own, *points):
            device = replace(reference, parameters={**reference.parameters, name: float(value)})
            alone = replace(middle.devices[0], parameters=device.parameters)
            circuits.append(replace(middle, devices=(alone, *middle.devices[1:])))
        results = _run(circuits, [bias] * len(circuits), Op(), workers, simulator, ("i(vd)",))
        current = np.array([abs(result.waveforms[0]["i(vd)"].values[0]) for result in results])
        gain = np.log(np.maximum(current, LEAST_A)) - np.log(max(current[0], LEAST_A))
        made[name] = (np.log(points), gain[1:])
    return made


def _shifted(currents: Floats, bulks: Floats, reach: float) -> tuple[Floats, Floats]:
    """Return the body factor of each length, and currents over the gate voltage it leaves.

    Near the threshold a current at one gate voltage depends so much on the bulk that nothing
    could be interpolated; counted from the moved threshold it hardly does.
    """
    if len(bulks) == 1:
        return np.zeros(len(currents)), currents
    gate = np.linspace(0.0, reach, GATE_STEPS + 1)
    middle = DRAIN_STEPS // 2
    moved = np.sqrt(SURFACE_V + bulks) - SURFACE_V**0.5
    body, made = [], np.empty_like(currents)
    for at, layers in enumerate(currents):
        column = np.log(np.maximum(layers[:, :, middle], LEAST_A))
        goal = column[0, GATE_STEPS // 2] - 1.5
        where = np.array([np.interp(goal, np.maximum.accumulate(c), gate) for c in column])
        factor = float((moved * (where - where[0])).sum() / (moved**2).sum())
        factor = min(max(factor, 0.0), 2.0)
        body.append(factor)
        for layer, shift in enumerate(factor * moved):
            for drain in range(layers.shape[2]):
                curve = np.log(np.maximum(layers[layer, :, drain], LEAST_A))
                beyond = np.maximum(gate + shift - reach, 0.0)
                slope = (curve[-1] - curve[-2]) / (gate[1] - gate[0])
                made[at, layer, :, drain] = np.exp(
                    np.interp(gate + shift, gate, curve) + slope * beyond
                )
    return np.array(body), made


def _table(currents: Floats, reach: float) -> NDArray[np.float32]:
    """Return the logarithms of current, gm/ID and gds/ID."""
    gate = np.linspace(0.0, reach, GATE_STEPS + 1)
    drain = np.linspace(0.0, reach, DRAIN_STEPS + 1)
    current = np.maximum(currents, LEAST_A)
    edge = drain[1] / 2  # the first column is no current; the one beside it says how it begins
    shape = -np.expm1(-np.where(drain > 0, drain, edge) / (2 * THERMAL_V))
    log_current = np.log(current / shape)
    log_current[..., 0] = log_current[..., 1]
    gm = np.gradient(np.log(current), gate, axis=2)
    gds = np.gradient(current, drain, axis=3) / current
    for item in (gm, gds):
        item[..., 0] = item[..., 1]
    ratios = [np.log(np.clip(item, 1e-5, 1e3)) for item in (gm, gds)]
    return np.stack([log_current, *ratios], axis=-1).astype(np.float32)


def _span(wiring: Wiring, device: Device, name: str) -> tuple[float, float]:
    """Return the smallest and the largest value of a size over the design space."""
    count = len(wiring.base)
    corners = np.concatenate(
        [
            np.zeros((1, count)),
            np.ones((1, count)),
            np.random.default_rng(1).integers(0, 2, (32, count)),
            to_unit(wiring.case, wiring.base[None]),
        ]
    )
    values = wiring.value(device, name, from_unit(wiring.case, corners), 1.0)
    return float(values.min()), float(values.max())
