"""Process variation and mismatch: the switches of design kits, one by one and together."""

import json
import shutil
from pathlib import Path

import pytest

from eda.errors import InputError, ToolNotFoundError
from eda.spice import (
    Case,
    Corner,
    MonteCarloReport,
    SimulationCache,
    monte_carlo,
    parse_netlist,
    read_case,
)
from eda.spice.ngspice_shared import library_path
from eda.spice.variation import switched, switches

SWITCHED = parse_netlist(
    "* r\n.param mc_pr_switch=0 mc_mm_switch=0 shift={mc_pr_switch*agauss(0, 100, 1)}\n"
    "I1 0 a 1m\nR1 a 0 {1k + shift + mc_mm_switch*agauss(0, 10, 1)}\n"
)


def test_which_switches_are_set() -> None:
    assert switches(SWITCHED, ["process"]) == {"mc_pr_switch": 1, "mc_mm_switch": 0}
    assert switches(SWITCHED, ["process", "mismatch"]) == {"mc_pr_switch": 1, "mc_mm_switch": 1}
    assert switched(SWITCHED, {"MC_MM_SWITCH": 1}).parameters["mc_mm_switch"] == 1
    assert SWITCHED.parameters["mc_mm_switch"] == 0


@pytest.mark.parametrize(
    ("vary", "parameters", "message"),
    [
        (["noise"], {}, "there is no variation 'noise'; there are process, mismatch"),
        ([], {"zz": 1.0}, "the deck and its models have no parameter 'zz' at the top level"),
        (
            [],
            {"mc_mm_switch": float("inf")},
            "the parameter mc_mm_switch is inf: give a finite number",
        ),
    ],
)
def test_what_is_refused(vary: list[str], parameters: dict[str, float], message: str) -> None:
    with pytest.raises(InputError) as caught:
        monte_carlo(SWITCHED, vary=vary, parameters=parameters)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_models_without_a_switch() -> None:
    deck = parse_netlist("* r\nI1 0 a 1m\nR1 a 0 {agauss(1k, 30, 3)}\n")
    with pytest.raises(InputError) as caught:
        monte_carlo(deck, vary=["mismatch"])
    assert str(caught.value) == (
        "the models have no switch of mismatch (sw_stat_mismatch or mc_mm_switch); set their own "
        "parameter by name"
    )


def test_a_condition_that_was_decided_without_it() -> None:
    deck = parse_netlist(
        "* r\n.param mc_mm_switch=0\nI1 0 a 1m\n.if (mc_mm_switch > 0)\nR1 a 0 {agauss(1k, 3, 3)}\n"
        ".else\nR1 a 0 1k\n.endif\n"
    )
    with pytest.raises(InputError, match=r"^the deck has \.if, which was decided"):
        monte_carlo(deck, vary=["mismatch"])


@pytest.fixture
def ngspice() -> None:
    """Skip where libngspice is not installed."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")


def test_each_alone_and_both_together(ngspice: None) -> None:
    def deviation(*vary: str) -> float:
        found = monte_carlo(SWITCHED, samples=150, vary=vary, cache=False)  # type: ignore[arg-type]
        return float(found.values("v(a)").std(ddof=1))

    assert deviation("process") == pytest.approx(0.1, rel=0.2)
    assert deviation("mismatch") == pytest.approx(0.01, rel=0.2)
    assert deviation("process", "mismatch") == pytest.approx(0.1005, rel=0.2)


@pytest.fixture
def case(data: Path, tmp_path: Path) -> Case:
    """The op-amp on GF180, with the statistical models as a process of its own."""
    kit, folder = data / "sizing" / "gf180mcu", data / "sizing" / "circuits" / "ota2s_gf180"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    mine = tmp_path / "circuits" / "ota"
    mine.mkdir(parents=True)
    shutil.copytree(kit, tmp_path / "gf180mcu")
    shutil.copyfile(folder / "deck.cir", mine / "deck.cir")
    told = json.loads((folder / "case.json").read_text())
    corners = told["corners"]
    corners["process"] = ["nom", "mc"]
    lines = corners["process_include_lines"]["nom"]
    corners["process_include_lines"] = {
        "nom": lines,
        "mc": [line.replace(" typical", " statistical") for line in lines],
    }
    told.pop("golden_corners_for_last_witness", None)
    (mine / "case.json").write_text(json.dumps(told))
    return read_case(mine)


def test_gf180_process_and_mismatch_together(case: Case, ngspice: None, tmp_path: Path) -> None:
    cache = SimulationCache(tmp_path / "cache")

    def draw(**how: object) -> MonteCarloReport:
        return monte_carlo(
            case,
            samples=3,
            corner=Corner("mc"),
            cache=cache,
            **how,  # type: ignore[arg-type]
        )

    def spread(report: MonteCarloReport, metric: str) -> float:
        assert all(sample.status == "ok" for sample in report.samples)
        return float(report.values(metric).std(ddof=1))

    process, mismatch = draw(vary=["process"]), draw(vary=["mismatch"])
    both = draw(parameters={"sw_stat_global": 1, "sw_stat_mismatch": 1})
    # Mismatch makes the offset; process moves all devices alike, and hardly makes any.
    assert spread(mismatch, "vos_v") > 10 * spread(process, "vos_v")
    assert spread(both, "vos_v") > 10 * spread(process, "vos_v")
    assert spread(process, "ugbw_hz") > 0
    assert spread(both, "ugbw_hz") > 0
    assert both.values("vos_v").tolist() != mismatch.values("vos_v").tolist()
    cache.close()
