"""Device names of ngspice's flattened listing, folded back to the devices of the netlist.

ngspice expands some elements into several (``E1 VALUE=`` into ``e1`` and ``be1``, ``POLY`` into
a code model, ``C=`` with an expression into three), writes ``r.x1.r1`` for our ``x1.r1``, and
adds elements of its own for ``.probe`` and between analog and digital nets.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

_OWN: Final = re.compile(
    r"auto_(?:adc|dac|bidi)\d+$|bpa_\d+$|(?:.*\.)?(?:vcurr_|bprobe_|ediff|eprobe_|rprobe_|v?probe_)"
    r"|.*\bpspice_|.*_(?:power|vref)$"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two readings of one netlist do not have in common.

    Attributes:
        listed: Devices of the netlist that ngspice lists, expansions folded back.
        only_ngspice: Names only ngspice has.
        only_ours: Names only we have.
    """

    listed: int
    only_ngspice: tuple[str, ...]
    only_ours: tuple[str, ...]

    @property
    def agree(self) -> bool:
        """Whether there is no difference."""
        return not self.only_ngspice and not self.only_ours


def compare_names(
    cards: Iterable[str], ours: Collection[str], *, title: str = "", ignored: Collection[str] = ()
) -> Comparison:
    """Compare the cards of a listing with the lower-case names of our flat devices.

    Args:
        cards: The element cards that ngspice lists.
        ours: Our names.
        title: The title line, which ngspice lists as a card where it is no comment.
        ignored: Our names that ngspice is known to leave out of the listing.
    """
    names = set(ours)
    seen: set[str] = set()
    extra: list[str] = []
    for position, card in enumerate(cards):
        words = card.split(None, 1)
        if position == 0 and _same_words(card, title):
            continue
        name = plain_name(words[0].lower())
        found = next((option for option in _origins(name) if option in names), None)
        if found is not None:
            seen.add(found)
        elif not _OWN.match(name):
            extra.append(words[0].lower())
    missing = sorted(name for name in names - seen if name not in ignored)
    return Comparison(len(seen), tuple(extra), tuple(missing))


def _same_words(card: str, title: str) -> bool:
    """Return whether a card is the title; of a title, ngspice changes blanks and case."""
    title = title.lower().removeprefix(".title")
    return bool(title) and card.lower().split()[:2] == title.split()[:2]


def plain_name(name: str) -> str:
    """Return our path name for one of ngspice's.

    Example:
        >>> plain_name("r.x1.x2.r1"), plain_name("a$poly$e.x1.e2"), plain_name("r.xtop.r1")
        ('x1.x2.r1', 'x1.e2', 'r1')
        >>> plain_name("r.xtop.xm1.rstandin")
        'xm1'
    """
    name = name.removeprefix("a$poly$")
    parts = name.split(".")
    if len(parts) > 1 and len(parts[0]) == 1:
        # In some nested definitions the letter comes back at every level.
        parts = [part for part in parts[:-1] if part != parts[0]] + parts[-1:]
    return ".".join(parts).removeprefix("xtop.").removesuffix(".rstandin")


def _origins(name: str) -> list[str]:
    """Return the names of devices that ngspice may have made this one from."""
    path, dot, leaf = name.rpartition(".")
    options = [name, f"{path}{dot}{leaf[1:]}"]
    # ``u1`` becomes ``au1_0``, ``a_u1`` and the like.
    if (inner := re.match(r"a_?(.+?)(?:_\d+)?$", leaf)) is not None:
        options.append(f"{path}{dot}{inner[1]}")
    return options
