"""A wire in a designer's words: mirror gate, common source, cascode, active load, feedback.

Each word is a question about a pin on a net that the few pins around it answer. A wire has all
the words whose question it answers with yes; they are kept as bits of one number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.links.vocabulary import NET_ROLES, PIN_KINDS, RAILS

if TYPE_CHECKING:
    from eda.links.motif import Neighbourhood

_PARTS: Final = tuple(tuple(name.split(".")) for name in PIN_KINDS)
_FAMILY: Final = tuple(family for family, _ in _PARTS)
_TRANSISTORS: Final = frozenset(
    ("npn", "pnp", "bipolar", "nmos", "pmos", "mosfet", "njf", "pjf"),
)
_ENDS: Final = {"d": "high", "c": "high", "s": "low", "e": "low", "g": "control"}
_FUNCTION: Final = tuple(
    ({**_ENDS, "b": "bulk" if "mos" in family else "control"}[pin])
    if family in _TRANSISTORS
    else "passive"
    if family in ("resistor", "capacitor", "inductor")
    else family
    for family, pin in _PARTS
)
_PAIRS: Final = (("nmos", "pmos"), ("npn", "pnp"), ("njf", "pjf"))
_OPPOSITE: Final = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}
_INPUT, _OUTPUT, _BIAS = (NET_ROLES.index(name) for name in ("input", "output", "bias"))


@dataclass(frozen=True)
class _Wire:
    """A pin on a net, with what the questions need.

    Attributes:
        own: Net of each function of the pin's device (``control``), the pin left out.
        others: (function, family, pin) of the pins of other devices on the net; none on a rail.
        far: For a passive or a source, the net at its other end, else -1.
    """

    around: Neighbourhood
    pin: int
    net: int
    role: int
    family: str
    function: str
    own: dict[str, int]
    others: tuple[tuple[str, str, int], ...]
    far: int

    def meets(self, function: str, *families: str) -> bool:
        """Return whether such a pin of another device is on the net."""
        return any(f == function and family in families for f, family, _ in self.others)

    def net_of(self, pin: int, function: str) -> int:
        """Return the net on which another pin's device has a function, or -1."""
        around = self.around
        return next(
            (
                around.net[other]
                for other in around.of_device(pin)
                if _FUNCTION[around.kind[other]] == function
            ),
            -1,
        )

    def far_meets(self, function: str) -> bool:
        """Return whether a pin of this function is at the other end."""
        if self.far < 0 or not self.around.is_local(self.far):
            return False
        return any(
            _FUNCTION[self.around.kind[pin]] == function for pin in self.around.on_net(self.far)
        )

    @property
    def on_rail(self) -> bool:
        """Whether the net is a rail."""
        return self.role in RAILS


def _diode(wire: _Wire) -> bool:
    partner = {"control": "high", "high": "control"}.get(wire.function)
    return partner is not None and wire.own.get(partner) == wire.net


def _mirror(wire: _Wire) -> bool:
    return wire.function == "control" and any(
        function == "control" and family == wire.family and wire.net_of(pin, "high") == wire.net
        for function, family, pin in wire.others
    )


def _mirror_input(wire: _Wire) -> bool:
    return _diode(wire) and wire.meets("control", wire.family)


def _gate_line(wire: _Wire) -> bool:
    return (
        wire.function == "control"
        and wire.meets("control", wire.family)
        and not _mirror(wire)
        and not _diode(wire)
    )


def _common_source(wire: _Wire) -> bool:
    return wire.function == "low" and not wire.on_rail and wire.meets("low", wire.family)


def _tail(wire: _Wire) -> bool:
    lows = sum(f == "low" and family == wire.family for f, family, _ in wire.others)
    return (
        wire.function in ("high", "isource", "passive")
        and not wire.on_rail
        and (
            lows > 1 or (wire.function != "high" and sum(f == "low" for f, _, _ in wire.others) > 1)
        )
    )


def _cascode(wire: _Wire) -> bool:
    partner = {"low": "high", "high": "low"}.get(wire.function)
    if partner is None or wire.on_rail or not wire.meets(partner, wire.family):
        return False
    # Two sources on one drain are a pair on its tail.
    return not (_common_source(wire) or _tail(wire))


def _active_load(wire: _Wire) -> bool:
    other = _OPPOSITE.get(wire.family, "")
    return wire.function == "high" and wire.meets("high", other)


def _drives(wire: _Wire) -> bool:
    return wire.function in ("high", "low") and any(f == "control" for f, _, _ in wire.others)


def _driven(wire: _Wire) -> bool:
    if wire.function != "control" or _mirror(wire) or _diode(wire):
        return False
    return any(
        function == "high" and wire.net_of(pin, "control") != wire.net
        for function, _, pin in wire.others
    )


def _cross_coupled(wire: _Wire) -> bool:
    partner = {"control": "high", "high": "control"}.get(wire.function)
    own = wire.own.get(partner or "", -1)
    return partner is not None and any(
        function == partner
        and family == wire.family
        and own != wire.net
        and wire.net_of(pin, wire.function) == own
        for function, family, pin in wire.others
    )


def _parallel(wire: _Wire) -> bool:
    around = wire.around
    mine = sorted((around.kind[pin], around.net[pin]) for pin in around.of_device(wire.pin))
    return any(
        around.kind[pin] == around.kind[wire.pin]
        and sorted((around.kind[o], around.net[o]) for o in around.of_device(pin)) == mine
        for _, _, pin in wire.others
    )


def _feedback(wire: _Wire) -> bool:
    if wire.function != "passive" or wire.far < 0:
        return False
    ends = {"control": "high", "high": "control"}
    return any(
        function in ends and wire.net_of(pin, ends[function]) == wire.far
        for function, _, pin in wire.others
    )


def _degeneration(wire: _Wire) -> bool:
    if wire.function != "passive" or wire.far < 0:
        return False
    lows = any(f == "low" for f, _, _ in wire.others)
    return (lows and wire.around.role[wire.far] in RAILS) or (
        wire.on_rail and wire.far_meets("low")
    )


def _passive_chain(wire: _Wire) -> bool:
    return wire.function == "passive" and any(f == "passive" for f, _, _ in wire.others)


def _passive_load(wire: _Wire) -> bool:
    return wire.function == "passive" and (
        any(f == "high" for f, _, _ in wire.others) or (wire.on_rail and wire.far_meets("high"))
    )


def _to_rail(wire: _Wire) -> bool:
    return wire.far >= 0 and not wire.on_rail and wire.around.role[wire.far] in RAILS


def _second(wire: _Wire) -> bool:
    return not wire.on_rail and wire.net in wire.own.values() and not _diode(wire)


def _own_source(wire: _Wire) -> bool:
    return wire.function == "bulk" and wire.own.get("low") == wire.net


WORDS: Final[tuple[tuple[str, Callable[[_Wire], bool]], ...]] = (
    ("mirror gate", _mirror),
    ("diode connection", _diode),
    ("mirror input", _mirror_input),
    ("shared gate line", _gate_line),
    ("common source", _common_source),
    ("tail of a pair", _tail),
    ("stacked on a like device", _cascode),
    ("active load", _active_load),
    ("drives a gate", _drives),
    ("gate driven by a stage", _driven),
    ("cross-coupled", _cross_coupled),
    ("parallel to a like device", _parallel),
    ("feedback around a transistor", _feedback),
    ("source degeneration", _degeneration),
    ("passive load", _passive_load),
    ("passives in series", _passive_chain),
    ("to a rail at its other end", _to_rail),
    (
        "bulk on its source",
        lambda wire: wire.function == "bulk" and wire.own.get("low") == wire.net,
    ),
    ("on a rail", lambda wire: wire.on_rail),
    ("on an input", lambda wire: wire.role == _INPUT),
    ("on an output", lambda wire: wire.role == _OUTPUT),
    ("on a bias line", lambda wire: wire.role == _BIAS),
    ("second pin of its device on the net", _second),
)
"""Words and their questions; the place in the table is the bit, the more telling come first."""


def wire_words(around: Neighbourhood, pin: int, net: int) -> int:
    """Return the words of a pin on a net, as bits: bit i is ``WORDS[i]``."""
    kind = around.kind[pin]
    siblings = around.of_device(pin)
    function = _FUNCTION[kind]
    ends = function in ("passive", "isource", "vsource") and len(siblings) == 1
    role = around.role_of(net, asked=pin)
    met = [] if role in RAILS else around.on_net(net, but=pin)
    wire = _Wire(
        around=around,
        pin=pin,
        net=net,
        role=role,
        family=_FAMILY[kind],
        function=function,
        own={_FUNCTION[around.kind[other]]: around.net[other] for other in siblings},
        others=tuple(
            (_FUNCTION[around.kind[other]], _FAMILY[around.kind[other]], other)
            for other in met
            if around.device[other] != around.device[pin]
        ),
        far=around.net[siblings[0]] if ends else -1,
    )
    return sum(1 << bit for bit, (_, question) in enumerate(WORDS) if question(wire))


def spell(words: int, *, most: int = 4) -> list[str]:
    """Return the words behind the bits, the more telling first.

    Example:
        >>> spell(0b1001)
        ['mirror gate', 'shared gate line']
    """
    return [word for bit, (word, _) in enumerate(WORDS) if words >> bit & 1][:most]
