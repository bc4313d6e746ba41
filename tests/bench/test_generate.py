"""eda bench generate: shares, distances, AnalogToBi's check, a tiny run of the whole."""

from pathlib import Path
from shutil import which

import pytest

from eda.bench.generate import render, run
from eda.bench.generate_grammar import drive
from eda.bench.generate_judge import distance, strict, syntax
from eda.bench.generate_tables import share
from eda.datasets.topologies import topology_data
from eda.topology.circuit import Topology
from eda.topology.parts import NMOS, RESISTOR


def test_analogtobis_check_passes_what_the_rules_do_not() -> None:
    resistor = Topology("opamp", (0, 1), ((RESISTOR, (0, 1)),))
    assert syntax(resistor)
    assert not strict(resistor)
    off = Topology("opamp", (0, 1), ((NMOS, (1, 1, 1, 1)), (RESISTOR, (0, 1))))
    assert syntax(off)
    assert not strict(off)
    dangling = Topology("general", (1, -1), ((RESISTOR, (0, 1)),))
    assert not syntax(dangling)


def test_shares_and_distances() -> None:
    assert share(3, 4) == "75.0 % (30.1-95.4)"
    assert distance([1, 2, 3, 4], [3, 4, 5, 6]) == pytest.approx(0.5)


def test_random_numbers_keep_the_rules() -> None:
    broken, stuck, devices = drive(30, 1)
    assert (broken, stuck) == (0, 0)
    assert devices > 2


@pytest.mark.skipif(which("ngspice") is None, reason="ngspice is not installed")
def test_a_tiny_run_has_every_table(data: Path, tmp_path: Path) -> None:
    small = topology_data(composed=1, generated=2)
    result = run(count=2, types=["mirror"], data=small)
    titles = [item["title"] for item in result["tables"]]
    assert titles == [
        *("New circuits", "Type fidelity", "The model by type"),
        *("Likelihood of unseen hand-drawn circuits", "The grammar, driven by random numbers"),
    ]
    main = {row[0]: row[1:] for row in result["tables"][0]["rows"]}
    assert main["V1 strict rules"][0].startswith("100.0 %")
    assert "random edits of known circuits" in render(result)
