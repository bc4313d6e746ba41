"""Converting a circuit to a dialect, and saying what was lost and what was renamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eda.circuit import Circuit
from eda.errors import ConversionError, InputError
from eda.spice.convert.canonical import canonical
from eda.spice.convert.cdl import CDL
from eda.spice.convert.fit import fit
from eda.spice.convert.hspice import HSPICE
from eda.spice.convert.ltspice import LTSPICE
from eda.spice.convert.ngspice import NGSPICE
from eda.spice.convert.pspice import PSPICE
from eda.spice.convert.respell import Renaming, respell
from eda.spice.convert.target import Loss, Target
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
    """

    text: str
    to: str
    dropped: tuple[Loss, ...] = ()
    renamed: tuple[Renaming, ...] = ()


def convert(circuit: Circuit, *, to: str, flat: bool = False, strict: bool = False) -> Conversion:
    r"""Return a circuit as a netlist of another dialect.

    Numbers are written in exponent form without suffixes, so that no reader can misread them.

    Args:
        circuit: What to write.
        to: ``ngspice hspice ltspice pspice cdl spectre verilog``.
        flat: Whether to flatten it first.
        strict: Whether anything the dialect cannot say is an error.

    Raises:
        InputError: There is no such dialect.
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
    if flat:
        circuit = circuit.flatten()
    fitted, losses = fit(canonical(circuit), target)
    spelled, renamed = respell(fitted, target)
    read = [Loss(item.message, item.span) for item in circuit.diagnostics if item.code in _LOST]
    text, more = target.text(spelled)
    dropped = (*read, *losses, *more)
    if strict and dropped:
        shown = "\n".join(f"  {item}" for item in dropped[:20])
        rest = f"\n  and {len(dropped) - 20} more" if len(dropped) > 20 else ""
        raise ConversionError(
            f"{target.name} cannot say all of it:\n{shown}{rest}\n"
            "convert without strict to leave it out",
            dropped=tuple(map(str, dropped)),
        )
    return Conversion(text, target.name, dropped, tuple(renamed))
