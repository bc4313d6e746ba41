"""The page of a rule: why it is there, an example that breaks it, and the same mended.

The pages under ``docs/rules`` are these texts; `eda check --explain RULE` prints them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.rules.finding import Rule

_STRICT: Final = {
    "R1": "a pin is missing",
    "R2": "a passive device with both ends on one net",
    "R3": "an internal net on fewer than two devices",
    "R4": "a MOS transistor with drain, gate and source on one net",
    "R5": "a gate that no direct current reaches",
    "R6": "a net that only bulks touch",
    "R7": "any other net that no direct current reaches",
    "R9": "a bulk on the rail of the other type",
    "R10": "an inductor from rail to rail",
    "R12": "no output",
    "R13": "parts that only rails join",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A netlist that breaks one rule, the same netlist mended, and the file that both include."""

    bad: str
    good: str
    models: str = ""


@cache
def examples() -> Mapping[str, Example]:
    """Return the example of every rule, by its id."""
    folder = files("eda.rules") / "examples"
    texts = [item.read_text("utf-8") for item in folder.iterdir() if item.name.endswith(".toml")]
    return {
        name: Example(*(item.get(key, "").lstrip() for key in ("bad", "good", "models")))
        for text in texts
        for name, item in tomllib.loads(text).items()
    }


def rule_page(rule: Rule) -> str:
    """Return the page of a rule as Markdown.

    Example:
        >>> from eda.rules import RULES
        >>> rule_page(RULES["floating_gate"]).splitlines()[0]
        '# floating_gate (error)'
    """
    example = examples()[rule.id]
    parts = [f"# {rule.id} ({rule.severity})", f"Finds {rule.finds}.", f"**Why.** {rule.reason}"]
    parts.append(f"**Mend.** {rule.mend[:1].upper()}{rule.mend[1:]}.")
    if rule.simulator:
        parts.append(f"**ngspice** prints `{rule.simulator}` of the example.")
    if rule.strict:
        told = "; ".join(f"{name}, {_STRICT[name]}" for name in rule.strict)
        parts.append(f"**Strict validity.** Among it are {told}.")
    if not rule.on:
        parts.append(
            f"It is off unless it is asked for: `{rule.id} = "
            f'"{rule.severity}"` in the table `[rules]` of `eda.toml`.'
        )
    if example.models:
        parts += ["With this file as `models.inc`:", _fenced(example.models)]
    parts += ["This breaks it:", _fenced(example.bad), "This does not:", _fenced(example.good)]
    if rule.id != "waiver":
        parts.append(f"To keep a finding that is meant: `*%waive {rule.id} NAME ; the reason`.")
    return "\n\n".join(parts) + "\n"


def _fenced(text: str) -> str:
    return f"```spice\n{text}```"
