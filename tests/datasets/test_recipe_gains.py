"""The order of recipes, learned on a circuit of the test's own."""

import json
from pathlib import Path

import pytest

from eda.aig import write_aiger
from eda.datasets import train_recipes
from eda.errors import DatasetError
from eda.logic import parse_truth, synthesize
from eda.logic.engine import usable


def test_a_table_is_learned_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [recipe for recipe in usable() if not recipe.anytime][:2]
    monkeypatch.setattr("eda.logic.learn_order.usable", lambda: few)
    aig = synthesize(
        parse_truth("0110100110010110\n1110100010000000\n", "a.truth"), seconds=0.3
    ).aig
    (tmp_path / "aig").mkdir()
    write_aiger(aig, tmp_path / "aig" / "a.aig")
    found = train_recipes(out=tmp_path / "run", names=["a.aig"], data=tmp_path)
    assert found["circuits"] == 1
    table = json.loads((tmp_path / "run" / "recipe_gains.json").read_text())
    assert table["what"] == "gains per second, learned on a.aig"
    states = table["gains"]["ands"]
    assert {recipe.name for recipe in few} <= set(next(iter(states.values())))
    assert all(rate >= 0 for rates in states.values() for rate in rates.values())


def test_missing_circuits_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="set EDA_DATA to a folder that holds aig/"):
        train_recipes(out=tmp_path / "run", data=tmp_path)
    assert not (tmp_path / "run").exists()
