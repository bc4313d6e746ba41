"""Waivers: comments in the netlist that say which findings its author means to keep.

``*%waive RULE OBJECT...`` waives what the rule finds on these objects, in the whole file;
without an object, whatever the rule finds there. Names may hold ``*`` and ``?``; inside a
subcircuit the name within it is enough, as ``M5`` for ``X1.M5``. What follows ``;`` or ``--`` is
the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eda.circuit import Span
from eda.rules.finding import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from eda.circuit import Circuit

_COMMENT: Final = re.compile(
    r"^[ \t]*(?:\*|;|//)[ \t]*%waive\b[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE
)
_REASON: Final = re.compile(r"\s*(?:;|--\s)")
_MOST_OBJECTS: Final = 100


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver of a netlist.

    Attributes:
        rule: Id of the rule.
        objects: Names it is confined to, lower case, with ``*`` and ``?``; empty for all.
        span: The comment.
    """

    rule: str
    objects: tuple[str, ...]
    span: Span

    def covers(self, finding: Finding) -> bool:
        """Return whether the finding is one of those meant."""
        if finding.rule != self.rule or finding.file != self.span.path:
            return False
        if not self.objects:
            return True
        names = [name.lower() for name in finding.objects]
        names += [name.rpartition(".")[2] for name in names]
        return any(_matcher(pattern).match(name) for pattern in self.objects for name in names)


@lru_cache(maxsize=1000)
def _matcher(pattern: str) -> re.Pattern[str]:
    # Bus bits (a[3]) have brackets in their names: only * and ? are special.
    return re.compile(translate(pattern.replace("[", "[[]")))


def read_waivers(circuit: Circuit) -> tuple[Waiver, ...]:
    r"""Return the waivers in the files of a circuit, in file order.

    Example:
        >>> from eda.circuit import Circuit, Source
        >>> text = "* amplifier\n*%waive always_on M5 ; the tail is a switch here\n"
        >>> read_waivers(Circuit(source=Source("a.sp", text)))[0].objects
        ('m5',)
    """
    sources = {item.path: item.text for item in (circuit.source, *circuit.files) if item}
    return tuple(
        waiver
        for path, text in sources.items()
        # Few files hold one; the others are not searched line by line.
        if "%waive" in text.lower()
        for waiver in _waivers(path, text)
    )


def _waivers(path: str, text: str) -> Iterator[Waiver]:
    for match in _COMMENT.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        words = _REASON.split(match.group(1), maxsplit=1)[0].lower().split()
        rule, objects = (words[0], words[1 : _MOST_OBJECTS + 1]) if words else ("", [])
        yield Waiver(rule, tuple(objects), Span(path, line))


def waive(
    waivers: Sequence[Waiver], findings: Sequence[Finding]
) -> tuple[list[Finding], list[Finding], list[Waiver]]:
    """Return the findings that stay, those that are waived, and the waivers that met none."""
    kept: list[Finding] = []
    waived: list[Finding] = []
    idle = dict.fromkeys(waivers)
    for item in findings:
        covering = [waiver for waiver in waivers if waiver.covers(item)]
        for waiver in covering:
            idle.pop(waiver, None)
        (waived if covering else kept).append(item)
    return kept, waived, list(idle)


def idle_findings(rule: Rule, idle: Sequence[Waiver], known: Collection[str]) -> Iterator[Finding]:
    """Yield findings on waivers that name no rule, or that nothing is left to waive for."""
    for item in idle:
        if item.rule not in known:
            message = f"no rule {item.rule!r} to waive" if item.rule else "the waiver names no rule"
            yield rule.finding(message, item.span, [item.rule] if item.rule else [])
        else:
            objects = f" on {', '.join(item.objects)}" if item.objects else ""
            message = f"nothing to waive: {item.rule} finds nothing{objects} in this file"
            yield rule.finding(message, item.span, [item.rule, *item.objects], severity="info")


WAIVER: Final = Rule(
    "waiver",
    "warning",
    "a waiver in a comment that names no rule; information where it has nothing to waive",
    "A waiver that misses its finding hides nothing today, and may hide something tomorrow.",
    "write *%waive RULE OBJECT, or remove the comment",
)
