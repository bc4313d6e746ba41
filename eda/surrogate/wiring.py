"""The flat deck of a case as arrays: which nets, which devices, and their values by design.

Values of devices are functions of the design. Most are a product of powers of the parameters,
or a sum of multiples; which, is found out by flattening the deck at a few designs and checked at
others. What is neither is worked out by flattening the deck at every design.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.circuit import Expression, number
from eda.surrogate.designs import as_mappings, from_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.circuit import Circuit, Device, Value
    from eda.spice import Case

    Floats = NDArray[np.float64]

SOLVED: Final = frozenset(
    ("resistor", "capacitor", "inductor", "vsource", "isource", "mosfet", "vcvs", "vccs")
)
"""Kinds of devices whose equations we solve."""

SIZES: Final = ("w", "l", "m", "nf")
VALUE: Final = {
    "resistor": ("value", "m"),
    "capacitor": ("value", "m"),
    "inductor": ("value",),
    "vsource": ("dc", "ac"),
    "isource": ("dc", "ac", "m"),
    "mosfet": SIZES,
    "vcvs": ("value",),
    "vccs": ("value",),
}
_VARIANT: Final = re.compile(r":\d+$")
_CHECKS: Final = 3


class NotSolvable(Exception):
    """The circuit holds what the equations here do not know; the message says what."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """One value of one device as a function of the design.

    Attributes:
        base: Its value at the base design.
        kind: ``constant``, ``power`` (base * prod(x / x0) ** k), ``sum`` or ``other``.
        slopes: k, or the slope by each parameter.
    """

    base: float
    kind: str
    slopes: Floats = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, eq=False)
class Wiring:
    """The devices of a case's deck.

    Attributes:
        case: The case.
        devices: Of the flat deck at the base design, in its order.
        quantities: By device name and parameter.
        base: The design at which the flat deck was made, [parameters].
        steady: Whether the waveforms of sources are the same for every design.
    """

    case: Case
    devices: tuple[Device, ...]
    quantities: dict[tuple[str, str], Quantity]
    base: Floats
    steady: bool

    def value(self, device: Device, parameter: str, designs: Floats, default: float) -> Floats:
        """Return a value of a device at designs [designs, parameters], as [designs]."""
        found = self.quantities.get((device.name, parameter))
        if found is None:
            return np.full(len(designs), default)
        if found.kind == "constant":
            return np.full(len(designs), found.base)
        if found.kind == "power":
            logs = np.log(designs / self.base) @ found.slopes
            return np.asarray(found.base * np.exp(logs))
        if found.kind == "sum":
            return np.asarray(found.base + (designs - self.base) @ found.slopes)
        return np.array([self._slow(device.name, parameter, row) for row in designs])

    def _slow(self, name: str, parameter: str, row: Floats) -> float:
        flat = flat_at(self.case, row)
        return _number(flat.device(name), parameter)

    def depends(self, device: Device, parameter: str) -> NDArray[np.bool_]:
        """Return which parameters of the case a value depends on."""
        found = self.quantities.get((device.name, parameter))
        count = len(self.base)
        if found is None or found.kind == "constant":
            return np.zeros(count, dtype=bool)
        if found.kind == "other":
            return np.ones(count, dtype=bool)
        return np.asarray(found.slopes != 0.0)


def flat_at(case: Case, row: Floats) -> Circuit:
    """Return the flat deck at a design [parameters], nominal conditions."""
    circuit = case.circuit()
    # Values at the top level were worked out at the nominal design when the deck was read.
    devices = tuple(
        replace(device, parameters={k: _open(v) for k, v in device.parameters.items()})
        for device in circuit.devices
    )
    parameters = {name: _open(value) for name, value in circuit.parameters.items()}
    parameters |= as_mappings(case, np.asarray(row)[None])[0]
    return replace(circuit, devices=devices, parameters=parameters).flatten()


def _open(value: Value) -> Value:
    """Return a value without the number that was worked out for it."""
    if isinstance(value, Expression):
        return Expression(value.text)
    return tuple(map(_open, value)) if isinstance(value, tuple) else value


def model_name(device: Device) -> str:
    """Return the name of a device's model, without the number that tells local variants apart."""
    return _VARIANT.sub("", device.model.lower())


def read_wiring(case: Case) -> Wiring:
    """Return the wiring of a case.

    Raises:
        NotSolvable: It has devices that the equations here do not know.
    """
    count = len(case.design_parameters)
    middle = np.array([list(case.nominal.values())])
    rng = np.random.default_rng(0)
    rows = [middle[0]]
    for at in range(count):
        item = case.design_parameters[at]
        row = middle[0].copy()
        far = from_unit(case, np.full((1, count), 0.75))[0, at]
        near = from_unit(case, np.full((1, count), 0.25))[0, at]
        row[at] = far if abs(far - item.nominal) > abs(near - item.nominal) else near
        rows.append(row)
    rows += list(from_unit(case, rng.uniform(size=(_CHECKS, count))))
    flats = [flat_at(case, row) for row in rows]
    devices = flats[0].devices
    for device in devices:
        if device.kind not in SOLVED:
            raise NotSolvable(f"{device.name} is a {device.kind}")
    if any(len(flat.devices) != len(devices) for flat in flats):
        raise NotSolvable("the number of devices depends on the design")
    designs = np.array(rows)
    quantities: dict[tuple[str, str], Quantity] = {}
    for at, device in enumerate(devices):
        for parameter in VALUE[device.kind]:
            if parameter in device.parameters:
                values = np.array([_number(flat.devices[at], parameter) for flat in flats])
                quantities[device.name, parameter] = _fitted(values, designs, count)
    waves = [
        [d.parameters.get(name) for d in flat.devices for name in ("pulse", "pwl", "sin", "exp")]
        for flat in flats
    ]
    return Wiring(case, devices, quantities, designs[0], all(item == waves[0] for item in waves))


def _number(device: Device, parameter: str) -> float:
    value = number(device.parameters.get(parameter))
    if value is None:
        raise NotSolvable(f"{device.name} has no number for {parameter}")
    return float(value)


def _fitted(values: Floats, designs: Floats, count: int) -> Quantity:
    """Return the function that goes through the values at the probes, and holds at the checks."""
    base, probes, checks = values[0], values[1 : count + 1], values[count + 1 :]
    if np.ptp(values) <= 1e-12 * abs(base):
        return Quantity(float(base), "constant")
    moved = designs[1 : count + 1].diagonal()
    tests = designs[count + 1 :]
    if (values > 0).all() and (designs > 0).all():
        with np.errstate(divide="ignore", invalid="ignore"):
            powers = np.log(probes / base) / np.log(moved / designs[0])
        powers = np.where(np.isfinite(powers) & (np.abs(powers) > 1e-9), powers, 0.0)
        guess = base * np.exp(np.log(tests / designs[0]) @ powers)
        if np.allclose(guess, checks, rtol=1e-6, atol=0.0):
            return Quantity(float(base), "power", powers)
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (probes - base) / (moved - designs[0])
    slopes = np.where(np.isfinite(slopes), slopes, 0.0)
    guess = base + (tests - designs[0]) @ slopes
    if np.allclose(guess, checks, rtol=1e-6, atol=1e-12 * float(np.abs(values).max())):
        return Quantity(float(base), "sum", slopes)
    return Quantity(float(base), "other")


def groups(wiring: Wiring) -> dict[tuple[str, str], list[Any]]:
    """Return the transistors by model and polarity."""
    made: dict[tuple[str, str], list[Any]] = {}
    for device in wiring.devices:
        if device.kind == "mosfet":
            made.setdefault((model_name(device), device.polarity or "n"), []).append(device)
    return made
