"""Findings in SARIF 2.1.0, the form that code hosts and editors read.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", 2020.
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from eda.rules.page import rule_page
from eda.rules.table import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eda.rules.check import Report
    from eda.rules.finding import Finding, Rule

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}


def to_sarif(report: Report) -> dict[str, Any]:
    """Return the findings as a SARIF log, to be written as JSON.

    Every finding has the rule, its level, the message, the card as a region of the file, and
    the devices and nets as logical locations. What a comment waives is there, suppressed.

    Args:
        report: What `eda.rules.check_report` returned.

    Example:
        >>> from eda.rules import Report
        >>> log = to_sarif(Report(()))
        >>> log["version"], log["runs"][0]["results"]
        ('2.1.0', [])
    """
    used = dict.fromkeys(item.rule for item in (*report.findings, *report.waived))
    index = {name: at for at, name in enumerate(sorted({*RULES, *used}))}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "eda check",
                        "version": _version(),
                        "rules": [_rule(name, RULES.get(name)) for name in index],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    *_results(report.findings, index),
                    *_results(report.waived, index, waived=True),
                ],
            }
        ],
    }


def _rule(name: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        # The reader knows more codes than there are rules.
        return {"id": name}
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("_")),
        "shortDescription": {"text": f"{rule.finds[:1].upper()}{rule.finds[1:]}."},
        "fullDescription": {"text": rule.reason},
        "help": {"text": f"{rule.mend[:1].upper()}{rule.mend[1:]}.", "markdown": rule_page(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity], "enabled": rule.on},
        "properties": {"tags": list(rule.strict)},
    }


def _results(
    findings: Iterable[Finding], index: Mapping[str, int], *, waived: bool = False
) -> list[dict[str, Any]]:
    return [_result(item, index, waived=waived) for item in findings]


def _result(item: Finding, index: Mapping[str, int], *, waived: bool) -> dict[str, Any]:
    text = f"{item.message}; {item.fix}" if item.fix else item.message
    location: dict[str, Any] = {}
    physical = _physical(item)
    if physical:
        location["physicalLocation"] = physical
    if item.objects:
        location["logicalLocations"] = [
            {"name": name.rpartition(".")[2], "fullyQualifiedName": name} for name in item.objects
        ]
    result: dict[str, Any] = {
        "ruleId": item.rule,
        "ruleIndex": index[item.rule],
        "level": _LEVELS[item.severity],
        "message": {"text": text},
        "locations": [location] if location else [],
    }
    if waived:
        result["suppressions"] = [{"kind": "inSource"}]
    return result


def _physical(item: Finding) -> dict[str, Any]:
    path, line, column, end_line = item.span
    if not path or path.startswith("<"):
        return {}
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(path)}}
    if line > 0:
        region = {"startLine": line, "startColumn": max(column, 1)}
        if end_line > line:
            region["endLine"] = end_line
        physical["region"] = region
    return physical


def _uri(path: str) -> str:
    """Return a file as a URI: relative where the path is, so that it fits any checkout."""
    if os.path.isabs(path):
        return Path(path).as_uri()
    return quote(Path(path).as_posix())


def _version() -> str:
    try:
        return version("eda-toolkit")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0"
