"""Augmentation keeps samples well-formed, and a circuit the circuit it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eda.links.augment import Augmentation, add_sources, augment, choose_pins, crop, unite
from eda.links.sample import Sample
from eda.links.vocabulary import MIDDLE, NET_ROLES, PIN_KINDS, pin_kind


def well_formed(sample: Sample) -> None:
    assert len(sample.edge_device) == len(sample.edge_net) == len(sample.edge_kind)
    assert (np.diff(sample.edge_device) >= 0).all()
    assert sample.edge_device.max(initial=-1) < sample.num_devices
    assert sample.edge_net.max(initial=-1) < sample.num_nets
    assert len(sample.net_role_by_name) == len(sample.net_is_port) == sample.num_nets
    assert sample.edge_kind.max(initial=0) < len(PIN_KINDS)


@pytest.mark.parametrize("seed", range(40))
def test_augmented_samples_are_well_formed(ota_sample: Sample, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rule = Augmentation(sources=0.5, dual=0.5, crop=0.5, polarity=0.3, bulks=0.5)
    sample = augment(unite(ota_sample, ota_sample, rng), rule, rng)
    well_formed(sample)
    pins = choose_pins(sample, rule, rng)
    assert len(set(pins.tolist())) == len(pins) >= 1


def test_united_circuits_share_their_rails(ota_sample: Sample) -> None:
    both = unite(ota_sample, ota_sample, np.random.default_rng(0))
    assert both.num_devices == 2 * ota_sample.num_devices
    for role in ("low", "high"):
        index = NET_ROLES.index(role)
        assert (both.net_role == index).sum() == (ota_sample.net_role == index).sum()


def test_a_cut_net_becomes_a_port(ota_sample: Sample) -> None:
    for seed in range(10):
        part = crop(ota_sample, np.random.default_rng(seed))
        well_formed(part)
        assert part.num_devices <= ota_sample.num_devices
        assert (part.net_degree > 0).all()
        if part.num_devices < ota_sample.num_devices:
            assert part.net_is_port.any()


def test_sources_drive_rails_and_take_the_ports_away(ota_sample: Sample) -> None:
    ported = replace(ota_sample, net_is_port=np.ones_like(ota_sample.net_is_port))
    driven = add_sources(ported, np.random.default_rng(0), dual=True)
    well_formed(driven)
    assert not driven.net_is_port.any()
    assert (driven.net_role == MIDDLE).sum() == 1
    assert driven.num_devices > ota_sample.num_devices


@pytest.mark.parametrize(
    ("device_type", "role", "kind"),
    [
        ("nmos", "b", "nmos.b"),
        ("capacitor", "p", "capacitor.t"),
        ("capacitor", "n", "capacitor.t"),
        ("vcvs", "cp", "controlled.cp"),
        ("mesfet", "g", "njf.g"),
        ("switch", "cn", "switch.c"),
        ("subcircuit", "VDDA", "box.rail"),
        ("subcircuit", "3", "box.other"),
        ("npn", "s", "box.other"),
    ],
)
def test_kinds_of_pin(device_type: str, role: str, kind: str) -> None:
    assert PIN_KINDS[pin_kind(device_type, role)] == kind
