"""The pages of the rules, and the examples on them: told by the rules, and run by ngspice."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from eda.circuit import Circuit
from eda.rules import RULES, Rule, check
from eda.rules.page import examples, rule_page
from eda.spice import parse_netlist, read_netlist

PAGES = Path(__file__).parents[2] / "docs" / "rules"
NGSPICE = shutil.which("ngspice")
needs_ngspice = pytest.mark.skipif(NGSPICE is None, reason="ngspice is not installed")


def read(rule: str, text: str, folder: Path) -> Circuit:
    models = examples()[rule].models
    if not models:
        return parse_netlist(text, strict=False)
    (folder / "models.inc").write_text(models)
    (folder / "deck.sp").write_text(text)
    return read_netlist(folder / "deck.sp", strict=False)


def found(rule: str, text: str, folder: Path) -> set[str]:
    on = {rule: RULES[rule].severity}
    return {item.rule for item in check(read(rule, text, folder), severities=on)}


def ngspice(text: str, folder: Path) -> str:
    deck = folder / "deck.cir"
    deck.write_text(text)
    ran = subprocess.run(
        [str(NGSPICE), "-b", str(deck)], capture_output=True, text=True, check=False, timeout=60
    )
    return (ran.stdout + ran.stderr).lower()


def test_every_rule_has_an_example() -> None:
    assert set(examples()) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_the_example_breaks_its_rule_and_no_other(rule: str, tmp_path: Path) -> None:
    assert found(rule, examples()[rule].bad, tmp_path) == {rule}


@pytest.mark.parametrize("rule", RULES)
def test_the_mended_example_breaks_none(rule: str, tmp_path: Path) -> None:
    assert found(rule, examples()[rule].good, tmp_path) == set()


@pytest.mark.parametrize("rule", RULES)
def test_the_severity_of_the_page_is_that_of_the_finding(rule: str, tmp_path: Path) -> None:
    (finding,) = check(read(rule, examples()[rule].bad, tmp_path), rules=[rule])
    lower = {"unsupported": "info", "pdk": "info", "include": "warning"}
    assert finding.severity == lower.get(rule, RULES[rule].severity)


@pytest.mark.skipif(not PAGES.exists(), reason="no docs beside the tests")
def test_the_pages_are_what_the_rules_say() -> None:
    # To write a page anew: eda check --explain RULE > docs/rules/RULE.md
    assert {path.stem for path in PAGES.glob("*.md")} == set(RULES)
    stale = [
        name
        for name, rule in RULES.items()
        if (PAGES / f"{name}.md").read_text() != rule_page(rule)
    ]
    assert stale == []


@pytest.mark.skipif(not PAGES.exists(), reason="no docs beside the tests")
def test_the_table_of_rules_is_what_they_say() -> None:
    page = (PAGES.parent / "check.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| [`")]
    assert rows == [
        f"| [`{rule.id}`](rules/{rule.id}.md) "
        f"| {rule.severity}{'' if rule.on else ', off'} | {rule.finds} |"
        for rule in RULES.values()
    ]


@needs_ngspice
@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.simulator])
def test_ngspice_says_so_too(rule: Rule, tmp_path: Path) -> None:
    assert rule.simulator in ngspice(examples()[rule.id].bad, tmp_path)
    printed = ngspice(examples()[rule.id].good, tmp_path)
    assert rule.simulator not in printed
    assert "aborted" not in printed
    assert "interrupted" not in printed


@needs_ngspice
@pytest.mark.parametrize("rule", ["supply_short", "bulk_wrong_rail"])
def test_ngspice_finds_a_current_that_nothing_survives(rule: str, tmp_path: Path) -> None:
    def current(text: str) -> float:
        printed = ngspice(text, tmp_path)
        match = re.search(r"v1#branch\s+(\S+)", printed)
        assert match is not None, printed
        return abs(float(match.group(1)))

    assert current(examples()[rule].bad) > 100
    assert current(examples()[rule].good) < 1
