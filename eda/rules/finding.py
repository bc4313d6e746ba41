"""# Finding and Rule: one problem in a circuit, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from eda.circuit import Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eda.rules.electrical import Electrical


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem that a rule found.

    Attributes:
        rule: Id of the rule, as ``floating_gate``.
        severity: ``error``, ``warning`` or ``info``.
        message: What is wrong, in one sentence.
        span: Where: the card of the first device concerned.
        objects: Names of the devices, nets, models or subcircuits concerned.
        fix: What to do about it.
    """

    rule: str
    severity: Severity
    message: str
    span: Span
    objects: tuple[str, ...] = ()
    fix: str = ""

    @property
    def file(self) -> str:
        """The file of the card concerned."""
        return self.span.path

    @property
    def line(self) -> int:
        """The line of the card concerned, from 1; 0 where there is none."""
        return self.span.line

    def __str__(self) -> str:
        """Return ``file:line:column: severity: message [rule]`` and the fix below."""
        text = f"{self.span}: {self.severity}: {self.message} [{self.rule}]"
        return f"{text}\n    {self.fix}" if self.fix else text


class RuleFunction(Protocol):
    """What a rule runs: from a prepared circuit to findings."""

    def __call__(self, rule: Rule, view: Electrical, /) -> Iterable[Finding]:
        """Yield the findings of ``rule`` in the circuit."""


@dataclass(frozen=True, slots=True)
class Rule:
    """An electrical rule.

    Attributes:
        id: Short stable name, as ``floating_gate``.
        severity: Severity of its findings where the rule does not say otherwise.
        reason: Why it matters.
        mend: What usually mends it.
        find: Finds where a circuit breaks it; None where the reader already does.
    """

    id: str
    severity: Severity
    reason: str
    mend: str
    find: RuleFunction | None = None
