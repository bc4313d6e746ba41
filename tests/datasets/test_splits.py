"""Splits: seeded, and no circuit of one part in another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eda.circuit import Circuit, Device
from eda.datasets import CorpusCircuit, link_data, split_circuits, training_samples
from eda.datasets.splits import split_hash


def circuit(number: int, *, rename: str = "", group: str = "") -> CorpusCircuit:
    """A ladder of ``number`` resistors, each ladder another circuit."""
    devices = tuple(
        Device(f"{rename}R{at}", "resistor", ("p", "n"), (f"{rename}n{at}", f"{rename}n{at + 1}"))
        for at in range(number)
    )
    return CorpusCircuit(f"toy/{rename}{number}", "toy", Circuit(devices=devices), group)


def test_the_same_circuit_under_other_names_goes_to_the_same_part() -> None:
    circuits = [circuit(n) for n in range(1, 41)] + [circuit(n, rename="q") for n in range(1, 41)]
    parts = split_circuits(circuits)
    assert parts[:40] == parts[40:]
    assert {"train", "validation", "test"} == set(parts)


def test_a_group_stays_together() -> None:
    circuits = [circuit(n, group="g" if n % 2 else "") for n in range(1, 41)]
    parts = split_circuits(circuits)
    assert len({parts[n - 1] for n in range(1, 41, 2)}) == 1


def test_order_does_not_matter_and_the_seed_does() -> None:
    circuits = [circuit(n) for n in range(1, 41)]
    forward, backward = split_circuits(circuits), split_circuits(circuits[::-1])
    assert forward == backward[::-1]
    assert forward != split_circuits(circuits, seed=1)


def test_what_is_left_out_and_whatever_is_like_it_is_for_tests() -> None:
    circuits = [circuit(n) for n in range(1, 41)]
    other = [replace(circuit(n, rename="q"), corpus="other") for n in range(1, 21)]
    parts = split_circuits(circuits + other, left_out=("other",))
    assert set(parts[:20]) == set(parts[40:]) == {"test"}
    assert parts[20:40] == split_circuits(circuits)[20:]


def test_a_corpus_that_joins_later_does_not_move_the_first_ones() -> None:
    first = [replace(circuit(n), corpus="analoggenie") for n in range(1, 41)]
    later = [replace(circuit(n, rename="a"), corpus="align", name=f"align/{n}") for n in range(41)]
    assert split_circuits(first + later)[:40] == split_circuits(first)


@pytest.fixture(scope="module")
def folder(data: Path) -> Path:
    return data


def test_no_circuit_of_a_corpus_is_in_two_parts(folder: Path) -> None:
    data = link_data(("align_ota", "image2net"), root=folder)
    where: dict[str, str] = {}
    for item, part in zip(data.circuits, data.parts, strict=True):
        assert where.setdefault(split_hash(item), part) == part
        if item.group:
            assert where.setdefault(f"group {item.group}", part) == part
    samples, importance = training_samples(data)
    assert len(samples) == len(importance) > 400
    assert {sample.name for sample in samples}.isdisjoint(
        sample.name for sample in data.select("test")
    )


def test_each_source_gets_its_share_of_the_draws(folder: Path) -> None:
    data = link_data(("align_ota", "image2net"), root=folder)
    shares = {"align_ota, composed": 0.25, "image2net": 0.75}
    samples, importance = training_samples(data, shares=shares)
    assert [sample.name for sample in samples] == [s.name for s in training_samples(data)[0]]
    drawn: dict[str, float] = {}
    for sample, weight in zip(samples, importance, strict=True):
        corpus = sample.name.partition("/")[0]
        drawn[corpus] = drawn.get(corpus, 0.0) + weight
    assert drawn == pytest.approx({"align_ota": 0.25, "image2net": 0.75})


def test_what_is_not_clean_is_never_selected() -> None:
    from eda.datasets.links import LinkData
    from eda.graph import circuit_graph
    from eda.links.sample import make_sample

    items = (circuit(3), replace(circuit(4), clean=False))
    samples = tuple(make_sample(circuit_graph(i.circuit), name=i.name) for i in items)
    data = LinkData(items, samples, ("train", "train"))
    assert [sample.name for sample in data.select("train")] == ["toy/3"]
    assert [sample.name for sample in training_samples(data)[0]] == ["toy/3"]
