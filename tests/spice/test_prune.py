"""Leaving out what a deck does not use: only that, and never a bin that ngspice would take."""

import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.circuit import Circuit
from eda.spice import NGSPICE, Op, parse_netlist, read_case, simulate, write_spice
from eda.spice.deck import make_job
from eda.spice.job import NotRun
from eda.spice.prune import Pruner, is_worth_pruning
from eda.spice.simulator import Options

EDGES = (0.0, 1e-6, 2e-6, 5e-6)
"""Limits of the bins of `binned`, for widths and for lengths."""


def binned(devices: str, parameters: str = "") -> Circuit:
    """A deck with nine bins of one BSIM4 model, each with a threshold of its own."""
    bins = []
    for i, (lmin, lmax) in enumerate(pairwise(EDGES)):
        for j, (wmin, wmax) in enumerate(pairwise(EDGES)):
            bins.append(
                f".model nch.{3 * i + j} nmos level=54 vth0={0.3 + 0.02 * (3 * i + j)} "
                f"lmin={lmin} lmax={lmax} wmin={wmin} wmax={wmax}"
            )
    return parse_netlist("\n".join(["* bins", *bins, parameters, devices, ".end\n"]))


def kept(circuit: Circuit, **parameters: float) -> list[str]:
    return sorted(Pruner(circuit).prune(parameters).models)


def test_one_bin_for_each_size() -> None:
    circuit = binned("M1 d g 0 0 nch w=1.5u l=0.5u\nM2 d g 0 0 nch w=3u l=3u")
    assert kept(circuit) == ["nch.1", "nch.8"]


def test_a_size_on_a_limit_keeps_both_sides() -> None:
    assert kept(binned("M1 d g 0 0 nch w=1u l=2u")) == ["nch.3", "nch.4", "nch.6", "nch.7"]


def test_fingers_may_or_may_not_divide_the_width() -> None:
    assert kept(binned("M1 d g 0 0 nch w=4u l=0.5u nf=8")) == ["nch.0", "nch.2"]


def test_parameters_choose_other_bins() -> None:
    circuit = binned("M1 d g 0 0 nch w={wn} l=0.5u", ".param wn=0.5u")
    assert kept(circuit) == ["nch.0"]
    assert kept(circuit, wn=4e-6) == ["nch.2"]


def test_sizes_come_down_the_hierarchy() -> None:
    circuit = binned(
        ".subckt pair a b w=9u l=9u\n.param half={w/2}\nM1 a b 0 0 nch w={half} l={l}\n.ends\n"
        ".subckt outer a b\nX1 a b pair w={3*wu} l=1.5u\n.ends\nX1 d g outer",
        ".param wu=1u",
    )
    assert kept(circuit) == ["nch.4"]
    assert kept(circuit, wu=3e-6) == ["nch.5"]


def test_bins_of_a_subcircuit_of_a_pdk() -> None:
    text = """* a primitive that is written in micrometres
.subckt sky130_fd_pr__nfet_01v8 d g s b
.param w=1 l=1
msky130_fd_pr__nfet_01v8 d g s b sky130_fd_pr__nfet_01v8__model l={l} w={w}
.model sky130_fd_pr__nfet_01v8__model.0 nmos lmin=1e-7 lmax=1e-6 wmin=1e-6 wmax=4e-6
.model sky130_fd_pr__nfet_01v8__model.1 nmos lmin=1e-7 lmax=1e-6 wmin=4e-6 wmax=9e-6
.ends
.subckt sky130_fd_pr__pfet_01v8 d g s b
m1 d g s b nobody l=1 w=1
.ends
.option scale=1.0u
.param w1=5e-6
XM1 d g 0 0 sky130_fd_pr__nfet_01v8 w={w1*1e6} l=0.5
.end
"""
    pruner = Pruner(parse_netlist(text, strict=False))
    small = pruner.prune({})
    assert list(small.subcircuits) == ["sky130_fd_pr__nfet_01v8"]
    models = small.subcircuits["sky130_fd_pr__nfet_01v8"].models
    assert list(models) == ["sky130_fd_pr__nfet_01v8__model.1"]
    other = pruner.prune({"w1": 2e-6}).subcircuits["sky130_fd_pr__nfet_01v8"].models
    assert list(other) == ["sky130_fd_pr__nfet_01v8__model.0"]


@pytest.mark.parametrize(
    "device",
    [
        "M1 d g 0 0 nch w=50u l=50u",  # no bin fits: ngspice says so, not we
        "M1 d g 0 0 nch",  # ngspice has sizes of its own
        "M1 d g 0 0 nch w={agauss(1u, 1u, 1)} l=1u",
        "M1 d g 0 0 nch w={wr} l=1u",
    ],
)
def test_all_bins_stay_where_the_size_is_not_known(device: str) -> None:
    assert len(kept(binned(device, ".param spread={gauss(1, 1, 1)}\n.param wr={1u*spread}"))) == 9


def test_chance_in_a_model_is_no_reason() -> None:
    circuit = binned(
        "M1 d g 0 0 nch w=0.5u l=0.5u\nD1 d 0 dx",
        ".param spread={gauss(1, 1, 1)}\n.model dx d is={1e-14*spread}",
    )
    assert kept(circuit) == ["dx", "nch.0"]


def test_the_same_bins_give_the_same_circuit() -> None:
    pruner = Pruner(binned("M1 d g 0 0 nch w={wn} l=0.5u", ".param wn=0.5u"))
    assert pruner.prune({}) is pruner.prune({"wn": 0.6e-6})
    assert pruner.prune({}) is not pruner.prune({"wn": 4e-6})


def test_everything_a_device_names_stays() -> None:
    text = (
        "* d\n.model used d\n.model other d\n.model sw1 sw\nD1 a 0 used\nS1 a 0 b 0 sw1\n"
        ".model 74-gate d_buffer\nA1 b c 74-gate\nV1 b 0 1\n"
        ".subckt deep a\n.model inner d\nD1 a 0 inner\n.ends\n.subckt idle a\nR1 a 0 1\n.ends\n"
        "X1 a deep\n"
    )
    small = Pruner(parse_netlist(text)).prune({})
    assert sorted(small.models) == ["74-gate", "sw1", "used"]
    assert list(small.subcircuits) == ["deep"]
    assert list(small.subcircuits["deep"].models) == ["inner"]


def test_a_script_that_may_alter_models_forbids_it() -> None:
    script = "* d\n.model dx d\n.control\naltermod dx is=1e-15\n.endc\nR1 a 0 1\n"
    assert not is_worth_pruning(parse_netlist(script))


def _plain_current(circuit: Circuit, folder: Path, values: dict[str, float]) -> float:
    """The drain current by the ngspice program, with every bin in the deck."""
    program = shutil.which("ngspice")
    if program is None:
        pytest.skip("the program ngspice is not installed")
    text = write_spice(circuit)
    for name, value in values.items():
        text = text.replace(f".param {name}=", f".param {name}={value!r} old{name}=")
    deck = folder / "deck.cir"
    deck.write_text(
        text.removesuffix(".end\n")
        + ".control\nset numdgt=15\nop\nprint i(v1)\nquit\n.endc\n.end\n"
    )
    said = subprocess.run([program, "-b", str(deck)], capture_output=True, text=True, cwd=folder)
    line = next(line for line in said.stdout.splitlines() if line.startswith("i(v1) ="))
    return float(line.split("=")[1])


SIZES = st.one_of(st.sampled_from(EDGES[1:3]), st.floats(1e-7, 4.9e-6))


@given(width=SIZES, length=SIZES)
@settings(max_examples=25)
def test_ngspice_takes_the_bin_it_takes_among_all(
    tmp_path_factory: pytest.TempPathFactory, width: float, length: float
) -> None:
    circuit = binned(
        "M1 d g 0 0 nch w={wn} l={ld}\nV1 d 0 1\nV2 g 0 1", ".param wn=1u\n.param ld=1u"
    )
    values = {"wn": width, "ld": length}
    result = simulate(circuit, Op(), parameters=values, cache=False)
    expected = _plain_current(circuit, tmp_path_factory.mktemp("deck"), values)
    assert result.operating_point["i(v1)"] == pytest.approx(expected, rel=1e-12)


def test_a_sweep_across_bins_never_keeps_the_old_one() -> None:
    """The trap of ``alter``: the size changes, and the model stays that of the old bin."""
    circuit = binned("M1 d g 0 0 nch w={wn} l=0.5u\nV1 d 0 1\nV2 g 0 1", ".param wn=0.5u")
    widths = [0.5e-6, 1.5e-6, 4e-6, 0.9e-6, 1.1e-6]
    swept = [simulate(circuit, Op(), parameters={"wn": w}, cache=False) for w in widths]
    fresh = []
    for width in widths:
        deck = write_spice(circuit).replace(".param wn=5e-07", f".param wn={width!r}")
        fresh.append(simulate(parse_netlist(deck), Op(), cache=False))
    currents = [result.operating_point["i(v1)"] for result in swept]
    assert currents == [result.operating_point["i(v1)"] for result in fresh]
    assert len(set(currents)) == 5


def test_sky130_designs_have_the_numbers_of_the_whole_library(data: Path) -> None:
    case = read_case(data / "sizing" / "circuits" / "ota5t_sky130")
    circuit = case.circuit()
    whole_text = write_spice(circuit)
    rng = np.random.default_rng(5)
    for _ in range(2):
        design = {item.name: item.from_unit(rng.random()) for item in case.design_parameters}
        job = make_job(circuit, case.analyses[:2], parameters=design)
        assert not isinstance(job, NotRun)
        assert job.deck.count(".model") < 20 < whole_text.count(".model")
        pruned, whole = (
            NGSPICE.run(replace(job, deck=text), Options(cache=False))
            for text in (job.deck, whole_text)
        )
        assert pruned.ok
        assert pruned.waveforms == whole.waveforms
