"""# Pattern: a block as devices on shared nets, with what must hold of the nets.

A pattern is written as text, one device a line::

    X a: d=da g=ga s=t
    X b: d=db g=gb s=t

``X`` is a transistor of either polarity; all ``X`` of a match have one polarity and one family,
``Y`` has the other polarity (of any family), ``U`` is any transistor. ``R C L D I V`` are the
two-terminal kinds, with pins ``p`` and ``n``, and ``E`` the control pins of a voltage-controlled
source; R, C, L and E match either way round. Pins on the same letter are on the same
net; letters that may not be one net are named in `differ`. A line that starts with ``(`` is
context: the device must be there, but is not part of the structure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from eda.structures.facts import FACTS

LETTERS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("X", "Y", "U"), ("d", "g", "s")),
    **dict.fromkeys(("R", "C", "L", "D", "I", "V", "E"), ("p", "n")),
}
"""The letters of devices and the pins of each."""

KIND_OF_LETTER: Final = {
    **{"R": "resistor", "C": "capacitor", "L": "inductor"},
    **{"D": "diode", "I": "isource", "V": "vsource", "E": "vcvs"},
}
"""The kind of device behind a two-terminal letter."""

SYMMETRIC: Final = frozenset("RCLE")
"""Letters of devices that match either way round."""

_LINE: Final = re.compile(r"(\()?([A-Z]) (\w+): ([\w= ]+?)\)?")


@dataclass(frozen=True, slots=True)
class Slot:
    """One device of a pattern.

    Attributes:
        letter: Of ``LETTERS``.
        role: What the device is in the structure (``reference``).
        nets: The letter of the net on each pin, in the order of ``LETTERS``.
        context: Whether the device only has to be there.
    """

    letter: str
    role: str
    nets: tuple[str, ...]
    context: bool = False


@dataclass(frozen=True)
class Pattern:
    """One block that is looked for.

    Attributes:
        rule: Its id, unique, as ``current_mirror/simple``; what stands before the slash is the
            kind of the structure.
        about: One sentence.
        text: The devices, see above.
        rank: How specific it is; structures are listed by it, the highest first.
        where: What must hold of each net: facts by letter, ``!`` before those that must not.
        differ: Pairs of letters that are different nets: ``"da!=db ga!=gb"``.
        never: Conditions that must not hold all together, each a tuple of ``"a=b"`` and
            ``"a:fact"``.
        many: Roles with any number of devices: matches alike in everything in `by` become one
            structure.
        by: Letters of nets that matches of one structure share; with `many` only.
        least: The fewest devices in each role of `many`.
        family: Only transistors of this family.
        polarity: Only an ``X`` of this polarity.
        passgates: Whether transmission gates count as transistors here.
        unless: Rules; what shares a device with one of their structures is none of this rule.
        stage: Patterns of stage 2 see the fact `tail`.
    """

    rule: str
    about: str
    text: str
    rank: int
    where: dict[str, str] = field(default_factory=dict)
    differ: str = ""
    never: tuple[tuple[str, ...], ...] = ()
    many: tuple[str, ...] = ()
    by: str = ""
    least: int = 1
    family: str = ""
    polarity: str = ""
    passgates: bool = False
    unless: tuple[str, ...] = ()
    stage: int = 1

    @property
    def kind(self) -> str:
        """What the structure is called, as ``current_mirror``."""
        return self.rule.partition("/")[0]

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The devices, in the order written.

        Raises:
            ValueError: The text is not of the form described.
        """
        return tuple(_slot(line) for line in self.text.strip().splitlines())

    @cached_property
    def nets(self) -> tuple[str, ...]:
        """The letters of the nets, in order of first use."""
        return tuple(dict.fromkeys(net for slot in self.slots for net in slot.nets))

    @cached_property
    def conditions(self) -> tuple[tuple[str, str, bool], ...]:
        """(letter, fact, wanted) of everything in `where`."""
        found = [
            (net, fact.removeprefix("!"), not fact.startswith("!"))
            for net, facts in self.where.items()
            for fact in facts.split()
        ]
        for net, fact, _ in found:
            if net not in self.nets or fact not in FACTS:
                raise ValueError(f"{self.rule}: no net {net!r} or no fact {fact!r}")
        return tuple(found)

    @cached_property
    def unequal(self) -> tuple[tuple[str, str], ...]:
        """Pairs of letters that are different nets."""
        pairs = [tuple(item.split("!=")) for item in self.differ.split()]
        return tuple((a, b) for a, b in pairs)


def _slot(line: str) -> Slot:
    match = _LINE.fullmatch(line.strip())
    if match is None:
        raise ValueError(f"not a device of a pattern: {line.strip()!r}")
    bracket, letter, role, pins = match.groups()
    nets = dict(item.split("=") for item in pins.split())
    if tuple(sorted(nets)) != tuple(sorted(LETTERS[letter])):
        raise ValueError(f"{line.strip()!r} does not name the pins {', '.join(LETTERS[letter])}")
    return Slot(letter, role, tuple(nets[pin] for pin in LETTERS[letter]), bracket is not None)
