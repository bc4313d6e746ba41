"""What a dialect can say, as a table: kinds of device, parameters, models, cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from eda.circuit import KIND_NAMES, Circuit, ModelCard, Span
from eda.spice.cards import NGSPICE_STYLE, Style
from eda.spice.convert.expressions import REWRITTEN, Speech
from eda.spice.remarks import Remarks
from eda.spice.writer import write_spice

EVERY_KIND: Final = frozenset(KIND_NAMES)

PINS: Final[dict[str, frozenset[int]]] = {
    "mosfet": frozenset({4, 5, 6, 7}),
    "diode": frozenset({2}),
    "bipolar": frozenset({3, 4, 5}),
}
"""Pins of devices where only ngspice has others: thermal nodes, MOSFETs with an inner bulk."""

PASSIVE: Final = frozenset(
    {"value", "tc1", "tc2", "m", "w", "l", "ic", "temp", "dtemp", "scale", "noisy", "poly"}
    | {"coefficients", "nt", "sub", "mult", "mismatch", "tol"}
)
"""Parameters of R, C and L that SPICE knows."""

SOURCE: Final = frozenset(
    {"dc", "ac", "ac_phase", "arguments", "r", "td", "m", "value", "sin", "pulse", "pwl", "exp"}
)
"""What every dialect says of an independent source."""

WAVES: Final = frozenset({"sin", "pulse", "pwl", "exp", "sffm"})
"""Waveforms that every simulator has."""

CARDS: Final = frozenset({".op", ".dc", ".ac", ".tran", ".noise", ".ic", ".nodeset", ".temp"})
"""Cards that every simulator with cards has."""

OPTIONS: Final = frozenset(
    (
        *("reltol", "abstol", "vntol", "gmin", "temp", "tnom", "chgtol", "pivtol", "pivrel"),
        *("trtol", "itl1", "itl2", "itl4", "itl5", "method", "defl", "defw", "defad", "defas"),
    )
)
"""Options that every simulator has."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that a dialect cannot say.

    Attributes:
        message: What was left out, or is written as it stands though it may not be understood.
        span: Where it stands in what was read.
    """

    message: str
    span: Span

    def __str__(self) -> str:
        """Return ``file:line: message``, without a place where it has none."""
        if self.span.line < 1:
            return self.message
        return f"{self.span.path}:{self.span.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Target:
    """A dialect that is written.

    Attributes:
        name: The dialect.
        style: How its cards look; None where it is no SPICE.
        speech: How its expressions look.
        kinds: Kinds of device it has.
        pins: How many pins a kind may have, where that is not open.
        passive: Parameters of R, C and L without a model.
        source: Parameters of V and I.
        added: Parameters that must be said where they are not given, by kind.
        behavioral: What says an expression: ``b`` cards, ``eg`` cards, or nothing.
        model_kinds: Types of models it has; None takes any.
        levels: Its levels of MOS models by ngspice's.
        cards: Dot cards it has; None takes any.
        options: Words of ``.option`` it has; None takes any.
        control: Whether it has ``.control`` blocks.
        functions: Whether a netlist can define functions.
        ground: Names of nets that mean ground there, in lower case.
        letters: Whether the first letter of a name says the kind.
        case: Whether names that differ in case are different.
        reserved: Names that a model or a subcircuit cannot have there.
        legal: Makes a name one the dialect can say; None takes what SPICE can.
        device: Makes the name of a device one, its letter before it; None leaves it.
        model: Writes a model card the dialect's way; None leaves it.
        says_card: Whether a dot card of those has a counterpart; None takes all.
        write: Writes the fitted circuit, where it is no SPICE.
    """

    name: str
    style: Style | None
    speech: Speech = field(default_factory=lambda: Speech(rewritten=REWRITTEN))
    kinds: frozenset[str] = EVERY_KIND
    pins: Mapping[str, frozenset[int]] = field(default_factory=dict)
    passive: frozenset[str] = PASSIVE
    source: frozenset[str] = SOURCE | WAVES
    added: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    behavioral: str = "eg"
    model_kinds: frozenset[str] | None = None
    levels: Mapping[float, float] = field(default_factory=dict)
    cards: frozenset[str] | None = CARDS
    options: frozenset[str] | None = OPTIONS
    control: bool = False
    functions: bool = True
    ground: frozenset[str] = frozenset()
    letters: bool = True
    case: bool = False
    reserved: frozenset[str] = frozenset()
    legal: Callable[[str], str] | None = None
    device: Callable[[str], str] | None = None
    model: Callable[[ModelCard], ModelCard] | None = None
    says_card: Callable[[str], bool] | None = None
    write: Callable[[Circuit, Remarks], tuple[str, list[Loss]]] | None = None

    def text(self, circuit: Circuit, remarks: Remarks) -> tuple[str, list[Loss]]:
        """Return the text of a circuit that has been fitted, and what could not be said."""
        if self.write is not None:
            return self.write(circuit, remarks)
        style = self.style or NGSPICE_STYLE
        return write_spice(circuit, control=self.control, style=style, remarks=remarks), []


SPICE_MODELS: Final = frozenset(
    (
        *("r", "c", "l", "d", "npn", "pnp", "lpnp", "njf", "pjf", "nmf", "pmf"),
        *("nmos", "pmos", "res", "cap", "ind", "core"),
    )
)
"""Types of models that every SPICE has."""
