"""# Finding and Rule: one problem in a circuit, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

from eda.circuit import Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eda.rules.electrical import Electrical

OFF: Final = "off"
"""The setting of a rule that is not to run."""

Setting = Severity | Literal["off"]
"""What a user may say of a rule: the severity of its findings, or `OFF`."""

MOST_OBJECTS: Final = 20
"""Names in one finding."""


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
        strict: Id of the rule of strict validity that it breaks too, as ``R5``; mostly empty.
    """

    rule: str
    severity: Severity
    message: str
    span: Span
    objects: tuple[str, ...] = ()
    fix: str = ""
    strict: str = ""

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
        finds: What it finds, in one sentence.
        reason: Why it matters.
        mend: What usually mends it.
        find: Finds where a circuit breaks it; None where the reader already does.
        strict: The rules of strict validity among it, as ``("R5", "R7")``: what circuits that
            a program makes are measured by.
        on: Whether it runs unless it is asked for.
        simulator: What ngspice prints of a circuit that breaks it, where that is to be seen.
    """

    id: str
    severity: Severity
    finds: str
    reason: str
    mend: str
    find: RuleFunction | None = None
    strict: tuple[str, ...] = ()
    on: bool = True
    simulator: str = ""

    def finding(
        self,
        message: str,
        span: Span,
        objects: Sequence[str],
        *,
        severity: Severity | None = None,
        fix: str | None = None,
        strict: str = "",
    ) -> Finding:
        """Return a finding of this rule, with its severity and mend where nothing else is said."""
        return Finding(
            self.id,
            self.severity if severity is None else severity,
            message,
            span,
            tuple(objects[:MOST_OBJECTS]),
            self.mend if fix is None else fix,
            strict,
        )


def listed(names: Sequence[str]) -> str:
    """Return names for a message, not too many of them.

    Example:
        >>> listed(["a", "b"]), listed(["a", "b", "c", "d", "e", "f"])
        ('a, b', 'a, b, c, d and 2 more')
    """
    shown = ", ".join(names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"
