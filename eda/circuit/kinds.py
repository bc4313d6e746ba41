"""The kinds of device, and the pin roles of each, in netlist order.

One table says what every other room needs to know: which roles a kind has, which of them
carry direct current to one another, and which are interchangeable. Subcircuit instances,
XSPICE and OSDI devices have no fixed roles: theirs are the names (or numbers) of their ports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a kind of device.

    Attributes:
        name: The kind, as ``mosfet``.
        roles: Pin roles in netlist order, the optional ones last; empty where they vary.
        dc_paths: Pairs of roles between which direct current can flow.
        swappable: Roles that may be exchanged without changing the circuit
            (a MOS channel and a passive look the same from both ends).
    """

    name: str
    roles: tuple[str, ...] = ()
    dc_paths: tuple[tuple[str, str], ...] = ()
    swappable: tuple[str, ...] = ()


_TWO = ("p", "n")
_PAIR = ("p", "n", "cp", "cn")

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("resistor", _TWO, (_TWO,), _TWO),
        Kind("capacitor", _TWO, (), _TWO),
        Kind("inductor", _TWO, (_TWO,), _TWO),
        Kind("mutual"),
        Kind("diode", ("a", "k"), (("a", "k"),)),
        Kind("bipolar", ("c", "b", "e", "s", "t"), (("c", "e"), ("b", "e"), ("b", "c"))),
        Kind("mosfet", ("d", "g", "s", "b"), (("d", "s"),), ("d", "s")),
        Kind("jfet", ("d", "g", "s"), (("d", "s"), ("g", "s"), ("g", "d")), ("d", "s")),
        Kind("mesfet", ("d", "g", "s"), (("d", "s"), ("g", "s"), ("g", "d")), ("d", "s")),
        Kind("vsource", _TWO, (_TWO,)),
        Kind("isource", _TWO),
        Kind("vcvs", _PAIR, (_TWO,)),
        Kind("vccs", _PAIR),
        Kind("ccvs", _TWO, (_TWO,)),
        Kind("cccs", _TWO),
        Kind("behavioral", _TWO, (_TWO,)),
        Kind("switch", _PAIR, (_TWO,)),
        Kind("tline", ("p1", "n1", "p2", "n2"), (("p1", "p2"), ("n1", "n2"))),
        Kind("xspice"),
        Kind("osdi"),
        Kind("subcircuit"),
    )
}
"""Every kind by name. The order is stable: arrays of kinds are indices into it."""

KIND_NAMES: Final[tuple[str, ...]] = tuple(KINDS)

ROLES: Final[tuple[str, ...]] = (
    *("p", "n", "a", "k", "d", "g", "s", "b", "c", "e", "t"),
    *("cp", "cn", "p1", "n1", "p2", "n2", "port"),
)
"""Pin roles with a fixed index; ``port`` stands for the ports of black boxes."""
