"""``eda check``: the electrical rules, and what the reader found, as one list of findings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import typer

from eda.cli.netlist_input import read_with_errors
from eda.cli.options import Dialect, File, Include, Json, TrustDeck
from eda.cli.output import put, put_json, put_table, waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.rules import Finding

SCHEMA = "eda.check/1"
NEGATIVE = 1


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", short_help="Check a netlist against electrical rules.")(check)


def check(
    file: File,
    dialect: Dialect = "auto",
    include: Include = None,
    trust_deck: TrustDeck = False,
    json: Json = False,
) -> None:
    """Check a netlist against the electrical rules; exit code 1 where a finding is an error."""
    import eda

    circuit = read_with_errors(file, dialect=dialect, include=include, trust_deck=trust_deck)
    with waiting("checking"):
        findings = eda.check(circuit)
    if json:
        put_json(SCHEMA, {"findings": [_answer(item) for item in findings]})
    else:
        _show(file, findings)
    if any(item.severity == "error" for item in findings):
        raise typer.Exit(NEGATIVE)


def _answer(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "file": finding.file,
        "line": finding.line,
        "objects": list(finding.objects),
        "message": finding.message,
        "fix": finding.fix,
    }


def _show(file: str, findings: Sequence[Finding]) -> None:
    if not findings:
        put(f"{file}: nothing to complain of")
        return
    put_table(
        (
            (
                item.severity,
                item.rule,
                f"{item.file}:{item.line}",
                f"{item.message}\n{item.fix}" if item.fix else item.message,
            )
            for item in findings
        ),
        headers=("severity", "rule", "place", "what, and how to mend it"),
    )
    counts = Counter(item.severity for item in findings)
    told = ", ".join(
        f"{counts[name]} {name}" for name in ("error", "warning", "info") if counts[name]
    )
    put(f"\n{file}: {told}")
