"""The tables of ``eda bench rules``, on small samples."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from eda.bench import rules as bench
from eda.bench import rules_speed
from eda.rules import check


def record(name: str, nets: tuple[str, str, str, str], *flags: str) -> dict[str, Any]:
    pins = dict(zip("DGSB", nets, strict=True))
    return {
        "id": name,
        "ports": ["VDD", "VSS", "VIN1", "VOUT1"],
        "composed": False,
        "digital": False,
        "devices": [
            {"name": "M0", "kind": "NM", "pins": pins},
            {"name": "R0", "kind": "R", "pins": {"P": "VDD", "N": "VOUT1"}},
        ],
        "erc_fail": list(flags),
        "wl_anybias": name,
    }


@pytest.fixture
def topologies(tmp_path: Path) -> Path:
    folder = tmp_path / "topology" / "analoggenie"
    folder.mkdir(parents=True)
    records = [
        record("sound", ("VOUT1", "VIN1", "VSS", "VSS")),
        record("floats", ("VOUT1", "net1", "VSS", "VSS"), "R5_floating_gate"),
        record("unflagged", ("VOUT1", "net1", "VSS", "VSS")),
    ]
    with gzip.open(folder / "train.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(item) + "\n" for item in records)
    return tmp_path


def test_alarms_and_agreement(topologies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_speed, "SIZES", (50,))
    monkeypatch.setattr(rules_speed, "STEP_SIZES", (10,))
    said: list[str] = []
    result = bench.run(data=topologies, log=said.append)
    assert said == ["topologies", "speed"]
    alarms, listed, agreement, batch, steps = result["tables"]
    assert alarms["rows"][:2] == (
        ("drawn by hand", "error", "any", 1, 2, "50.0 % (9.5-90.5)"),
        ("drawn by hand", "error", "floating_gate", 1, 2, "50.0 % (9.5-90.5)"),
    )
    assert listed["rows"] == (
        ("analoggenie/unflagged", "floating_gate", "net net1 reaches only the gate of M0"),
    )
    assert ("R5", 1, 1, 0) in agreement["rows"]
    assert agreement["notes"] == ("the same set of rules in 2 of 3 circuits",)
    assert batch["rows"][0][0] == 53
    assert steps["rows"][0][0] == 10
    for table in (batch, steps):
        assert all(cell > 0 for row in table["rows"] for cell in row)
    assert bench.render(result).startswith("Topologies without a known fault")


def test_all_faults_are_found_and_nothing_besides(data: Path) -> None:
    table = bench.fault_table(data / "schematics")
    assert len(table.rows) == 26
    assert [row for row in table.rows if row[1] != row[2] or row[3] != "-"] == []


def test_the_interval_of_wilson() -> None:
    # Wilson 1927; the interval solves (p - share)^2 = z^2 p (1 - p) / n.
    for count, total in ((0, 10), (3, 40), (578, 578)):
        for end in bench.wilson(count, total):
            gap = (end - count / total) ** 2 - 1.959964**2 * end * (1 - end) / total
            assert abs(gap) < 1e-12
    assert bench.wilson(0, 0) == (0.0, 1.0)


def test_the_circuits_that_are_timed_have_no_fault_but_what_is_open() -> None:
    circuit = rules_speed.grown(20)
    assert len(circuit) == 20
    assert {item.rule for item in circuit.findings()} == {"unconnected_port"}
    assert check(circuit.to_circuit(), rules=["floating_gate", "no_dc_path"]) == ()
