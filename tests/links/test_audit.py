"""`audit_links` and `selftest` on a small amplifier."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eda.circuit import Circuit
from eda.links import audit, audit_links, selftest


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
    assert {wire.alike for wire in wires} == {1}
    assert audit_links(ota, top=3) == wires[:3]


def test_the_order_goes_by_how_much_likelier_another_net_is(ota: Circuit) -> None:
    wires = audit_links(ota)
    better = [bool(wire.better) for wire in wires]
    assert better == sorted(better, reverse=True)
    margins = [wire.better[0].probability / wire.probability for wire in wires if wire.better]
    assert margins == sorted(margins, reverse=True)


def test_a_large_circuit_is_looked_at_once_per_question(
    ota: Circuit, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = Circuit(
        devices=tuple(
            replace(
                device,
                name=f"{device.name}_{copy}",
                nets=tuple(
                    net if net in ("vdd", "0", "nb") else f"{net}_{copy}" for net in device.nets
                ),
            )
            for copy in range(6)
            for device in ota.devices
            if device.kind != "vsource" or device.name != "VDD" or copy == 0
        )
    )
    total = sum(len(device.roles) for device in copies.devices)
    every = {(wire.device, wire.pin): wire for wire in audit_links(copies)}
    assert len(every) == total
    monkeypatch.setattr(audit, "LARGE", 10)
    listed = audit_links(copies)
    assert sum(wire.alike for wire in listed) == total
    assert len(listed) < total / 4
    assert max(wire.alike for wire in listed) >= 6
    # What one stands for is asked in other company, so its answer is close, not equal.
    apart = [abs(wire.probability - every[wire.device, wire.pin].probability) for wire in listed]
    assert np.median(apart) < 0.05


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
