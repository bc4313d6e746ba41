"""The decks that the speed tables of `eda bench links` are made with, and one measurement."""

from __future__ import annotations

from pathlib import Path

import pytest

from eda.bench import links_speed
from eda.bench.links_decks import chain_text, logic_text, tiled_text
from eda.bench.links_measure import measure
from eda.bench.links_speed import STAGES, speed_table
from eda.links import open_pins
from eda.spice import parse_netlist


def test_the_chain_has_fifty_devices_and_more_and_one_open_pin() -> None:
    circuit = parse_netlist(chain_text(STAGES))
    assert len(circuit.devices) == 5 * STAGES + 3 >= 50
    assert list(open_pins(circuit)) == [(f"MD{STAGES - 1}", "g")]


@pytest.mark.parametrize("devices", [500, 3000])
def test_random_logic_is_as_large_as_asked_and_always_the_same(devices: int) -> None:
    text = logic_text(devices)
    flat = parse_netlist(text).flatten()
    assert abs(len(flat.devices) - devices) < 0.15 * devices
    assert not flat.errors
    assert {device.kind for device in flat.devices} == {"mosfet", "vsource"}
    assert logic_text(devices) == text != logic_text(devices, seed=1)


def test_tiles_share_supplies_only() -> None:
    cell = ".subckt cell in out vdd vss\nM1 out in vss vss n\nM2 out in vdd vdd p\n.ends\n"
    flat = parse_netlist(tiled_text(cell, 3)).flatten()
    assert len(flat.devices) == 6
    assert set(flat.nets) == {"vdd", "vss", *(f"t{k}_{p}" for k in range(3) for p in range(2))}


def test_a_measurement_counts_what_it_did(tmp_path: Path) -> None:
    path = tmp_path / "logic.sp"
    path.write_text(logic_text(300))
    found = measure(path, "predict", pins=5)
    assert found["asked"] == 5
    assert found["candidates"] > 5 * 50
    assert 0 <= found["hits_at_1"] <= 1
    assert found["total_s"] > found["read_s"] > 0
    assert 20 < found["peak_mb"] < 2000


def test_every_size_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def instead(path: Path, task: str, *, pins: int) -> dict[str, float]:
        asked.append(f"{path.stem} {task} {pins}")
        return {
            **{"devices": 10, "pins": 40, "asked": 4, "total_s": 0.5, "read_s": 0.1},
            **{"hits_at_1": 0.5, "peak_mb": 99.0},
        }

    monkeypatch.setattr(links_speed, "measure", instead)
    monkeypatch.setattr(links_speed, "QUICK_SIZES", (100, 100_000))
    monkeypatch.setattr(links_speed, "logic_text", lambda size: "* nothing\n")
    table = speed_table(None)
    assert asked == [
        *("logic100 predict 1000", "logic100000 predict 1000", "logic100000 audit 1000")
    ]
    assert table.rows[0][:2] == ("eda predict-links", 5 * STAGES + 3)
    assert table.rows[1] == (
        *("predict: random logic, flattened", 10, 40, 4, 0.5, 0.1, 12500.0, 0.5, None, 99),
    )
