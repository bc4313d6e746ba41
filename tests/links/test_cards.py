"""Completed devices as cards: the user's own line with the nets filled in."""

from __future__ import annotations

import pytest

from eda.links import predict_links
from eda.links.cards import CompletedDevice, CompletedPin, completed_devices
from eda.links.weights import Weights
from eda.spice import parse_netlist

DECK = """* pair
VDD vdd 0 1.8
VIP vip 0 0.9
VIN vin 0 0.9
IB vdd vb 20u
M9 vb vb 0 0 nch w=10u
  M0 ? ? ?
+ ? nch w=20u   ; tail
M1 von vip tail 0 nch
M2 vop vin tail 0 nch
M3 von von vdd vdd pch
M4 vop von vdd vdd pch
CL vop 0 1p
.model nch nmos level=1
.model pch pmos level=1
"""


def test_a_card_keeps_what_the_user_wrote(random_model: Weights) -> None:
    circuit = parse_netlist(DECK).flatten()
    (made,) = completed_devices(circuit, predict_links(circuit, models=[random_model]))
    assert made.device == "M0"
    assert [pin.pin for pin in made.pins] == ["d", "g", "s", "b"]
    nets = [pin.net or "?" for pin in made.pins]
    first, second = made.card.splitlines()
    assert first.split() == ["M0", *nets[:3]]
    assert second == f"+ {nets[3]} nch w=20u   ; tail"
    assert 0 <= made.probability <= 1


def test_the_shipped_models_know_a_tail() -> None:
    circuit = parse_netlist(DECK).flatten()
    (made,) = completed_devices(circuit, predict_links(circuit))
    assert [pin.net for pin in made.pins] == ["tail", "vb", "0", "0"]


def test_the_probability_of_a_device_is_a_product() -> None:
    pins = (CompletedPin("d", "a", 0.5), CompletedPin("g", None, 0.4))
    assert CompletedDevice("M1", "M1 a ? 0 0 n", pins).probability == pytest.approx(0.2)


def test_a_device_inside_an_instance_is_written_flat(random_model: Weights) -> None:
    deck = (
        "* t\n.subckt mirror in out\nM1 in in 0 0 nch\nM2 out ? 0 0 nch\n.ends\n"
        "X1 a b mirror\nIA vdd a 10u\nRB vdd b 1k\nVDD vdd 0 1.8\n.model nch nmos level=1\n"
    )
    circuit = parse_netlist(deck).flatten()
    (made,) = completed_devices(circuit, predict_links(circuit, models=[random_model]))
    assert made.card.split()[:3] == ["M.X1.M2", "b", made.pins[0].net or "?"]
