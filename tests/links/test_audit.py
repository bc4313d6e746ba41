"""`audit_links` and `selftest` on a small amplifier."""

from __future__ import annotations

from dataclasses import replace

from eda.circuit import Circuit
from eda.links import audit_links, selftest


def test_a_gate_on_the_wrong_net_is_among_the_first(ota: Circuit) -> None:
    devices = tuple(
        replace(device, nets=("tail", "inp", "0", "0")) if device.name == "M5" else device
        for device in ota.devices
    )
    wires = audit_links(Circuit(devices=devices))
    suspects = [(wire.device, wire.pin) for wire in wires[:4]]
    assert ("M5", "g") in suspects
    wire = next(w for w in wires if (w.device, w.pin) == ("M5", "g"))
    assert wire.net == "inp"
    assert wire.better[0].net == "nb"
    assert wire.probability < wire.better[0].probability


def test_every_pin_is_looked_at_once_and_sorted(ota: Circuit) -> None:
    wires = audit_links(ota)
    assert len({(wire.device, wire.pin) for wire in wires}) == len(wires) == 6 * 2 + 8 * 4
    values = [wire.probability for wire in wires]
    assert values == sorted(values)
    assert audit_links(ota, top=3) == wires[:3]


def test_an_empty_circuit_has_no_wires() -> None:
    assert audit_links(Circuit()) == []


def test_selftest_asks_for_every_pin_of_a_small_circuit(ota: Circuit) -> None:
    result = selftest(ota)
    assert result.queries == 6 * 2 + 8 * 3
    assert 0.5 < result.hits_at_1 <= result.hits_at_3 <= 1.0
    assert result.hits_at_1 <= result.mrr
    assert selftest(ota) == result


def test_selftest_can_ask_for_fewer(ota: Circuit) -> None:
    assert selftest(ota, pins=7).queries == 7
    assert selftest(Circuit()).queries == 0
