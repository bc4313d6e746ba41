"""Measuring transistors with ngspice: one deck holds every size and body bias of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from eda.circuit import Circuit, Device, Expression, number
from eda.spice.analyses import Ac, Dc
from eda.spice.quick.table import DRAIN_V, Floats, TransistorTable, saturation
from eda.spice.simulator import simulate

GATES: Final = 49
DRAINS: Final = 29
BODY: Final = (0.0, 0.25, 0.6, 1.0)
"""Source-bulk voltages, as shares of the largest voltage."""

STRONG: Final = 150.0
"""How far the strongest inversion of a table lies above moderate inversion."""

LEAST: Final = 1e-8
"""Smallest current of a table, in A per m of width: what is less is noise."""

SQUARE: Final = 3e4
"""The same for models that follow a square law down to nothing."""

CUT: Final = 60.0
"""A logarithm that rises faster than this, per V, is a model with nothing below threshold."""

STEEPEST: Final = 45.0
"""Steepest rise of the logarithm of a current over the gate voltage, per V."""

Powers = dict[str, tuple[float, float]]
"""By parameter: the value that a table was measured at, and the power in the current."""

TIME_LIMIT_S: Final = 900.0
"""The decks are large: some seconds of an idle core, but not every core is idle."""

SIMULATIONS: Final = 2
"""What a table costs: a sweep for the currents, and a small-signal run for the capacitances."""

_DRIVES: Final = ("d", "g", "s")
"""Terminals that are driven in turn; the fourth column follows from the others."""

_SCALED: Final = ("ad", "as", "pd", "ps")
"""Areas and perimeters that follow the width."""

_FREQUENCY_HZ: Final = 1e8


class NotMeasuredError(Exception):  # the caller does without the table
    """ngspice could not measure a transistor."""


@dataclass(frozen=True, slots=True)
class Transistor:
    """A transistor to be measured.

    Attributes:
        device: A device, or an instance of a subcircuit round one transistor, with numbers.
        terminals: Its pins in order, as letters of ``dgsb``.
        polarity: ``n`` or ``p``.
        width_m: Smallest and largest width.
        length_m: Smallest and largest length.
        others: Smallest and largest value of further parameters that the designer chooses
            (``nf``, ``m``), by name.
    """

    device: Device
    terminals: str
    polarity: str
    width_m: tuple[float, float]
    length_m: tuple[float, float]
    others: Mapping[str, tuple[float, float]]

    def placed(self, name: str, nets: Mapping[str, str], given: Mapping[str, float]) -> Device:
        """Return a copy under another name, on other nets, with other sizes."""
        made = dict(self.device.parameters)
        before = number(made.get("w"))
        for key in _SCALED:
            value = number(made.get(key))
            if value and before and "w" in given:
                made[key] = value * given["w"] / before
        made.update(given)
        letter = (
            "m"
            if self.device.kind == "mosfet"
            and self.device.name.lower().rpartition(".")[2].startswith("m")
            else "x"
        )
        where = tuple(nets[terminal] for terminal in self.terminals)
        return replace(self.device, name=f"{letter}{name}", nets=where, parameters=made)


def characterise(
    models: Circuit, item: Transistor, highest_v: float, **how: Any
) -> tuple[TransistorTable, Powers]:
    """Return the table of a transistor, and how other parameters enter its current.

    A multiplier that counts has the power 1, one that the model ignores 0.

    Args:
        models: A circuit whose models and subcircuits are meant; its devices are left out.
        item: The transistor.
        highest_v: Largest voltage between two terminals.
        how: As for `simulate`.

    Raises:
        NotMeasuredError: ngspice could not measure it.
    """
    how.setdefault("time_limit_s", TIME_LIMIT_S)
    widths, lengths = _spread(*item.width_m, 4), _spread(*item.length_m, 10)
    bodies = np.array(BODY) * 0.9 * highest_v
    top = 1.1 * highest_v
    gate = (-0.15 * highest_v, top)
    sign = -1.0 if item.polarity == "p" else 1.0
    usual = {name: low for name, (low, _) in item.others.items()}
    cells = [
        (w, length, b, usual) for w in widths for length in lengths for b in range(len(bodies))
    ]
    middle = (widths[len(widths) // 2], lengths[len(lengths) // 2], 0)
    cells += [(*middle, {**usual, name: high}) for name, (_, high) in item.others.items()]
    devices = _sweep_sources(sign, top)
    for at, (width, length, body, given) in enumerate(cells):
        devices.append(_source(f"vd{at}", "qd", f"qd{at}", 0.0))
        nets = {"d": f"qd{at}", "g": "qg", "s": "0", "b": f"qb{body}"}
        devices.append(item.placed(f"q{at}", nets, {"w": width, "l": length, **given}))
    for body, level in enumerate(bodies):
        devices.append(_source(f"vb{body}", f"qb{body}", "0", -sign * float(level)))
    over = Dc("vqu", 0.0, 1.0, 1.0 / (DRAINS - 1))
    sweep = Dc("vqg", gate[0], gate[1], (gate[1] - gate[0]) / (GATES - 1), outer=over)
    bare = _bare(models)
    result = simulate(
        bare.replace_devices(tuple(devices)),
        sweep,
        keep=[f"i(vd{at})" for at in range(len(cells))],
        **how,
    )
    if not result.ok:
        raise NotMeasuredError(f"{item.device.model}: {result.status.value}: {result.log[:300]}")
    waveforms = result.of("dc")
    drain = DRAIN_V + (top - DRAIN_V) * np.linspace(0.0, 1.0, DRAINS) ** 2
    table = np.empty((len(cells), GATES, DRAINS))
    for at, (width, _, _, _) in enumerate(cells):
        current = sign * np.real(waveforms[f"i(vd{at})"].values)
        if current.size != GATES * DRAINS:
            raise NotMeasuredError(f"{item.device.model}: the sweep has {current.size} points")
        current = current.reshape(DRAINS, GATES).T
        table[at] = np.maximum(current / (width * saturation(drain)), LEAST)
    count = len(widths) * len(lengths) * len(bodies)
    shape = (len(widths), len(lengths), len(bodies), GATES, DRAINS)
    powers: Powers = {}
    place = ((len(widths) // 2) * len(lengths) + len(lengths) // 2) * len(bodies)
    for at, (name, (low, high)) in enumerate(item.others.items()):
        ratio = np.log(table[count + at, -1, -1] / table[place, -1, -1])
        power = round(float(ratio / np.log(high / low)), 2) if high > low > 0 else 0.0
        powers[name] = (low, power)
    caps = _capacitances(bare, item, usual, highest_v, sign, how)
    strong, bent = _bent(table[:count].reshape(shape), (gate[1] - gate[0]) / (GATES - 1))
    made = TransistorTable(
        *(widths, lengths, bodies, gate, top, np.log(strong), _thresholds(bent, gate)),
        bent.astype(np.float32),
        *caps,
    )
    return made, powers


def _bent(conductance: Floats, step_v: float) -> tuple[Floats, Floats]:
    """Return scales [W, L] and the values of a table that are nearly straight over the gate.

    Models that carry nothing below the threshold go on exponentially there.
    """
    steps = np.diff(np.log(conductance[..., -1]), axis=-1)
    cut = float(steps.max()) > CUT * step_v
    strong = conductance.max(axis=(2, 3, 4)) / (SQUARE if cut else STRONG)
    if not strong.min() > 0:
        raise NotMeasuredError("a transistor does not conduct at any voltage")
    root = np.sqrt(np.maximum(conductance / strong[:, :, None, None, None], 1e-30))
    bent = 2 * np.where(root > 30, root, np.log(np.expm1(np.minimum(root, 30.0))))
    for at in range(bent.shape[3] - 2, -1, -1):
        below = np.minimum(bent[..., at + 1, :], 2.0) - STEEPEST * step_v
        bent[..., at, :] = np.maximum(bent[..., at, :], below)
    return strong, bent


def _thresholds(bent: Floats, gate: tuple[float, float]) -> Floats:
    """Return the gate voltages at which a twentieth of the largest current flows, [W, L, body]."""
    curve = bent[..., -1]
    level = 2 * np.sqrt(0.05) * curve[:, :, :1, -1] / 2
    step = (gate[1] - gate[0]) / (curve.shape[-1] - 1)
    at = np.clip((curve < level[..., None]).sum(-1) - 1, 0, curve.shape[-1] - 2)
    below = np.take_along_axis(curve, at[..., None], -1)[..., 0]
    above = np.take_along_axis(curve, at[..., None] + 1, -1)[..., 0]
    share = (level - below) / np.maximum(above - below, 1e-3)
    return np.asarray(gate[0] + step * (at + np.clip(share, 0.0, 3.0)))


def _capacitances(
    bare: Circuit,
    item: Transistor,
    usual: Mapping[str, float],
    highest_v: float,
    sign: float,
    how: Mapping[str, Any],
) -> tuple[Any, ...]:
    width = float(np.sqrt(item.width_m[0] * item.width_m[1]))
    lengths = _spread(*item.length_m, 3)
    gates = np.linspace(0.0, 1.0, 8) * highest_v
    drains = np.array([0.0, 0.08, 0.2, 0.5, 1.0]) * highest_v
    bodies = np.array([0.0, 0.6]) * highest_v
    cells = [(length, b, g, d) for length in lengths for b in bodies for g in gates for d in drains]
    devices: list[Device] = []
    for drive in _DRIVES:
        for at, (length, body, gate, drain) in enumerate(cells):
            nets = {terminal: f"q{drive}{terminal}{at}" for terminal in "dgsb"}
            for terminal, level in {"d": drain, "g": gate, "s": 0.0, "b": -body}.items():
                net = nets[terminal]
                ac = 1.0 if terminal == drive else 0.0
                devices.append(_source(f"v{net}", net, "0", sign * float(level), ac))
            given = {"w": width, "l": float(length), **usual}
            devices.append(item.placed(f"q{drive}{at}", nets, given))
    result = simulate(
        bare.replace_devices(tuple(devices)),
        Ac(_FREQUENCY_HZ, _FREQUENCY_HZ, 1, "lin"),
        keep=[f"i({d.name})" for d in devices if d.kind == "vsource"],
        **how,
    )
    if not result.ok:
        raise NotMeasuredError(f"{item.device.model}: {result.status.value}: {result.log[:300]}")
    arrays = result.of("ac").arrays
    found = np.zeros((len(cells), 4, 4))
    for column, drive in enumerate(_DRIVES):
        for at in range(len(cells)):
            for row, terminal in enumerate("dgsb"):
                value = -complex(arrays[f"i(vq{drive}{terminal}{at})"][0])
                found[at, row, column] = value.imag / (2 * np.pi * _FREQUENCY_HZ) / width
    found[:, :, 3] = -found[:, :, :3].sum(-1)
    shape = (len(lengths), len(bodies), len(gates), len(drains), 4, 4)
    return gates, drains, bodies, lengths, found.reshape(shape).astype(np.float32)


def _spread(low: float, high: float, count: int) -> Floats:
    """Return sizes evenly spread in the logarithm; one where there is no range."""
    if high <= low * 1.0001:
        return np.array([low])
    return np.asarray(np.geomspace(low, high, count).clip(low, high), dtype=np.float64)


def _bare(models: Circuit) -> Circuit:
    """Return the models of a circuit without its devices."""
    kept = tuple(
        card for card in models.cards if card.text.strip().lower().startswith((".temp", ".option"))
    )
    return replace(models.replace_devices(()), cards=kept, ports=(), name="")


def _sweep_sources(sign: float, top: float) -> list[Device]:
    squared = f"{sign}*({DRAIN_V}+{top - DRAIN_V}*v(qu)*v(qu))"
    control = ("p", "n", "cp", "cn")
    return [
        _source("vqg", "qv", "0", 0.0),
        _source("vqu", "qu", "0", 0.0),
        Device("eqg", "vcvs", control, ("qg", "0", "qv", "0"), "", {"gain": sign}),
        Device("bqd", "behavioral", ("p", "n"), ("qd", "0"), "", {"v": Expression(squared)}),
    ]


def _source(name: str, plus: str, minus: str, level: float, ac: float = 0.0) -> Device:
    given: dict[str, Any] = {"dc": level, **({"ac": ac} if ac else {})}
    return Device(name, "vsource", ("p", "n"), (plus, minus), "", given)
