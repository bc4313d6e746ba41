"""``eda check``: the electrical rules, and what the reader found, as one list of findings."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eda.cli.netlist_input import read_with_errors
from eda.cli.options import Dialect, Include, Json, TrustDeck
from eda.cli.output import note, put, put_json, put_table, replacing, waiting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.circuit import Circuit
    from eda.rules import Finding, Report
    from eda.rules.finding import Setting

SCHEMA = "eda.check/1"
EXPLAIN_SCHEMA = "eda.check.explain/1"
NEGATIVE = 1
FAIL_ON: Final = {
    "error": ("error",),
    "warning": ("error", "warning"),
    "info": ("error", "warning", "info"),
    "never": (),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", short_help="Check a netlist against electrical rules.")(check)


def check(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="A netlist; - reads standard input.")
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="RULE", help="Print the page of a rule, and check none."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="TOML",
            help="Severity of each rule; otherwise the nearest eda.toml beside or above FILE.",
        ),
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            metavar="SEVERITY",
            help="Exit with 1 from this severity on: error, warning, info or never.",
        ),
    ] = "error",
    sarif: Annotated[
        bool, typer.Option("--sarif", help="Answer in SARIF 2.1.0, for code hosts and editors.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="HTML",
            help="Also write a page with the findings and the schematic, in which they are marked.",
        ),
    ] = None,
    dialect: Dialect = "auto",
    include: Include = None,
    trust_deck: TrustDeck = False,
    json: Json = False,
) -> None:
    """Check a netlist against the electrical rules; exit code 1 where a finding is an error."""
    if explain is not None:
        _explain(explain, json=json)
        return
    if file is None:
        raise typer.BadParameter("name a netlist to check, or a rule with --explain")
    if fail_on not in FAIL_ON:
        raise typer.BadParameter(f"--fail-on {fail_on}: write one of {', '.join(FAIL_ON)}")
    if sarif and json:
        raise typer.BadParameter("--sarif and --json are two answers; choose one")
    from eda.rules import check_report

    severities = _severities(file, config)
    circuit = read_with_errors(file, dialect=dialect, include=include, trust_deck=trust_deck)
    with waiting("checking"):
        found = check_report(circuit, severities=severities)
    if report is not None:
        _write_page(file, circuit, found, report)
    if sarif:
        from json import dumps

        from eda.rules.sarif import to_sarif

        put(dumps(to_sarif(found), indent=2))
    elif json:
        put_json(
            SCHEMA,
            {
                "findings": [_answer(item) for item in found.findings],
                "waived": [_answer(item) for item in found.waived],
            },
        )
    else:
        _show(file, found)
    if any(item.severity in FAIL_ON[fail_on] for item in found.findings):
        raise typer.Exit(NEGATIVE)


def _write_page(file: str, circuit: Circuit, found: Report, out: Path) -> None:
    from eda.schematic import findings_page

    with replacing(out, inputs=[file, *(item.path for item in circuit.files)]) as temporary:
        with waiting("drawing"):
            page = findings_page(circuit, found, title=file)
        temporary.write_text(page, encoding="utf-8")
    note(f"wrote {out}")


def _explain(name: str, *, json: bool) -> None:
    from eda.rules import known_rule
    from eda.rules.page import rule_page

    rule = known_rule(name)
    if json:
        put_json(
            EXPLAIN_SCHEMA,
            {"rule": rule.id, "severity": rule.severity, "on": rule.on, "page": rule_page(rule)},
        )
    else:
        put(rule_page(rule))


def _severities(file: str, config: Path | None) -> Mapping[str, Setting]:
    from eda.rules import find_config, read_severities

    found = config if config is not None else find_config(file)
    return {} if found is None else read_severities(found)


def _answer(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "file": finding.file,
        "line": finding.line,
        "objects": list(finding.objects),
        "message": finding.message,
        "fix": finding.fix,
        "strict": finding.strict,
    }


def _show(file: str, report: Report) -> None:
    waived = f", {len(report.waived)} waived" if report.waived else ""
    if not report.findings:
        put(f"{file}: nothing to complain of{waived}")
        return
    put_table(
        _rows(report.findings),
        headers=("severity", "rule", "place", "what, and how to mend it"),
    )
    counts = Counter(item.severity for item in report.findings)
    told = ", ".join(
        f"{counts[name]} {name}" for name in ("error", "warning", "info") if counts[name]
    )
    put(f"\n{file}: {told}{waived}")


def _rows(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    return [
        (
            item.severity,
            item.rule,
            f"{item.file}:{item.line}",
            f"{item.message}\n{item.fix}" if item.fix else item.message,
        )
        for item in findings
    ]
