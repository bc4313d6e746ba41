"""Traps of design kits are told, not fallen into: an ignored m, variation that is on by itself."""

from pathlib import Path

import pytest

from eda import check
from eda.circuit import Circuit
from eda.errors import ToolNotFoundError
from eda.spice import Op, Status, parse_netlist, read_netlist, simulate
from eda.spice.ngspice_shared import library_path
from eda.spice.traps import traps
from eda.spice.variation import switched

DEAF = ".subckt cell a b m=1\nR1 a b 1k\n.ends\n"
TOP = "V1 p 0 1\nX1 p 0 cell m=2\n"


@pytest.fixture
def ngspice() -> None:
    """Skip where libngspice is not installed."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")


def messages(text: str) -> list[str]:
    return [str(item) for item in traps(parse_netlist(f"* t\n{text}"))]


def test_a_multiplier_that_goes_nowhere() -> None:
    assert messages(DEAF + TOP) == [
        "<text>:6:1: warning: m=2 of X1 has no effect: the subcircuit cell takes m and uses it "
        "nowhere\n    widen it (w, nf) or write as many instances in parallel"
    ]


@pytest.mark.parametrize(
    "text",
    [
        DEAF + TOP.replace("m=2", ""),
        DEAF + TOP.replace("m=2", "m=1"),
        DEAF + TOP.replace("m=2", "m={1}"),
        DEAF.replace("m=1", "") + TOP,
        DEAF.replace("b 1k", "b {1k/m}") + TOP,
        DEAF.replace("b 1k", "b 1k m={m}") + TOP,
        DEAF.replace("R1 a b 1k", ".param r={1k/m}\nR1 a b {r}") + TOP,
        DEAF.replace("R1 a b 1k", "X2 a b inner k={m}\n.subckt inner a b k=1\nR1 a b {k}\n.ends")
        + TOP,
        DEAF.replace("R1 a b 1k", "B1 a b i=v(a,b)*m") + TOP,
    ],
)
def test_where_all_is_well(text: str) -> None:
    assert messages(text) == []


def test_an_instance_inside_another_subcircuit() -> None:
    inside = ".subckt amp a\nXM a 0 cell m={1}\nXN a 0 cell m={k}\n.ends\n"
    (found,) = messages(DEAF + inside + "V1 p 0 1\nX1 p amp\n")
    assert "m=k of XN has no effect" in found


def test_the_simulator_and_the_rules_say_so(ngspice: None) -> None:
    deck = parse_netlist(f"* t\n{DEAF}{TOP}")
    result = simulate(deck, Op(), cache=False)
    assert result.log.splitlines()[0] == (
        "<text>:6:1: m=2 of X1 has no effect: the subcircuit cell takes m and uses it nowhere"
    )
    # It is ngspice that ignores it: 1 mA, not 2 mA.
    assert result.operating_point["i(v1)"] == pytest.approx(-1e-3)
    assert [item.rule for item in check(deck) if item.rule == "ignored_multiplier"]


# -- GF180's own models -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gf180(data: Path) -> Circuit:
    """One transistor, one with m=10, and one that is ten times as wide, on the models as they are.

    Reading them takes a second, so it is done once.
    """
    folder = data / "sizing" / "gf180mcu"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return parse_netlist(
        f"* three transistors\n.include {folder}/design.ngspice\n"
        f".lib {folder}/sm141064.ngspice typical\n"
        "VD1 d1 0 1.8\nVD2 d2 0 1.8\nVD3 d3 0 1.8\nVG g 0 1.2\n"
        "XM1 d1 g 0 0 nmos_3p3 w=10u l=0.6u\nXM2 d2 g 0 0 nmos_3p3 w=10u l=0.6u m=10\n"
        "XM3 d3 g 0 0 nmos_3p3 w=100u l=0.6u nf=10\n",
        include_dirs=[folder],
    )


OFF = {"sw_stat_global": 0.0, "sw_stat_mismatch": 0.0}


def currents(deck: Circuit, seed: int = 1) -> list[float]:
    result = simulate(deck, Op(), seed=seed, cache=False)
    assert result.status is Status.OK, result.log
    return [-result.operating_point[f"i(vd{k})"] for k in (1, 2, 3)]


def test_gf180_ignores_m_and_that_is_told(gf180: Circuit, ngspice: None) -> None:
    one, ten, wide = currents(switched(gf180, OFF))
    assert ten == one > 1e-5
    assert wide == pytest.approx(10 * one, rel=0.05)
    told = "m=10 of XM2 has no effect: the subcircuit nmos_3p3 takes m and uses it nowhere"
    found = [item for item in gf180.diagnostics if item.code == "ignored_multiplier"]
    assert [item.message for item in found] == [told]
    assert told in simulate(gf180, Op()).log


def test_gf180_varies_by_itself_and_that_is_told(gf180: Circuit, ngspice: None) -> None:
    found = [item for item in gf180.diagnostics if item.code == "default_variation"]
    assert [item.message for item in found] == [
        "the models switch variation on by themselves (sw_stat_global, sw_stat_mismatch): what is "
        "simulated is one random draw and not the nominal circuit"
    ]
    assert "one random draw" in simulate(gf180, Op()).log
    draws = {seed: currents(gf180, seed) for seed in (1, 2)}
    assert draws[1] != draws[2]
    assert currents(gf180, 2) == draws[2]
    nominal = currents(switched(gf180, OFF))
    assert nominal == currents(switched(gf180, OFF), 2)
    assert nominal not in draws.values()


def test_the_sizing_case_of_gf180_is_free_of_them(data: Path) -> None:
    path = data / "sizing" / "circuits" / "ota2s_gf180" / "deck.cir"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    assert read_netlist(path).diagnostics == ()
