"""One's own netlists: which circuits a folder holds, how they are split, what training makes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from eda.datasets import read_own, train_own_links
from eda.datasets.own_links import split_own
from eda.datasets.splits import split_hash
from eda.errors import DatasetError
from eda.links import predict_links
from eda.links.augment import Augmentation
from eda.links.train import TrainingPlan
from eda.links.weights import FOLDER, SHIPPED, Shape, load_weights, save_weights, weights_in
from eda.spice import parse_netlist

STAGE = "M{n} n{n} n{p} {rail} {rail} {kind}ch w={n}u\nR{n} n{n} {other} {n}k\n"


def chain(count: int) -> str:
    """A chain of stages, one more device with each."""
    text = f"* chain of {count}\nVDD vdd 0 1.8\nVIN n0 0 0.9\n"
    for n in range(1, count + 1):
        up = n % 2
        text += STAGE.format(
            n=n,
            p=n - 1,
            rail="0" if up else "vdd",
            other="vdd" if up else "0",
            kind="n" if up else "p",
        )
    return text + ".model nch nmos level=1\n.model pch pmos level=1\n.end\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten distinct circuits, one of them twice, a file with an error and one of another kind."""
    home = tmp_path / "own"
    (home / "deeper").mkdir(parents=True)
    for count in range(1, 11):
        (home / f"c{count}.sp").write_text(chain(count))
    (home / "deeper" / "again.CIR").write_text(chain(4).replace("n3", "other"))
    (home / "broken.sp").write_text("* broken\nR1 a\n")
    (home / "notes.txt").write_text("R1 a b 1k\n")
    return home


def test_what_a_folder_holds(folder: Path) -> None:
    said: list[str] = []
    own = read_own(folder, log=said.append)
    assert own.files == 11
    assert [item.name for item in own.circuits] == [
        *("c1.sp", "c10.sp", *(f"c{n}.sp" for n in range(2, 10)), "deeper/again.CIR")
    ]
    assert list(own.passed_over) == ["broken.sp"]
    assert said[0].startswith("passed over broken.sp: 1 errors, the first: ")


def test_units_of_a_hierarchy(tmp_path: Path) -> None:
    cell = ".subckt {name} a y\nM1 y a 0 0 nch\nM2 y a vdd vdd pch\nR1 a y {r}\n.ends\n"
    two = ".subckt two a y\nX1 a b one\nX2 b y one\n.ends\n"
    path = tmp_path / "cells.sp"
    path.write_text(cell.format(name="one", r="1k") + two)
    assert [item.name for item in read_own(path).circuits] == ["cells.sp:two"]
    # The top of a library stands aside for the cells.
    many = "".join(cell.format(name=f"cell{n}", r=f"{n}k") for n in range(1, 13))
    top = "* top\n" + "".join(f"X{n} a{n} y{n} cell{n}\n" for n in range(1, 13))
    path.write_text(top + many)
    names = [item.name for item in read_own(path).circuits]
    assert names == sorted(f"cells.sp:cell{n}" for n in range(1, 13))


def test_no_part_has_a_circuit_of_another(folder: Path) -> None:
    own = read_own(folder)
    for seed in range(5):
        parts = split_own(own, folder, seed=seed)
        by_name = {item.name: split_hash(item) for item in own.circuits}
        hashes = {part: {by_name[s.name] for s in samples} for part, samples in parts.items()}
        assert sum(len(found) for found in hashes.values()) == 10
        assert len(set().union(*hashes.values())) == 10
        assert len(hashes["test"]) == len(hashes["validation"]) == 2


def test_too_few_circuits(folder: Path) -> None:
    for path in folder.glob("c[3-9].sp"):
        path.unlink()
    message = (
        f"{folder}: holds 4 distinct circuits of three devices or more, in 4 netlists; "
        "1 files could not be read; training takes at least 8, because 4 are kept back to "
        "choose and to test: add netlists"
    )
    with pytest.raises(DatasetError, match=f"^{re.escape(message)}$"):
        split_own(read_own(folder), folder)


@pytest.mark.parametrize("name", ["absent", "own/deeper/empty"])
def test_a_folder_without_netlists(folder: Path, name: str) -> None:
    (folder / "deeper" / "empty").mkdir()
    path = folder.parent / name
    with pytest.raises(DatasetError, match=f"^{re.escape(str(path))}: (no such folder|holds no)"):
        read_own(path)


SMALL = TrainingPlan(
    shape=Shape(width=8, inner=8, hidden=8, layers=2),
    augmentation=Augmentation(),
    steps=4,
    batch=2,
    check_every=2,
)


def test_training_from_scratch_makes_weights_that_predict(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    lines: list[str] = []
    made = train_own_links(folder, out=out, start="scratch", plan=SMALL, log=lines.append)
    assert made["before"] is None
    assert made["after"]["pins"] > 0
    assert made["circuits_validation"] == made["circuits_test"] == 2
    assert made["circuits_train"] in (6, 7)
    assert [item.shape for item in weights_in(out)] == [SMALL.shape]
    circuit = parse_netlist(chain(5).replace("M3 n3 n2", "M3 n3 ?"))
    (answer,) = predict_links(circuit, models=weights_in(out))
    assert sum(item.probability for item in answer.candidates) == pytest.approx(1)


def test_going_on_never_makes_the_validation_circuits_worse(folder: Path, tmp_path: Path) -> None:
    start = FOLDER / f"{SHIPPED[0]}.safetensors"
    # A rate that wrecks any model: what it started from is kept.
    made = train_own_links(
        folder, out=tmp_path, start=str(start), plan=replace(SMALL, rate=0.5, steps=2)
    )
    assert made["before"]["pins"] == made["after"]["pins"]
    one, other = load_weights(start), load_weights(tmp_path / "own-0.safetensors")
    assert all((array == other.arrays[name]).all() for name, array in one.arrays.items())
    rows = (tmp_path / "training" / "own-0" / "metrics.csv").read_text().splitlines()
    assert rows[0] == "step,loss,hits_at_1,hits_at_3,mrr,pair"
    assert [row.split(",")[0] for row in rows[1:]] == ["2"]


def test_weights_in_a_folder(tmp_path: Path, folder: Path) -> None:
    train_own_links(folder, out=tmp_path / "a", start="scratch", plan=SMALL)
    (model,) = weights_in(tmp_path / "a")
    save_weights(
        tmp_path / "two" / "b.safetensors",
        model.arrays,
        shape=model.shape,
        temperature=2.0,
        card={},
    )
    save_weights(
        tmp_path / "two" / "a.safetensors",
        model.arrays,
        shape=model.shape,
        temperature=1.5,
        card={},
    )
    assert [item.temperature for item in weights_in(tmp_path / "two")] == [1.5, 2.0]
