"""Generated circuits as training data, and as a data set on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eda.datasets import generated_records, generated_samples, mix
from eda.datasets.build import write_generated
from eda.datasets.splits import split_hash
from eda.errors import DatasetError
from eda.spice import read_netlist


def test_records_are_flat_and_of_their_corpus() -> None:
    records = list(generated_records(5, seed=3))
    assert [record.corpus for record in records] == ["generated"] * 5
    assert not any(record.circuit.subcircuits and record.drawn for record in records)
    assert {record.name.split("/")[0] for record in records} == {"generated"}


def test_what_is_held_out_does_not_come() -> None:
    records = list(generated_records(8, seed=3))
    first = split_hash(records[0])
    names = {sample.name for sample in generated_samples(8, seed=3, exclude={first})[0]}
    assert records[0].name not in names
    assert len(names) == len({split_hash(record) for record in records} - {first})


def test_shares_are_kept_when_mixing() -> None:
    samples, _ = generated_samples(4, seed=0)
    mixed, importance = mix([(samples[:1], [5.0], 0.25), (samples[1:3], [1.0, 1.0], 0.75)])
    assert mixed == samples[:3]
    assert importance == [0.25, 0.375, 0.375]


def test_a_folder_of_circuits(tmp_path: Path) -> None:
    summary = write_generated(tmp_path / "set", 4, seed=1, types=["opamp", "logic_gate"])
    manifest = (tmp_path / "set" / "manifest.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in manifest.splitlines()]
    assert summary["circuits"] == len(lines) == 4
    assert summary["distinct"] == len({line["hash"] for line in lines})
    for line in lines:
        circuit = read_netlist(tmp_path / "set" / line["file"])
        assert len(circuit.flatten().devices) == line["devices"]
    card = (tmp_path / "set" / "README.md").read_text("utf-8")
    assert "--count 4 --seed 1 --type opamp --type logic_gate -o DIR" in card


def test_an_unknown_type_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"^there is no circuit type 'x'; there are: opamp, "):
        write_generated(tmp_path / "set", 4, types=["x"])
    assert not (tmp_path / "set").exists()
