"""Behavioural op-amps: nodal analysis beside ngspice, labels of the benchmark, the search."""

import gzip
import json
import math
from pathlib import Path
from shutil import which

import numpy as np
import pytest

from eda.bench.generate_ocb import bayesian
from eda.spice import simulate
from eda.spice.analyses import Ac
from eda.spice.measures import gain_db, unity_gain_hz
from eda.topology.ocb import OcbCircuit, OcbFigures, Stage, analyse, deck, merit, plain_merit
from eda.topology.ocb_search import changed, random_circuit, search


def test_two_stages_by_hand() -> None:
    said = analyse(OcbCircuit((Stage(1, 10), Stage(-1, 10)), ()).elements)
    # 1 mS into 1 Mohm, twice; both poles at 1 / (2 pi 1 Mohm 50 fF).
    assert said.gain_db == pytest.approx(120.0, abs=1e-3)
    pole = 1 / (2 * math.pi * 1e6 * 5e-14)
    assert said.unity_hz == pytest.approx(pole * math.sqrt(1e6 - 1), rel=2e-3)
    assert said.margin_deg == pytest.approx(2 * math.degrees(math.atan(1e-3)), abs=0.2)
    assert said.unstable == 0
    assert said.siemens == pytest.approx(2e-3)


@pytest.mark.skipif(which("ngspice") is None, reason="ngspice is not installed")
@pytest.mark.parametrize("seed", range(4))
def test_ngspice_agrees(seed: int) -> None:
    circuit = random_circuit(np.random.default_rng(seed))
    said = analyse(circuit.elements)
    result = simulate(deck(circuit), Ac(1.0, 100e9, points=50), cache=False)
    item = result.of("ac")
    response = np.asarray(item["v(net1)"].values, dtype=np.complex128)
    assert gain_db(item.axis, response) == pytest.approx(said.gain_db, abs=0.01)
    unity = unity_gain_hz(item.axis, response)
    assert (math.isnan(unity) and math.isnan(said.unity_hz)) or unity == pytest.approx(
        said.unity_hz, rel=0.01
    )


def test_the_labels_of_the_benchmark_are_found_again(data: Path) -> None:
    path = data / "topology" / "ocb_regen" / "train.jsonl.gz"
    if not path.is_file():
        pytest.skip("the corpora have no ocb_regen")
    with gzip.open(path, "rt") as lines:
        rows = [json.loads(line) for at, line in enumerate(lines) if at % 400 == 0]
    for row in rows:
        elements = [(e[0], tuple(e[1:-1]), e[-1]) for e in row["devices"]]
        said = analyse(elements)
        assert said.gain_db == pytest.approx(row["gain_db"], abs=0.01)
        assert bool(said.unstable) == bool(row["n_rhp_poles"])


def test_merit_is_nothing_where_the_benchmark_rewards() -> None:
    unstable = OcbFigures(80.0, 1e9, 60.0, 2, 1e-3)
    assert merit(unstable) == 0
    assert plain_merit(unstable) > 10
    assert merit(OcbFigures(80.0, 1e9, 60.0, 0, 1e-3)) == pytest.approx(1e12)
    for poor in (OcbFigures(30.0, 1e9, 60.0, 0, 1e-3), OcbFigures(80.0, 1e9, 30.0, 0, 1e-3)):
        assert merit(poor) == 0


def test_the_search_is_ahead_of_chance() -> None:
    rng = np.random.default_rng(0)
    _, best = search(300, rng)
    chance = max(merit(analyse(random_circuit(rng).elements)) for _ in range(300))
    assert best > chance


def test_changes_keep_a_circuit_whole() -> None:
    rng = np.random.default_rng(1)
    circuit = random_circuit(rng)
    for _ in range(60):
        circuit = changed(circuit, rng)
        assert math.isfinite(analyse(circuit.elements).gain_db)


def test_the_process_finds_the_top_of_an_easy_pool() -> None:
    rng = np.random.default_rng(2)
    features = rng.random((300, 3))
    values = 1e12 * np.exp(-8 * ((features - 0.5) ** 2).sum(axis=1))
    found = bayesian(features, values, 60, rng)
    assert found >= np.quantile(values, 0.99)
