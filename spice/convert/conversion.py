"""Converting a circuit to a dialect, and saying what was lost and what was renamed."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from eda.circuit import Circuit, Span
from eda.errors import ConversionError, InputError
from eda.spice.convert.canonical import canonical
from eda.spice.convert.cdl import CDL
from eda.spice.convert.fit import fit
from eda.spice.convert.hspice import HSPICE
from eda.spice.convert.kept import Kept, kept_card, own_part
from eda.spice.convert.ltspice import LTSPICE
from eda.spice.convert.ngspice import NGSPICE
from eda.spice.convert.pspice import PSPICE
from eda.spice.convert.respell import Renaming, respell
from eda.spice.convert.target import Loss, Target
from eda.spice.remarks import Remarks, remarks_of
from eda.spice.spectre.writer import SPECTRE
from eda.spice.verilog.writer import VERILOG

TARGETS: Final[dict[str, Target]] = {
    target.name: target for target in (NGSPICE, HSPICE, LTSPICE, PSPICE, CDL, SPECTRE, VERILOG)
}
"""Every dialect that is written, by name."""

WRITTEN: Final = tuple(TARGETS)
"""Names of the dialects that are written."""

SUFFIXES: Final[dict[str, str]] = {
    **{".cir": "ngspice", ".sp": "ngspice", ".spice": "ngspice", ".ckt": "ngspice"},
    **{".scs": "spectre", ".cdl": "cdl", ".net": "ltspice", ".v": "verilog", ".vg": "verilog"},
    **{".hsp": "hspice"},
}
"""The dialect that a file's suffix means."""

# What the reader could not take over, so that it cannot be written either.
_LOST: Final = frozenset({"include", "template", "unsupported"})


@dataclass(frozen=True, slots=True)
class Conversion:
    """What came of a conversion.

    Attributes:
        text: The netlist.
        to: The dialect.
        dropped: What the dialect cannot say, one entry each; empty where all was said.
        renamed: Names that are other ones in the text.
        kept: Include cards that stand in the text, where they were to be kept: the files they
            name are read in the dialect of the text.
    """

    text: str
    to: str
    dropped: tuple[Loss, ...] = ()
    renamed: tuple[Renaming, ...] = ()
    kept: tuple[Loss, ...] = ()


def convert(
    circuit: Circuit,
    *,
    to: str,
    flat: bool = False,
    strict: bool = False,
    comments: bool = True,
    keep_includes: bool = False,
) -> Conversion:
    r"""Return a circuit as a netlist of another dialect.

    Numbers are written in exponent form without suffixes, so that no reader can misread them.

    Args:
        circuit: What to write.
        to: ``ngspice hspice ltspice pspice cdl spectre verilog``.
        flat: Whether to flatten it first.
        strict: Whether anything the dialect cannot say is an error.
        comments: Whether the comments of the files are written beside their cards.
        keep_includes: Whether include cards of the circuit's own file stay include cards; else
            what the files say is written in their place.

    Raises:
        InputError: There is no such dialect, or includes are to be kept in a flat circuit.
        ConversionError: With ``strict``, something cannot be said; ``dropped`` lists it.

    Example:
        >>> from eda.spice import parse_netlist
        >>> made = convert(parse_netlist("* rc\nR1 in out 1meg\nC1 out 0 1u\n"), to="spectre")
        >>> print(made.text, end="")
        // rc
        simulator lang=spectre
        R1 (in out) resistor r=1000000.0
        C1 (out 0) capacitor c=1e-06
    """
    target = TARGETS.get(to.lower())
    if target is None:
        raise InputError(f"{to} is no dialect that is written; write one of {', '.join(WRITTEN)}")
    kept: list[Kept] = []
    said: set[Span] = set()
    known = circuit.subcircuits.keys()
    if keep_includes:
        if flat:
            raise InputError("a flat circuit holds what its includes say; leave one of both out")
        circuit, kept = own_part(circuit)
    if flat:
        circuit = circuit.flatten()
    fitted, losses = fit(canonical(circuit), target)
    if kept:
        losses = [item for item in losses if not _is_of_included_cell(item, known)]
        cards = [kept_card(item, target.name) for item in kept]
        losses += [loss for _, loss in cards if loss is not None]
        said = {card.span for card, _ in cards if card is not None}
        fitted = replace(
            fitted, cards=(*(card for card, _ in cards if card is not None), *fitted.cards)
        )
    spelled, renamed = respell(fitted, target)
    lines = {(item.span.path, item.span.line) for item in kept}
    read = [
        Loss(item.message, item.span)
        for item in circuit.diagnostics
        if item.code in _LOST and (item.span.path, item.span.line) not in lines
    ]
    if target.name != "spectre":
        # Spectre lets names without a value stand; SPICE does not.
        read += [
            Loss(item.message, item.span)
            for item in circuit.diagnostics
            if item.code == "undefined_parameter" and item.severity == "warning"
        ]
    remarks = remarks_of(circuit) if comments else Remarks()
    text, more = target.text(spelled, remarks)
    lost = [Loss(f"the comment: {text.strip()}", Span("", 0)) for text in remarks.left]
    dropped = (*read, *losses, *more, *lost)
    if strict and dropped:
        shown = "\n".join(f"  {item}" for item in dropped[:20])
        rest = f"\n  and {len(dropped) - 20} more" if len(dropped) > 20 else ""
        raise ConversionError(
            f"{target.name} cannot say all of it:\n{shown}{rest}\n"
            "convert without strict to leave it out",
            dropped=tuple(map(str, dropped)),
        )
    stays = tuple(Loss(item.text, item.span) for item in kept if item.span in said)
    return Conversion(text, target.name, dropped, tuple(renamed), stays)


def _is_of_included_cell(loss: Loss, known: Collection[str]) -> bool:
    """Return whether a loss is of the pin names of a cell that a kept file defines."""
    found = re.match(r"the names of the pins of cell (\S+)", loss.message)
    return found is not None and found[1].lower() in known
