"""``eda check``: settings, waivers, SARIF, explanations, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda.rules import RULES
from eda.rules.page import rule_page

Eda = Callable[..., Any]


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """A netlist with one warning."""
    path = tmp_path / "stub.sp"
    path.write_text("* t\nV1 in 0 1\nR1 in 0 1k\nR2 in stub 1k\n.end\n")
    return path


@pytest.mark.parametrize(
    ("fail_on", "code"), [("error", 0), ("warning", 1), ("info", 1), ("never", 0)]
)
def test_the_exit_code_for_machines(stub: Path, eda: Eda, fail_on: str, code: int) -> None:
    assert eda("check", stub, "--fail-on", fail_on).code == code


def test_settings_beside_the_deck_and_named(stub: Path, tmp_path: Path, eda: Eda) -> None:
    (tmp_path / "eda.toml").write_text('[rules]\ndangling_net = "error"\n')
    ran = eda("check", stub)
    assert ran.code == 1
    assert ran.out.splitlines()[2].startswith("error     dangling_net")
    off = tmp_path / "off.toml"
    off.write_text('[rules]\ndangling_net = "off"\n')
    ran = eda("check", stub, "--config", off)
    assert (ran.code, ran.out) == (0, f"{stub}: nothing to complain of\n")
    off.write_text("[rules\n")
    ran = eda("check", stub, "--config", off)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: {off}: is no TOML: ")


def test_what_is_waived_is_counted(stub: Path, eda: Eda) -> None:
    stub.write_text(stub.read_text().replace("V1", "*%waive dangling_net R2\nV1"))
    assert eda("check", stub).out == f"{stub}: nothing to complain of, 1 waived\n"
    answer = json.loads(eda("check", stub, "--json").out)
    assert answer["findings"] == []
    assert [item["objects"] for item in answer["waived"]] == [["stub", "R2"]]
    log = json.loads(eda("check", stub, "--sarif").out)
    assert [item["suppressions"] for item in log["runs"][0]["results"]] == [[{"kind": "inSource"}]]


def test_a_rule_is_explained(eda: Eda) -> None:
    page = rule_page(RULES["vsource_loop"])
    ran = eda("check", "--explain", "vsource_loop")
    assert (ran.code, ran.out, ran.err) == (0, page, "")
    answer = json.loads(eda("check", "--explain", "split_circuit", "--json").out)
    assert answer["schema"] == "eda.check.explain/1"
    assert (answer["rule"], answer["severity"], answer["on"]) == ("split_circuit", "info", False)
    ran = eda("check", "--explain", "vsource_lop")
    assert (ran.code, ran.err) == (2, "error: no rule 'vsource_lop'; did you mean vsource_loop?\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name a netlist to check, or a rule with --explain"),
        (("-", "--fail-on", "fatal"), "--fail-on fatal: write one of error, warning, info, never"),
        (("-", "--sarif", "--json"), "--sarif and --json are two answers; choose one"),
    ],
)
def test_wrong_usage(eda: Eda, words: tuple[str, ...], message: str) -> None:
    ran = eda("check", *words)
    assert ran.code == 2
    assert message in " ".join(ran.err.replace("│", " ").split())
