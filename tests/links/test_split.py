"""How a probability divides: the parts make the whole, and one model by itself is the whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eda.circuit import Circuit
from eda.links import predict_links
from eda.links.sentences import agreement, division, percent, reasons
from eda.links.split import NET_GROUPS
from eda.links.weights import SHIPPED, Weights, shipped_weights


def opened(circuit: Circuit, *pins: tuple[str, str]) -> Circuit:
    asked = {(device, role) for device, role in pins}
    return circuit.replace_devices(
        tuple(
            replace(
                device,
                nets=tuple(
                    "?" if (device.name, role) in asked else net for role, net in device.pins
                ),
            )
            for device in circuit.devices
        )
    )


FOUR = (("M4", "g"), ("M5", "g"), ("M2", "s"), ("M6", "b"))


def test_the_shares_make_the_whole(ota: Circuit) -> None:
    for answer in predict_links(opened(ota, *FOUR), explain=True):
        assert answer.split is not None
        assert set(answer.split) <= set(NET_GROUPS)
        assert sum(answer.split.values()) == pytest.approx(1)
        columns = list(zip(*(item.by_model for item in answer.candidates), strict=True))
        assert [sum(column) for column in columns] == pytest.approx([1] * len(SHIPPED))
        assert 0 <= answer.agreeing <= len(SHIPPED)


def test_one_model_by_itself_is_the_whole(ota: Circuit, random_model: Weights) -> None:
    """The state in which each pin was ranked is found again, settled pins and all."""
    for circuit, pins in (
        (opened(ota, *FOUR), None),
        (ota, [("M1", "s"), ("M7", "d")]),
        (opened(ota, *(("M3", role) for role in "dgsb")), None),
    ):
        for answer in predict_links(circuit, pins=pins, models=[random_model], explain=True):
            assert answer.agreeing == 1
            for item in answer.candidates:
                assert item.by_model == pytest.approx((item.probability,), abs=1e-6)


def test_an_explanation_changes_no_answer(ota: Circuit) -> None:
    circuit = opened(ota, *FOUR)
    for plain, told in zip(
        predict_links(circuit), predict_links(circuit, explain=True), strict=True
    ):
        assert plain.joint == told.joint
        assert [(c.net, c.probability) for c in plain.candidates] == [
            (c.net, c.probability) for c in told.candidates
        ]
        assert plain.split is None
        assert all(c.by_model == () and c.like is None for c in plain.candidates)


def test_groups_of_nets(ota: Circuit) -> None:
    (answer,) = predict_links(ota, pins=[("M4", "g")], explain=True)
    assert answer.split is not None
    known = {c.net: c.probability for c in answer.candidates}
    assert answer.split["rails"] == pytest.approx(known["0"])
    own = known["n2"] + known["vdd"]
    assert answer.split["nets of the same device"] == pytest.approx(own)
    assert answer.split["inner nets"] == pytest.approx(known["n1"] + known["tail"])
    assert answer.split["none of them"] == pytest.approx(known[None])


def test_the_true_mirror_gate_is_called_one(ota: Circuit) -> None:
    (answer,) = predict_links(opened(ota, ("M4", "g")), explain=True)
    best = answer.candidates[0]
    assert best.net == "n1"
    assert best.like is not None
    assert "mirror gate" in best.like.same
    assert best.like.pin == "g"
    assert reasons(best)[0].startswith("like ")


def test_sentences(ota: Circuit) -> None:
    one = [shipped_weights()]
    (answer,) = predict_links(opened(ota, ("M4", "g")), models=one, explain=True)
    first = percent(answer.candidates[0].probability)
    assert agreement(answer).startswith(f"one model, {first} on n1")
    (answer,) = predict_links(opened(ota, ("M4", "g")), explain=True)
    assert agreement(answer).startswith("3 of 3 models put n1 first (")
    assert division(answer).startswith("inner nets ")


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0 %"), (0.004, "0.4 %"), (0.954, "95 %"), (1.0, "100 %")]
)
def test_percent(share: float, text: str) -> None:
    assert percent(share) == text
