"""Writing and reading again gives the same circuit; ngspice finds the same operating point."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.bench.ngspice_listing import compare_names, plain_name
from eda.bench.ngspice_oracle import copy_deck, listing, without_control
from eda.bench.spice_files import files_of, is_netlist, read_guarded
from eda.bench.spice_ngspice import round_trip
from eda.circuit import Circuit, Device, Expression, ModelCard
from eda.circuit.device import NOWHERE
from eda.errors import EdaError
from eda.spice import parse_netlist, read_netlist, write_spice

needs_ngspice = pytest.mark.skipif(shutil.which("ngspice") is None, reason="no ngspice here")

NETS = st.sampled_from(["0", "in", "out", "vdd", "n1", "Net_2", "a$b", "3"])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
# A coefficient of zero is the same as none, and is read as none.
SIZES = st.dictionaries(st.sampled_from(["w", "l", "m", "nf", "tc1"]), NUMBERS, max_size=3).filter(
    lambda sizes: sizes.get("tc1") != 0
)


def made(kind: str, letter: str, roles: tuple[str, ...], model: str) -> st.SearchStrategy[Device]:
    parameters = (
        st.builds(lambda value, more: {"value": value, **more}, NUMBERS, SIZES)
        if not model
        else SIZES
    )
    return st.builds(
        lambda nets, values: Device(
            letter, kind, roles, tuple(nets), model, values, "n" if model == "nch" else ""
        ),
        st.lists(NETS, min_size=len(roles), max_size=len(roles)),
        parameters,
    )


DEVICES = st.one_of(
    made("resistor", "R", ("p", "n"), ""),
    made("capacitor", "C", ("p", "n"), ""),
    made("inductor", "L", ("p", "n"), ""),
    made("mosfet", "M", ("d", "g", "s", "b"), "nch"),
    made("diode", "D", ("a", "k"), "dm"),
    st.builds(
        lambda value, p: Device("V", "vsource", ("p", "n"), (p, "0"), "", {"dc": value}),
        NUMBERS,
        NETS,
    ),
    st.builds(
        lambda gain, p: Device(
            "E", "vcvs", ("p", "n", "cp", "cn"), (p, "0", "in", "out"), "", {"gain": gain}
        ),
        NUMBERS,
        NETS,
    ),
    st.builds(
        lambda p: Device(
            "B", "behavioral", ("p", "n"), (p, "0"), "", {"v": Expression("V(in)*2+time")}
        ),
        NETS,
    ),
)
MODELS = {
    "nch": ModelCard("nch", "nmos", {"level": 1.0, "vto": 0.5}),
    "dm": ModelCard("dm", "d", {"is": 1e-14}),
}


@settings(max_examples=200)
@given(st.lists(DEVICES, max_size=12), st.text("abc XYZ-1", max_size=20))
def test_made_circuits_come_back(devices: list[Device], title: str) -> None:
    named = tuple(replace(d, name=f"{d.name}{i}", span=NOWHERE) for i, d in enumerate(devices))
    circuit = Circuit(devices=named, models=MODELS, title=title.strip())
    again = parse_netlist(write_spice(circuit))
    assert again == circuit


@pytest.mark.parametrize("corpus", ["align", "ngspice", "openfasoc", "sky130_fd_sc_hd"])
def test_netlists_of_the_corpora_come_back(corpus: str, data: Path) -> None:
    paths = [path for path in files_of(data / "spice" / corpus) if is_netlist(path)]
    for path in random.Random(0).sample(paths, 25):
        try:
            circuit = read_netlist(path)
            text = write_spice(circuit)
        except EdaError:
            continue  # what is refused is counted by `eda bench spice`
        # Templates hold names that only an include nobody has would define.
        again = replace(parse_netlist(text, strict=False), dialect=circuit.dialect)
        assert again == circuit, path


@needs_ngspice
@pytest.mark.parametrize(
    "deck",
    [
        "tests/general/rtlinv.cir",
        "tests/general/fourbitadder.cir",
        "tests/general/rca3040.cir",
        "examples/TransmissionLines/cpl_ibm1.sp",
        "examples/xspice/state/state-machine.cir",
        "examples/cider/bjt/astable.cir",
        "tests/regression/misc/if-elseif.cir",
        "examples/various/res-value-options.cir",
    ],
)
def test_the_operating_point_stays(deck: str, data: Path) -> None:
    status, detail, compared = round_trip(data / "spice/ngspice" / deck)
    assert (status, detail) == ("same", "")
    assert compared > 0


@needs_ngspice
def test_the_oracle_lists_what_we_flatten(tmp_path: Path) -> None:
    path = tmp_path / "a.cir"
    path.write_text(
        "a title\n.subckt s a\nR1 a 0 1k\nE1 b 0 VALUE={V(a)*2}\nG1 b 0 POLY(1) a 0 0 1\n.ends\n"
        "X1 n s\nX2 n missing w=1\nM1 n n 0 0 nomodel\nV1 n 0 1\n"
        ".control\nshell touch owned\n.endc\n"
    )
    circuit = read_netlist(path)
    flat = {device.name.lower() for device in circuit.flatten().devices}
    cards, _ = listing(circuit)
    assert cards is None  # neither the subcircuit nor the model is there
    cards, ran = listing(circuit, stand_ins=True)
    assert cards is not None, ran.output
    result = compare_names(cards, flat, title="a title")
    assert result.agree, result
    assert result.listed == 6
    assert not (tmp_path / "owned").exists()


def test_control_blocks_are_taken_out_and_lines_stay() -> None:
    text = "* t\n.CONTROL\nshell rm -rf /\n.endc\nR1 a 0 1\n  .control\nrun\n"
    assert without_control(text) == "* t\n*\n*\n*\nR1 a 0 1\n*\n*\n*"


def test_copies_keep_the_way_to_their_includes(tmp_path: Path) -> None:
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "in/sub/r.inc").write_text("R1 a 0 1k\n.control\nshell ls\n.endc\n")
    deck = tmp_path / "in/top.cir"
    deck.write_text("* t\n.include sub/r.inc\n.end\n")
    copy = copy_deck(read_netlist(deck), tmp_path / "out", ["op"])
    assert copy.read_text() == "* t\n.include sub/r.inc\n.control\nop\nquit\n.endc\n.end\n"
    assert (copy.parent / "sub/r.inc").read_text() == "R1 a 0 1k\n*\n*\n*\n"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("r.x1.r1", "x1.r1"),
        ("a$poly$g.x1.g1", "x1.g1"),
        ("r.xtop.r1", "r1"),
        ("r.x1.r.x2.r3", "x1.x2.r3"),
        ("v1", "v1"),
    ],
)
def test_names_of_ngspice(theirs: str, ours: str) -> None:
    assert plain_name(theirs) == ours


def test_differences_are_found() -> None:
    result = compare_names(["r1 a 0 1", "r2 a 0 1", "auto_adc1 x"], {"r1", "r3"})
    assert (result.listed, result.only_ngspice, result.only_ours) == (1, ("r2",), ("r3",))


def test_a_file_is_read_or_refused_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.cir"
    path.write_text("* t\nR1 a 0 1k\nR2 a\n")
    outcome = read_guarded(path)
    assert outcome.status == "refused"
    assert outcome.reason == f"{path}:3:1: error: too few nets on R2"
    path.write_text("* t\nR1 a 0 1k\n")
    assert (read_guarded(path).status, read_guarded(path).devices) == ("read", 1)
    path.write_text("simulator lang=spectre\nR1 (a 0) resistor r=1k\n")
    assert (read_guarded(path).status, read_guarded(path).devices) == ("read", 1)


def test_versions_of_models_keep_the_form_that_ngspice_compares() -> None:
    deck = "* t\n.model n nmos level=54 version=4.0\n.model p pmos level=8 version=3.3.0\n"
    written = write_spice(parse_netlist(deck)).splitlines()
    assert ".model n nmos level=54 version=4.0" in written
    assert ".model p pmos level=8 version=3.3.0" in written
