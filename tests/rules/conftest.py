"""Circuits that several tests of rules use."""

from collections.abc import Callable

import pytest

from eda.circuit import Circuit, Device, Span

Add = Callable[..., Circuit]

_LETTERS = {
    "R": ("resistor", ("p", "n")),
    "C": ("capacitor", ("p", "n")),
    "L": ("inductor", ("p", "n")),
    "V": ("vsource", ("p", "n")),
    "I": ("isource", ("p", "n")),
    "D": ("diode", ("a", "k")),
    "E": ("vcvs", ("p", "n", "cp", "cn")),
    "G": ("vccs", ("p", "n", "cp", "cn")),
    "Q": ("bipolar", ("c", "b", "e")),
    "M": ("mosfet", ("d", "g", "s", "b")),
}


def _device(card: str, line: int) -> Device:
    """``M1 d g s b n`` or ``R1 a b 1k``-like cards, for tests that do without a reader."""
    words = card.split()
    name = words[0]
    span = Span("deck.sp", line)
    if name[0] == "X":
        nets = tuple(words[1:-1])
        roles = tuple(str(at + 1) for at in range(len(nets)))
        return Device(name, "subcircuit", roles, nets, words[-1], span=span)
    kind, roles = _LETTERS[name[0].upper()]
    nets, rest = tuple(words[1 : 1 + len(roles)]), words[1 + len(roles) :]
    if name[0] in "MQ":
        return Device(name, kind, roles, nets, "", {}, rest[0] if rest else "n", span=span)
    key = "dc" if name[0] in "VI" else "value"
    values = {key: float(rest[0])} if rest else {}
    return Device(name, kind, roles, nets, "", dict(values), span=span)


@pytest.fixture
def deck() -> Add:
    """Make a circuit of cards; keyword arguments are those of `Circuit`."""

    def make(*cards: str, **fields: object) -> Circuit:
        devices = tuple(_device(card, at) for at, card in enumerate(cards, 2))
        return Circuit(devices=devices, **fields)  # type: ignore[arg-type]

    return make
