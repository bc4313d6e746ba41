"""`predict_links` end to end, with the shipped models."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from eda.circuit import Circuit, Device
from eda.errors import LinkQueryError
from eda.links import complete_circuit, open_pins, predict_links
from eda.links.predict import prepare, rank_each
from eda.links.weights import shipped_weights


def moved(circuit: Circuit, name: str, role: str, net: str) -> Circuit:
    at = next(i for i, device in enumerate(circuit.devices) if device.name == name)
    device = circuit.devices[at]
    place = device.roles.index(role)
    nets = (*device.nets[:place], net, *device.nets[place + 1 :])
    changed = replace(device, nets=nets)
    return circuit.replace_devices((*circuit.devices[:at], changed, *circuit.devices[at + 1 :]))


@pytest.mark.parametrize(
    ("name", "role", "net"),
    [("M4", "g", "n1"), ("M5", "g", "nb"), ("M2", "s", "tail"), ("M3", "s", "vdd")],
)
def test_a_lost_pin_finds_its_net(ota: Circuit, name: str, role: str, net: str) -> None:
    (answer,) = predict_links(moved(ota, name, role, "lost"))
    assert (answer.device, answer.pin) == (name, role)
    assert answer.candidates[0].net == net
    assert answer.joint == net


def test_probabilities_are_sorted_and_sum_to_one(ota: Circuit) -> None:
    (answer,) = predict_links(ota, pins=[("M1", "d")])
    values = [candidate.probability for candidate in answer.candidates]
    assert values == sorted(values, reverse=True)
    assert sum(values) == pytest.approx(1.0)
    assert len({candidate.net for candidate in answer.candidates}) == len(values)
    assert {c.net for c in answer.candidates} == {*ota.nets, None}


def test_asking_for_a_connected_pin_does_not_look_at_its_net(ota: Circuit) -> None:
    honest = predict_links(moved(ota, "M6", "g", "somewhere_else"), pins=[("M6", "g")])
    asked = predict_links(ota, pins=[("M6", "g")])
    assert _table(asked[0]) == pytest.approx(_table(honest[0]), abs=1e-6)


def test_each_connected_pin_is_asked_for_by_itself(ota: Circuit) -> None:
    together = predict_links(ota, pins=[("M6", "g"), ("M2", "d")])
    alone = predict_links(ota, pins=[("M2", "d")])
    assert _table(together[1]) == pytest.approx(_table(alone[0]), abs=1e-6)


def test_names_and_order_do_not_matter(ota: Circuit) -> None:
    names = {"n1": "x7", "n2": "a", "tail": "zz", "nb": "q"}
    back = {new: old for old, new in names.items()}
    back |= {net: net for net in ota.nets if net not in names}
    devices = tuple(
        replace(device, name=f"M{90 - at}", nets=tuple(names.get(n, n) for n in device.nets))
        for at, device in enumerate(ota.devices)
    )
    shuffled = [devices[i] for i in np.random.default_rng(0).permutation(len(devices))]
    other = predict_links(Circuit(devices=tuple(shuffled)), pins=[("M81", "g")])
    first = predict_links(ota, pins=[(ota.devices[9].name, "g")])
    mapped = {back.get(net, net) if net else None: p for net, p in _table(other[0]).items()}
    # Net nb is a bias by name, q is not: compare where only inner nets were renamed.
    assert set(mapped) == set(_table(first[0]))
    inner = {k: v for k, v in names.items() if k != "nb"}
    devices = tuple(
        replace(device, nets=tuple(inner.get(n, n) for n in device.nets)) for device in ota.devices
    )
    shuffled = [devices[i] for i in np.random.default_rng(0).permutation(len(devices))]
    other = predict_links(Circuit(devices=tuple(shuffled)), pins=[(devices[9].name, "g")])
    back = {v: k for k, v in inner.items()}
    mapped = {back.get(net or "", net): p for net, p in _table(other[0]).items()}
    assert mapped == pytest.approx(_table(first[0]), abs=1e-4)


def test_the_same_question_has_the_same_answer(ota: Circuit) -> None:
    assert predict_links(ota, pins=[("M1", "s")]) == predict_links(ota, pins=[("M1", "s")])


def test_every_question_mark_is_a_pin_of_its_own(ota: Circuit) -> None:
    circuit = moved(moved(ota, "M4", "g", "?"), "M5", "g", "?")
    answers = {(a.device, a.pin): a for a in predict_links(circuit)}
    assert set(answers) == {("M4", "g"), ("M5", "g")}
    assert answers["M4", "g"].joint == "n1"
    assert answers["M5", "g"].joint == "nb"
    assert all(c.net != "?" for a in answers.values() for c in a.candidates)


def test_a_bulk_can_be_open(ota: Circuit) -> None:
    (answer,) = predict_links(moved(ota, "M6", "b", "?"))
    assert answer.candidates[0].net == "vdd"


def test_top_keeps_the_best(ota: Circuit) -> None:
    (all_nets,) = predict_links(ota, pins=[("M1", "d")])
    (best,) = predict_links(ota, pins=[("M1", "d")], top=2)
    assert best.candidates == all_nets.candidates[:2]


def test_a_complete_circuit_has_no_open_pin(ota: Circuit) -> None:
    assert open_pins(ota) == []
    assert predict_links(ota) == []


def test_a_port_and_a_global_are_not_open() -> None:
    r1 = Device("R1", "resistor", ("p", "n"), ("in", "vdd"))
    r2 = Device("R2", "resistor", ("p", "n"), ("in", "loose"))
    circuit = Circuit(devices=(r1, r2), globals=("VDD",))
    assert open_pins(circuit) == [("R2", "n")]
    assert open_pins(replace(circuit, ports=("LOOSE",))) == []
    assert prepare(circuit).open_edges.tolist() == [3]
    assert prepare(replace(circuit, ports=("LOOSE",))).open_edges.tolist() == []


def test_candidates_that_break_a_rule_carry_the_finding(ota: Circuit) -> None:
    (answer,) = predict_links(moved(ota, "M6", "b", "?"))
    rules = {c.net: [item.rule for item in c.findings] for c in answer.candidates}
    assert rules["0"] == ["bulk_wrong_rail"]
    assert rules["vdd"] == []


def test_predictions_are_written_back(ota: Circuit) -> None:
    circuit = moved(moved(ota, "M4", "g", "?"), "M5", "g", "?")
    assert complete_circuit(circuit, predict_links(circuit)).devices == ota.devices


def test_two_open_pins_may_belong_together() -> None:
    # A follower's output has lost both of its pins, and nothing else is missing.
    devices = (
        Device("V1", "vsource", ("p", "n"), ("vdd", "0")),
        Device("V2", "vsource", ("p", "n"), ("in", "0")),
        Device("M1", "mosfet", ("d", "g", "s", "b"), ("out", "in", "0", "0"), polarity="n"),
        Device("R1", "resistor", ("p", "n"), ("vdd", "out")),
        Device("M2", "mosfet", ("d", "g", "s", "b"), ("vdd", "out", "?", "0"), polarity="n"),
        Device("M3", "mosfet", ("d", "g", "s", "b"), ("?", "in", "0", "0"), polarity="n"),
    )
    answers = {a.device: a for a in predict_links(Circuit(devices=devices))}
    joined = [a for a in answers.values() if a.joined]
    for answer in joined:
        ((device, pin),) = answer.joined
        assert (answer.device, answer.pin) in answers[device].joined
        assert answer.joint == answers[device].joint
        assert answer.joint is not None
        assert answer.joint.startswith("open")
        assert pin == answers[device].pin


@pytest.mark.parametrize(
    ("pins", "message"),
    [
        ([("M44", "g")], "no device 'M44' in the circuit; did you mean M4?"),
        ([("qq", "g")], "no device 'qq' in the circuit"),
        ([("M4", "x")], "M4 has no pin 'x'; its pins are d, g, s, b"),
    ],
)
def test_a_pin_that_is_not_there_is_refused(
    ota: Circuit, pins: list[tuple[str, str]], message: str
) -> None:
    with pytest.raises(LinkQueryError, match=f"^{re.escape(message)}$"):
        predict_links(ota, pins=pins)


def test_questions_that_share_a_pass_still_all_get_an_answer(
    ota: Circuit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eda.links.predict.PASSES_SMALL", 100)
    question = prepare(ota)
    asked = question.sample.queries()
    found = rank_each(question, asked, [shipped_weights()])
    assert sorted(ranking.edge for ranking in found) == asked.tolist()


def _table(prediction: object) -> dict[str | None, float]:
    from eda.links import LinkPrediction

    assert isinstance(prediction, LinkPrediction)
    return {c.net: c.probability for c in prediction.candidates}
