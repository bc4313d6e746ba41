"""The types of circuit that can be asked for, with the ports that make a circuit one of a type."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.topology.parts import PORTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class CircuitType:
    """A type of circuit.

    Attributes:
        name: As it is asked for.
        category: What the corpora call it.
        ports: Class of port -> least and greatest number; classes that are absent are not used.
        either: Classes of which there must be one port at least, taken together.
        paired: Whether it begins with two transistors with the inputs on their gates and one
            source net: what makes an amplifier one of a difference.
        testbench: How it is measured; empty where only the operating point is looked at.
        meaning: In a few words.
        number: Where it stands in `TYPES`.
    """

    name: str
    category: str
    ports: Mapping[str, tuple[int, int]]
    either: tuple[str, ...] = ()
    testbench: str = ""
    meaning: str = ""
    paired: bool = False
    number: int = field(default=-1)

    def limits(self, port: int) -> tuple[int, int]:
        """Return the least and greatest number of ports of a class."""
        return self.ports.get(PORTS[port], (0, 0))

    def lacks(self, classes: Sequence[int]) -> list[str]:
        """Return what is wrong with a list of port classes, as texts; nothing where it fits."""
        counts = [0] * len(PORTS)
        for port in classes:
            counts[port] += 1
        wrong = []
        for port, name in enumerate(PORTS):
            least, most = self.limits(port)
            if not least <= counts[port] <= most:
                wrong.append(f"{counts[port]} {name}, not {least} to {most}")
        if self.either and not any(counts[PORTS.index(name)] for name in self.either):
            wrong.append(f"none of {', '.join(self.either)}")
        return wrong


_RAILS = {"vdd": (1, 1), "vss": (1, 1)}
_BIAS = {"vb": (0, 8), "ib": (0, 3)}

_ALL = (
    CircuitType(
        *("opamp", "Opamp", {**_RAILS, **_BIAS, "vin": (2, 2), "vout": (1, 2), "vcm": (0, 1)}),
        testbench="opamp",
        meaning="amplifier of a difference, with one output or two",
        paired=True,
    ),
    CircuitType(
        *("ldo", "LDO", {**_RAILS, **_BIAS, "vref": (1, 1), "vout": (1, 1)}),
        testbench="ldo",
        meaning="low-dropout regulator with its error amplifier and pass transistor",
    ),
    CircuitType(
        *("bandgap", "Bandgap_Ref", {**_RAILS, **_BIAS, "vout": (1, 2)}),
        testbench="bandgap",
        meaning="voltage reference of junctions and resistors",
    ),
    CircuitType(
        *("power_converter", "Power_converter"),
        {**_RAILS, **_BIAS, "vcont": (1, 5), "vref": (0, 1), "vout": (1, 1)},
        testbench="power_converter",
        meaning="switched converter with inductor or flying capacitors",
    ),
    CircuitType(
        *("oscillator", "Oscillator", {**_RAILS, **_BIAS, "vcont": (0, 4), "vout": (1, 4)}),
        testbench="oscillator",
        meaning="ring, LC or relaxation oscillator",
    ),
    CircuitType(
        *("mirror", "Mirror"),
        {
            **{"vss": (1, 1), "vdd": (0, 1), "ib": (0, 3), "iin": (0, 2), "vb": (0, 2)},
            **{"vin": (0, 1), "iout": (0, 4), "vout": (0, 2)},
        },
        either=("iout", "vout"),
        testbench="mirror",
        meaning="current mirror or source",
    ),
    CircuitType(
        *("mixer", "Mixer"),
        {
            **{"vss": (1, 1), "vdd": (0, 1), **_BIAS, "vlo": (1, 4), "vrf": (0, 2)},
            **{"vin": (0, 2), "vif": (0, 2), "vout": (0, 2), "iout": (0, 2)},
        },
        either=("vif", "vout", "iout"),
        meaning="multiplies a signal by a local oscillator",
    ),
    CircuitType(
        *("power_amplifier", "Power_Amp"),
        {**_RAILS, **_BIAS, "vin": (1, 2), "vout": (1, 2)},
        meaning="output stage or amplifier for power",
    ),
    CircuitType(
        *("pll", "PLL"),
        {
            **{**_RAILS, **_BIAS, "vin": (0, 4), "vlo": (0, 1), "vref": (0, 1)},
            **{"vcont": (0, 3), "vout": (1, 4)},
        },
        meaning="part of a phase-locked loop: charge pump, detector, controlled oscillator",
    ),
    CircuitType(
        *("filter", "Filter"),
        {
            **{"vss": (1, 1), "vdd": (0, 1), **_BIAS, "vin": (1, 2), "vcont": (0, 2)},
            **{"vcm": (0, 1), "vout": (0, 2), "iout": (0, 2)},
        },
        either=("vout", "iout"),
        testbench="filter",
        meaning="passive or transconductor filter",
    ),
    CircuitType(
        *("comparator", "Comparator"),
        {**_RAILS, **_BIAS, "vin": (2, 2), "vcont": (0, 2), "vout": (1, 2)},
        testbench="comparator",
        meaning="decides which of two inputs is higher, clocked or not",
        paired=True,
    ),
    CircuitType(
        *("voltage_regulator", "Voltage_Regulator"),
        {**_RAILS, **_BIAS, "vref": (0, 1), "vcont": (0, 1), "vout": (1, 1)},
        meaning="holds a voltage: series or shunt, with or without a reference of its own",
    ),
    CircuitType(
        *("switched_capacitor", "Switched_Cap"),
        {**_RAILS, **_BIAS, "vin": (1, 2), "vcont": (1, 6), "vcm": (0, 1), "vout": (1, 2)},
        meaning="switches and capacitors round an amplifier, sample and hold",
    ),
    CircuitType(
        *("data_converter", "ADC_DAC"),
        {**_RAILS, **_BIAS, "vin": (1, 6), "vref": (0, 2), "vcont": (0, 8), "vout": (1, 4)},
        meaning="part of a converter between analog and digital",
    ),
    CircuitType(
        *("general", "General"),
        {
            **{"vss": (1, 1), "vdd": (0, 1), **_BIAS, "vin": (0, 2), "iin": (0, 2)},
            **{"vref": (0, 1), "vcont": (0, 2), "vout": (0, 2), "iout": (0, 2)},
        },
        either=("vout", "iout"),
        meaning="anything analog: stages with one input, followers, limiters",
    ),
)

TYPES: Final[dict[str, CircuitType]] = {
    item.name: replace(item, number=at) for at, item in enumerate(_ALL)
}
"""The types by name."""

UNTYPED: Final = len(TYPES)
"""Number of a type that is not told; see `eda.topology.forward.Decoder`."""

CATEGORIES: Final = {item.category: item.name for item in TYPES.values()}
"""Our name of each category of the corpora."""


def type_named(name: str) -> CircuitType:
    """Return a type by name.

    Raises:
        InputError: There is none of that name; the message lists those there are.
    """
    found = TYPES.get(name)
    if found is None:
        close = get_close_matches(name, TYPES, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise InputError(f"there is no circuit type {name!r}; {hint}there are: {', '.join(TYPES)}")
    return found
