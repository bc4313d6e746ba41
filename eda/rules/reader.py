"""What the reader had to say, as findings beside those of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.rules.finding import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.circuit import Circuit

READER_RULES: Final = (
    Rule(
        "syntax",
        "error",
        "a card that cannot be understood",
        "A card cannot be understood, so part of the circuit is missing.",
        "write the card as the message says",
    ),
    Rule(
        "bad_value",
        "error",
        "a number or an expression that cannot be understood",
        "A number or an expression cannot be understood.",
        "write a number with a SPICE suffix, or an expression in braces",
    ),
    Rule(
        "include",
        "warning",
        "an included file that cannot be read",
        "An included file cannot be read, so whatever it defines is unknown.",
        "correct the path, or name its folder with -I",
    ),
    Rule(
        "undefined_model",
        "info",
        "a netlist without any model card",
        "The netlist carries no model cards at all: fine for a schematic, not for simulation.",
        "include the model file before simulating",
    ),
    Rule(
        "recursion",
        "error",
        "a subcircuit that contains itself",
        "A subcircuit contains itself, or nesting is too deep to be meant.",
        "break the circle",
        simulator="unknown subckt",
    ),
    Rule(
        "pdk",
        "warning",
        "devices of a process kit whose files are not there",
        "Devices of a process kit were recognised by their names, without the kit's files.",
        "set PDK_ROOT, or name the folder with -I, before simulating",
    ),
    Rule(
        "template",
        "warning",
        "place-holders that some generator has yet to fill in",
        "The file holds place-holders that some generator has yet to fill in.",
        "fill them in, and check the result",
    ),
    Rule(
        "unsupported",
        "warning",
        "a card that this program does not model",
        "The card means something that this program does not model.",
        "see the message",
    ),
    Rule(
        "infix_number",
        "warning",
        "a number with digits behind its suffix, which most simulators do not read",
        "A number such as 4K7 is 4k to ngspice and most others, which stop at the suffix.",
        "write 4.7k, or name a dialect that knows it: ltspice or kicad",
    ),
    Rule(
        "ignored_multiplier",
        "warning",
        "a multiplier of an instance that its subcircuit takes and uses nowhere",
        "An instance has m=..., and its subcircuit takes m and uses it nowhere (GF180's do).",
        "widen the device, or write as many instances in parallel",
    ),
    Rule(
        "default_variation",
        "warning",
        "models that are random draws unless the deck says otherwise",
        "Included models draw from distributions unless the deck switches it off (GF180's do).",
        "set the switches to 0 behind the .include, for nominal values",
    ),
)

# An undefined model is only an error where the file defines some, and then like any other name.
_UNDEFINED: Final = frozenset(("undefined_model", "undefined_parameter"))


def reader_findings(circuit: Circuit) -> Iterator[Finding]:
    """Yield the reader's diagnostics as findings.

    A black box is no problem to the reader, and an error here. Where an included file could
    not be read, it probably is defined there: then it stays a warning.
    """
    included = all(item.code != "include" for item in circuit.diagnostics)
    for item in circuit.diagnostics:
        severity = item.severity
        if item.code == "undefined_reference" and included:
            severity = "error"
        named = item.code in _UNDEFINED and severity != "info"
        yield Finding(
            rule="undefined_reference" if named else item.code,
            severity=severity,
            message=item.message,
            span=item.span,
            objects=item.objects,
            fix=item.fix,
        )
