"""Ladders as words: ``cLcLc`` is shunt C, series L, shunt C, ... from source to load.

| letter | branch | letter | branch |
|---|---|---|---|
| ``L`` | inductor in series | ``l`` | inductor to ground |
| ``C`` | capacitor in series | ``c`` | capacitor to ground |
| ``S`` | L and C in series, in series | ``s`` | L and C in series, to ground (a trap) |
| ``P`` | L and C in parallel, in series (a trap) | ``p`` | L and C in parallel, to ground |

A word says what is connected to what; a design is a word and the values of its parts, in the order
of the letters, L before C.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from eda.filters.network import GROUND, INPUT, OUTPUT, Part, PartKind, Topology

LETTERS: Final = "LCSPlcsp"
_KINDS: Final[dict[str, tuple[PartKind, ...]]] = {
    "l": ("inductor",),
    "c": ("capacitor",),
    "s": ("inductor", "capacitor"),
    "p": ("inductor", "capacitor"),
}


def kinds_of(word: str) -> tuple[PartKind, ...]:
    """Return the kind of every part of a word.

    Example:
        >>> kinds_of("cP")
        ('capacitor', 'inductor', 'capacitor')
    """
    return tuple(kind for letter in word for kind in _KINDS[letter.lower()])


def part_count(word: str) -> int:
    """Return the number of parts of a word."""
    return sum(2 if letter in "SPsp" else 1 for letter in word)


@cache
def ladder(word: str) -> Topology:
    """Return the parts of a word between nodes.

    Raises:
        ValueError: A letter is none, or nothing connects input and output.

    Example:
        >>> [(part.name, part.a, part.b) for part in ladder("cLc").parts]
        [('C1', 1, 0), ('L1', 1, 2), ('C2', 2, 0)]
    """
    series = sum(letter.isupper() for letter in word)
    if not series or any(letter not in LETTERS for letter in word):
        raise ValueError(f"{word!r} is no ladder; write letters of {LETTERS}, one of them upper")
    parts: list[Part] = []
    counts = {"inductor": 0, "capacitor": 0}
    node, nodes, done = INPUT, 3, 0

    def add(kind: PartKind, a: int, b: int) -> None:
        counts[kind] += 1
        name = f"{'L' if kind == 'inductor' else 'C'}{counts[kind]}"
        parts.append(Part(name, kind, a, b))

    for letter in word:
        to = GROUND
        if letter.isupper():
            done += 1
            to = OUTPUT if done == series else nodes
            nodes += to == nodes
        if letter in "Ss":
            add("inductor", node, nodes)
            add("capacitor", nodes, to)
            nodes += 1
        else:
            for kind in _KINDS[letter.lower()]:
                add(kind, node, to)
        if letter.isupper():
            node = to
    return Topology(word, tuple(parts), nodes)
