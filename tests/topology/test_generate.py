"""The public face: what `eda.generate` returns, and the page that shows it."""

import re
from shutil import which

import pytest

import eda
from eda.errors import InputError, SpecError
from eda.spice import parse_netlist
from eda.topology import TYPES
from eda.topology.parts import KINDS
from eda.topology.report import figure, gallery
from eda.topology.weights import FOLDER

ngspice = pytest.mark.skipif(which("ngspice") is None, reason="ngspice is not installed")


@pytest.mark.parametrize("circuit_type", TYPES)
def test_every_type_is_made_and_keeps_the_rules(circuit_type: str) -> None:
    (made,) = eda.generate(circuit_type, seed=3)
    assert made.type == circuit_type
    assert made.rules == ()
    assert TYPES[circuit_type].lacks(made.topology.ports) == []
    assert made.novel in (True, False)
    assert 0 < made.similarity <= 1
    read = parse_netlist(made.netlist())
    assert len(read.devices) > len(made.topology)
    assert read.errors == ()
    assert [card.text for card in read.cards][-1] == ".op"


def test_the_same_seed_makes_the_same_circuits() -> None:
    first = eda.generate("opamp", count=3, seed=5)
    second = eda.generate("opamp", count=3, seed=5)
    assert [item.netlist() for item in first] == [item.netlist() for item in second]
    assert len({item.hash for item in first}) > 1
    assert eda.generate("opamp", count=1, seed=6)[0].hash not in {item.hash for item in first}


@ngspice
def test_simulated_circuits_say_so() -> None:
    made = eda.generate("opamp", count=2, seed=1, simulate=True, cache=False)
    for item in made:
        record = item.record()
        assert record["op_solved"] in (True, False)
        assert record["all_saturated"] in (True, False, None)
        assert record["rules"] == []
        assert set(record) >= {"type", "devices", "hash", "novel", "nearest", "similarity"}
    page = gallery(made, title="T <1>")
    assert page.count("<svg") == 2
    assert "T &lt;1&gt;" in page
    assert re.search("operating point", page)


def test_a_spec_is_told_to_the_model() -> None:
    for made in eda.generate("opamp", count=4, seed=2, spec={"devices": 10, "polarity": "p"}):
        assert made.conditions == {"devices": 10.0, "polarity": 1.0}
        assert made.met in (True, False)
        # The input pair comes first, and is what was asked for.
        assert [KINDS[kind].polarity for kind, _ in made.topology.devices[:2]] == ["p", "p"]


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError, match=r"^there is no circuit type 'amp'"):
        eda.generate("amp")
    with pytest.raises(InputError, match=r"^0 circuits; ask for 1 to 100000$"):
        eda.generate("opamp", count=0)
    with pytest.raises(InputError, match=r"^seed is -1; it must not be less than zero$"):
        eda.generate("opamp", seed=-1)
    with pytest.raises(SpecError, match=r"^the spec: there is no condition 'speed'"):
        eda.generate("opamp", spec={"speed": 1})


def test_shipped_files_are_small() -> None:
    for path in FOLDER.glob("*.safetensors"):
        assert path.stat().st_size <= 6_000_000


def test_figures_have_units() -> None:
    assert figure("unity_gain_hz", 2.5e6) == "2.5 MHz"
    assert figure("tempco_ppm_per_k", 12.3456) == "12.35"


@pytest.mark.parametrize("circuit_type", ["power_amplifier", "filter", "data_converter", "general"])
def test_circuits_are_more_than_meshes_of_resistors(circuit_type: str) -> None:
    # A generator that is rewarded for operating points alone comes down to these.
    made = eda.generate(circuit_type, count=12, seed=4)
    kinds = [KINDS[kind].name for item in made for kind, _ in item.topology.devices]
    assert kinds.count("resistor") < 0.75 * len(kinds)
    assert len(set(kinds)) >= 4
