"""Readers of the corpora, on tiny files of their form, and on the corpora themselves."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from eda.datasets import parse_image2net, read_image2net, read_records
from eda.datasets.upstream import parse_analoggenie, read_analoggenie
from eda.errors import DatasetError


def record(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": "ag1",
        "composed": False,
        "digital": False,
        "net_collision": False,
        "ports": ["VDD", "VIN1", "VOUT1"],
        "devices": [
            {"name": "M0", "kind": "NM", "pins": {"D": "VOUT1", "G": "VIN1", "S": "0", "B": "0"}},
            {"name": "M0", "kind": "R", "pins": {"P": "VDD", "N": "VOUT1"}},
            {"name": "D1", "kind": "DIO", "pins": {"P": "VOUT1", "N": "VDD"}},
        ],
        "blocks": [{"name": "I4", "cell": "INVERTER", "nets": ["VIN1", "x", "VDD"]}],
        "wl_anybias": "abc",
    }
    return {**made, **changes}


def write(path: Path, *records: Any) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for item in records:
            file.write(json.dumps(item) + "\n")
    return path


def test_a_record_becomes_a_circuit(tmp_path: Path) -> None:
    (read,) = read_records(write(tmp_path / "t.jsonl.gz", record()), corpus="analoggenie")
    m0, r0, d1, i4 = read.circuit.devices
    assert (m0.kind, m0.polarity, m0.pins[1]) == ("mosfet", "n", ("g", "VIN1"))
    assert (r0.name, r0.kind, r0.roles) == ("M0_1", "resistor", ("p", "n"))
    assert d1.pins == (("a", "VOUT1"), ("k", "VDD"))
    assert (i4.kind, i4.model, i4.roles) == ("subcircuit", "INVERTER", ("1", "2", "3"))
    assert read.circuit.ports == ("VDD", "VIN1", "VOUT1")
    assert (read.name, read.group, read.drawn, read.clean) == ("analoggenie/ag1", "abc", True, True)


@pytest.mark.parametrize("change", [{"composed": True}, {"digital": True}])
def test_only_analog_circuits_of_one_hand_are_drawn(tmp_path: Path, change: dict[str, Any]) -> None:
    path = write(tmp_path / "t.jsonl.gz", record(**change))
    (read,) = read_records(path, corpus="analoggenie")
    assert not read.drawn


def test_shorted_nets_are_not_clean(tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl.gz", record(net_collision=True))
    (read,) = read_records(path, corpus="analoggenie")
    assert not read.clean


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"devices": [{"name": "M0", "kind": "??", "pins": {}}]}, "KeyError: '??'"),
        ({"devices": 7}, "TypeError: 'int' object is not iterable"),
    ],
)
def test_a_bad_record_is_refused_with_its_line(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    path = write(tmp_path / "t.jsonl.gz", record(), record(**change))
    message = (
        f"{path}:2: not a circuit record ({reason}); the fields are described in PROVENANCE.md "
        "of analoggenie"
    )
    with pytest.raises(DatasetError, match=f"^{re.escape(message)}$"):
        list(read_records(path, corpus="analoggenie"))


def test_a_file_that_is_not_gzip(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(b"plain")
    with pytest.raises(DatasetError, match=rf"^{re.escape(str(path))}: not a gzipped file of JSON"):
        list(read_records(path, corpus="align_ota"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl.gz"
    message = (
        f"{path}: no such file; set EDA_DATA to the folder of the corpora, "
        "or fetch it with: eda datasets get align_ota"
    )
    with pytest.raises(DatasetError, match=f"^{re.escape(message)}$"):
        list(read_records(path, corpus="align_ota"))


def test_a_component_list_becomes_a_circuit() -> None:
    text = """{'ckt_netlist': [
        {'component_type': 'PMOS',
         'port_connection': {'Drain': 'o', 'Source': 'VDD', 'Gate': 'i'}},
        {'component_type': 'Current', 'port_connection': {'Out': 'GND', 'In': 'o'}},
        {'component_type': 'Diso_amp', 'port_connection': {'InN': 'a', 'InP': 'b', 'Out': 'o'}},
    ], 'ckt_type': 'LDO'}"""
    m1, i2, x3 = parse_image2net(text, name="001").circuit.devices
    assert (m1.name, m1.polarity, m1.pins) == ("M1", "p", (("d", "o"), ("g", "i"), ("s", "VDD")))
    assert (i2.kind, i2.pins) == ("isource", (("p", "o"), ("n", "GND")))
    assert (x3.kind, x3.model, x3.roles) == ("subcircuit", "Diso_amp", ("inn", "inp", "out"))


@pytest.mark.parametrize(
    "text",
    ["", "__import__('os')", "{'ckt_netlist': [{}]}", "[" * 50 + "]" * 50, "{'a': 1}", "\x00"],
)
def test_what_is_no_component_list_is_refused(text: str) -> None:
    with pytest.raises(DatasetError, match=r"^image2net/bad: "):
        parse_image2net(text, name="bad")


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"net: no circuits there; set EDA_DATA to"):
        list(read_image2net(tmp_path))


def test_published_netlists(tmp_path: Path) -> None:
    folder = tmp_path / "Dataset" / "12"
    folder.mkdir(parents=True)
    text = "M0 (VOUT1 VIN1 net1 VSS) nmos4\nR0 (VDD VOUT1) resistor \n\nI0 (a VCLK1 b) NAND2\n"
    (folder / "12.cir").write_text(text, "utf-8")
    (folder / "Port12.txt").write_text("VDD", "utf-8")
    (read,) = read_analoggenie(tmp_path)
    assert [d.kind for d in read.circuit.devices] == ["mosfet", "resistor", "subcircuit"]
    assert read.circuit.ports == ("VOUT1", "VIN1", "VSS", "VDD", "VCLK1")
    assert (read.name, read.digital, read.composed) == ("analoggenie/ag12", True, False)


def test_a_repeated_name_means_merging() -> None:
    read = parse_analoggenie("M0 (a b c d) nmos4\nM0 (a b c d) nmos4\n", name="1")
    assert read.composed
    assert [device.name for device in read.circuit.devices] == ["M0", "M0_1"]


def test_the_corpora_are_as_large_as_they_say(data: Path) -> None:
    sizes = {
        name: sum(1 for _ in read_records(data / "topology" / name / "train.jsonl.gz", corpus=name))
        for name in ("analoggenie", "align_ota")
    }
    assert sizes == {"analoggenie": 2845, "align_ota": 547}
    assert sum(1 for _ in read_image2net(data / "spice" / "image2net")) == 306
