"""``eda bench rules``: faults found, sound circuits alarmed, agreement with other flags, speed.

The corpora have circuits with one known fault each, circuits without, and for thousands of
topologies the flags of an independent checker (strict validity, rules R1 to R13).
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from eda.bench.rules_speed import batch_table, step_table
from eda.bench.table import Table, render, result_of
from eda.datasets.corpora import data_folder
from eda.datasets.records import read_records
from eda.rules import RULES, check
from eda.spice import read_netlist

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from eda.circuit import Circuit
    from eda.datasets.records import CorpusCircuit
    from eda.rules import Finding

__all__ = ["render", "run"]

CORPORA: Final = ("analoggenie", "align_ota")
_OUTPUT: Final = re.compile(r"(?:VOUT|IOUT|VIF)\d*", re.IGNORECASE)
_STRICT_ON: Final = {"missing_output": "warning", "split_circuit": "info"}


def run(
    *,
    full: bool = False,
    seed: int = 0,
    log: Callable[[str], object] = lambda _text: None,
    data: Path | None = None,
) -> dict[str, Any]:
    """Measure the rules.

    Args:
        full: Whether the machine-composed topologies are all checked; else every fourth.
        seed: Kept beside the result; nothing is drawn.
        log: Called with what is being done.
        data: Folder of the corpora; by default what ``EDA_DATA`` names. Without any, only the
            speed is measured.
    """
    folder = data if data is not None else data_folder()
    tables: list[Table] = []
    if folder is not None and (folder / "schematics" / "erc").is_dir():
        log("known faults")
        tables.append(fault_table(folder / "schematics"))
    if folder is not None and (folder / "topology").is_dir():
        log("topologies")
        tables += topology_tables(folder / "topology", full=full)
    log("speed")
    tables += [batch_table(full=full), step_table()]
    return result_of("rules", tables, full=full, seed=seed)


def fault_table(folder: Path) -> Table:
    """Return what is found in circuits with one known fault each, and in those without.

    Args:
        folder: With ``erc/expected.json`` and the netlists it names, and ``netlists/``.
    """
    rows: list[tuple[str | float | int | None, ...]] = []
    cases = json.loads((folder / "erc" / "expected.json").read_text(encoding="utf-8"))
    for case in cases:
        found = _told(check(read_netlist(folder / "erc" / case["file"], strict=False)))
        wanted = {
            (item["rule"], item["severity"], frozenset(item["objects"])) for item in case["expect"]
        }
        extra = sorted(rule for rule, _, _ in found - wanted)
        rows.append((case["file"], len(wanted), len(found & wanted), ", ".join(extra) or "-"))
    for path in sorted((folder / "netlists").glob("*.sp")):
        # That a netlist of a schematic carries no models is no fault of the circuit.
        found = {item for item in _told(check(read_netlist(path))) if item[0] != "undefined_model"}
        extra = sorted(rule for rule, _, _ in found)
        rows.append((f"netlists/{path.name}", 0, 0, ", ".join(extra) or "-"))
    wanted_count = sum(int(row[1] or 0) for row in rows)
    found_count = sum(int(row[2] or 0) for row in rows)
    return Table(
        "Known faults, and circuits without one",
        ("netlist", "expected", "found", "found besides"),
        tuple(rows),
        (
            f"{found_count} of {wanted_count} expected findings, told with the same rule, severity "
            "and objects",
        ),
    )


def _told(findings: Sequence[Finding]) -> set[tuple[str, str, frozenset[str]]]:
    return {(item.rule, item.severity, frozenset(item.objects)) for item in findings}


def topology_tables(folder: Path, *, full: bool) -> list[Table]:
    """Return alarms on topologies without a known fault, by rule and one by one; agreement."""
    groups: dict[str, list[tuple[CorpusCircuit, frozenset[str], tuple[Finding, ...]]]] = {}
    for corpus in CORPORA:
        path = folder / corpus / "train.jsonl.gz"
        if not path.is_file():
            continue
        for at, (item, flags) in enumerate(_flagged(path, corpus)):
            if item.digital or not (full or item.drawn or at % 4 == 0):
                continue
            name = "drawn by hand" if item.drawn else f"composed, {corpus}"
            found = check(_with_outputs(item.circuit), severities=_STRICT_ON)  # type: ignore[arg-type]
            groups.setdefault(name, []).append((item, flags, found))
    sound = {
        name: [(item, found) for item, flags, found in items if item.clean and not flags]
        for name, items in groups.items()
    }
    return [
        _alarm_table(sound),
        _list_table(sound),
        *(_agreement_table(name, items) for name, items in groups.items()),
    ]


def _flagged(path: Path, corpus: str) -> Iterator[tuple[CorpusCircuit, frozenset[str]]]:
    """Yield the circuits with the rules of strict validity that their source says they break."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for item, line in zip(read_records(path, corpus=corpus), lines, strict=True):
            flags = json.loads(line).get("erc_fail", ())
            yield item, frozenset(str(flag).partition("_")[0] for flag in flags)


def _with_outputs(circuit: Circuit) -> Circuit:
    """Return the circuit with the direction of its outputs: the corpus names currents too."""
    outputs = [port for port in circuit.ports if _OUTPUT.fullmatch(port)]
    return replace(circuit, directions=dict.fromkeys(outputs, "output"))


_Sound = dict[str, list[tuple["CorpusCircuit", tuple["Finding", ...]]]]


def _alarm_table(sound: _Sound) -> Table:
    rows: list[tuple[str | float | int | None, ...]] = []
    for name, items in sound.items():
        for severity in ("error", "warning", "info"):
            alarmed = Counter(
                rule
                for _, found in items
                for rule in {
                    item.rule
                    for item in found
                    if item.severity == severity and item.rule not in _STRICT_ON
                }
            )
            any_rule = sum(
                any(item.severity == severity and item.rule not in _STRICT_ON for item in found)
                for _, found in items
            )
            rows.append((name, severity, "any", any_rule, len(items), _share(any_rule, len(items))))
            rows += [
                (name, severity, rule, count, len(items), _share(count, len(items)))
                for rule, count in alarmed.most_common()
            ]
    return Table(
        "Topologies without a known fault that are alarmed all the same",
        ("circuits", "severity", "rule", "alarmed", "of", "share, 95 %"),
        tuple(rows),
        ("without: none of R1-R13 by its source, and no nets known to be merged wrongly",),
    )


def _share(count: int, total: int) -> str:
    low, high = wilson(count, total)
    return f"{100 * count / max(total, 1):.1f} % ({100 * low:.1f}-{100 * high:.1f})"


def wilson(count: int, total: int, *, z: float = 1.959964) -> tuple[float, float]:
    """Return the Wilson interval of a share.

    Args:
        count: How many.
        total: Of how many.
        z: Quantile of the normal distribution; by default that of 95 %.

    Example:
        >>> [round(end, 4) for end in wilson(5, 100)]
        [0.0215, 0.1118]
    """
    if not total:
        return 0.0, 1.0
    share, square = count / total, z * z / total
    centre = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / total + square / (4 * total))
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _list_table(sound: _Sound) -> Table:
    rows = [
        (item.name, finding.rule, finding.message)
        for items in sound.values()
        for item, found in items
        for finding in found
        if finding.severity == "error"
    ]
    return Table("Each of them that is an error", ("circuit", "rule", "message"), tuple(rows))


def _agreement_table(
    name: str, items: Sequence[tuple[CorpusCircuit, frozenset[str], tuple[Finding, ...]]]
) -> Table:
    rows: list[tuple[str | float | int | None, ...]] = []
    names = [strict for rule in RULES.values() for strict in rule.strict]
    for strict in sorted(set(names), key=lambda text: int(text[1:])):
        ours = [any(finding.strict == strict for finding in found) for _, _, found in items]
        theirs = [strict in flags for _, flags, _ in items]
        pairs = Counter(zip(ours, theirs, strict=True))
        rows.append((strict, pairs[True, True], pairs[True, False], pairs[False, True]))
    same = sum(
        {finding.strict for finding in found if finding.strict} == flags
        for _, flags, found in items
    )
    return Table(
        f"Strict validity beside the flags of the corpus: {name}",
        ("rule", "both", "only here", "only there"),
        tuple(rows),
        (f"the same set of rules in {same} of {len(items)} circuits",),
    )
