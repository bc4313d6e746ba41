"""Whether a transistor is n or p: from its model card, else from the name of its model."""

from __future__ import annotations

import re
from typing import Final

from eda.circuit.circuit import ModelCard

_CARD: Final[dict[str, str]] = {
    **{"nmos": "n", "pmos": "p", "npn": "n", "pnp": "p", "lpnp": "p"},
    **{"njf": "n", "pjf": "p", "nmf": "n", "pmf": "p", "nhfet": "n", "phfet": "p"},
    **{"nsoi": "n", "psoi": "p", "nigbt": "n"},
}

# Words that say it anywhere in a name, the longer ones first.
_WORDS: Final = re.compile(
    r"(?<![a-z])(?:(?P<n>n)|(?P<p>p))"
    r"(?:mos|fet|ch(?!e)|channel|jf|tft|enh|dep|[lhsu]?vt|svt|fin|_?lv_|_?hv_)"
    r"|(?P<nn>nmos|nfet|nch|npn)|(?P<pp>pmos|pfet|pch|pnp)",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(r"(?:[a-z]+_)*?(?:(?P<n>n)|(?P<p>p))(?![a-z]*wr)", re.IGNORECASE)

TRANSISTORS: Final = frozenset({"mosfet", "bipolar", "jfet", "mesfet"})


def polarity_of(kind: str, model: str, card: ModelCard | None) -> str:
    """Return ``n``, ``p``, or an empty text where nothing tells.

    Example:
        >>> polarity_of("mosfet", "sky130_fd_pr__pfet_01v8", None)
        'p'
        >>> polarity_of("mosfet", "nch_lvt", None), polarity_of("resistor", "nwell", None)
        ('n', '')
    """
    if kind not in TRANSISTORS:
        return ""
    if card is not None:
        if card.kind == "vdmos":
            return "p" if "pchan" in card.parameters else "n"
        known = _CARD.get(card.kind)
        if known:
            return known
    found = _WORDS.search(model)
    if found is None and kind == "mosfet":
        found = _FIRST.match(model)
    if found is None:
        return ""
    groups = found.groupdict()
    return "n" if groups.get("n") or groups.get("nn") else "p"
