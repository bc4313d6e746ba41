"""Whole designs: what is delivered keeps the contract, and ngspice says it keeps the mask."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eda.errors import InputError, SpecError
from eda.filters import design_filter, terse_spec
from eda.filters.deck import value_text
from eda.filters.design import design_circuit
from eda.filters.evaluator import Ledger
from eda.filters.objectives import OBJECTIVES, designs_for, spread_of
from eda.filters.result import FilterResult
from eda.filters.series import values
from eda.filters.spec_reader import spec_of
from eda.filters.stability import is_stable, poles, step_response
from eda.filters.starts import rules_of, textbook
from eda.numbers import parse_number


@pytest.fixture(scope="module")
def lowpass() -> FilterResult:
    return design_circuit(
        terse_spec(lowpass="10MHz", stop="22MHz:35dB", rl_db=14, il_db=1, parts=7), seed=1
    )


@pytest.fixture(scope="module")
def lowpass_active() -> FilterResult:
    spec = terse_spec(lowpass="5kHz", stop="16kHz:32dB", family="active", parts=2)
    return design_circuit(spec, seed=1)


def _cards(result: FilterResult) -> list[list[str]]:
    return [line.split() for line in result.deck.splitlines()[1:] if not line.startswith("*")]


def test_a_lumped_filter_is_solved_with_values_of_its_series(lowpass: FilterResult) -> None:
    assert lowpass.solved
    assert lowpass.margin_db >= 0
    assert lowpass.impossible == ""
    assert lowpass.ledger.simulations == 1 + lowpass.corrections
    for rule, value in zip(rules_of(lowpass.spec, lowpass.topology), lowpass.values, strict=True):
        assert value in values(rule)
    assert lowpass.topology.size <= 7


def test_the_deck_keeps_the_contract_of_lumped_filters(lowpass: FilterResult) -> None:
    lines = lowpass.deck.splitlines()
    assert lines[1] == "V1 n_in 0 dc 0 ac 1 portnum 1 z0 50"
    assert lines[2] == "V2 n_out 0 dc 0 ac 0 portnum 2 z0 50"
    assert lines[-1] == ".end"
    assert not re.search(r"^\s*\.(?!end$)", lowpass.deck, re.MULTILINE)
    cards = _cards(lowpass)[2:-1]
    parts = [card for card in cards if card[0][0] in "LC"]
    losses = {card[0]: card for card in cards if card[0].startswith("RQ_")}
    assert len(parts) + len(losses) == len(cards)
    nets = [net for card in cards for net in card[1:3]]
    for name, _, inner, value in parts:
        assert parse_number(value) is not None
        loss = losses[f"RQ_{name}"]
        # The inner node belongs to the part and its loss alone.
        assert inner == loss[1]
        assert nets.count(inner) == 2
        assert value in loss[3]
        assert "hertz" in loss[3]


def test_the_deck_keeps_the_contract_of_active_filters(lowpass_active: FilterResult) -> None:
    assert lowpass_active.solved
    cards = _cards(lowpass_active)
    top = cards[: next(k for k, card in enumerate(cards) if card[0] == ".subckt")]
    assert top[0][-1] == "50"
    assert top[1][-1] == "10000"
    assert {card[0][0] for card in top[2:]} <= {"R", "C", "X"}
    opamps = [card for card in top if card[0][0] == "X"]
    assert 1 <= len(opamps) <= 2
    assert all(card[-1] == "opamp" and len(card) == 5 for card in opamps)
    physics_gain = [card for card in cards if card[0] == "E1"]
    assert float(physics_gain[0][-1]) == pytest.approx(10 ** (106 / 20))


def test_touchstone_reads_back_as_simulated(lowpass: FilterResult, tmp_path: Path) -> None:
    import skrf

    path = tmp_path / "filter.s2p"
    path.write_text(lowpass.touchstone)
    text = lowpass.touchstone.splitlines()
    assert "! z0 50 50" in text
    assert "# Hz S RI R 50" in text
    network = skrf.Network(str(path))
    assert np.abs(network.s - lowpass.s).max() < 1e-10
    assert (np.diff(network.f) > 0).all()
    for band in lowpass.spec.bands:
        inside = (network.f >= band.f_lo_hz) & (network.f <= band.f_hi_hz)
        assert inside.sum() >= 101
        assert band.f_lo_hz in network.f
        assert band.f_hi_hz in network.f


def test_files_are_written_whole(lowpass: FilterResult, tmp_path: Path) -> None:
    written = lowpass.write(tmp_path / "out")
    assert [path.name for path in written] == ["filter.cir", "filter.s2p", "report.html"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        path.name for path in written
    )
    page = written[2].read_text()
    assert page.count("<svg") == 5
    for words in ("Mask met", "yield", "S11, 50 ohm", "group delay", "filter.cir", "RQ_"):
        assert words in page
    # Names of namespaces only: nothing is fetched.
    assert set(re.findall(r"https?://([^/\"]+)", page)) == {"www.w3.org"}


def test_the_report_of_an_active_filter_has_its_step(lowpass_active: FilterResult) -> None:
    from eda.filters.report import report_html

    assert "step response, 1 V at the source" in report_html(lowpass_active)


def test_the_same_seed_gives_the_same_filter(lowpass: FilterResult) -> None:
    again = design_circuit(lowpass.spec, seed=1)
    assert again.deck == lowpass.deck
    assert again.batch.share == lowpass.batch.share


def test_an_active_filter_is_stable_and_settles(lowpass_active: FilterResult) -> None:
    from eda.filters.nodal import physics_of

    physics = physics_of(lowpass_active.spec)
    topology, numbers = lowpass_active.topology, lowpass_active.values
    assert is_stable(topology, numbers, physics)
    slow = -1 / poles(topology, numbers, physics).real.max()
    volts = step_response(topology, numbers, physics, np.linspace(0, 12 * slow, 2000))
    # 1 V behind 50 ohm arrives at 10 kohm with the gain of the pass band.
    low = 10 ** (float(lowpass_active.by_band["pass 0.05-5 kHz"]) / 20)
    assert abs(volts[-1]) == pytest.approx(1.0, abs=0.13)
    assert low > 0.9


def test_exchanged_op_amp_inputs_are_unstable(lowpass_active: FilterResult) -> None:
    import dataclasses

    from eda.filters.nodal import physics_of

    topology = lowpass_active.topology
    swapped = dataclasses.replace(
        topology,
        opamps=tuple(
            dataclasses.replace(item, plus=item.minus, minus=item.plus) for item in topology.opamps
        ),
    )
    assert not is_stable(swapped, lowpass_active.values, physics_of(lowpass_active.spec))


def test_fewest_parts_are_no_more_than_another_objective_needs(lowpass: FilterResult) -> None:
    spec = lowpass.spec
    few = designs_for(spec, textbook(spec), "parts", ledger=Ledger())[0]
    assert few.margin_db >= 0
    assert few.topology.size <= lowpass.topology.size


def test_the_smallest_spread_is_smaller(lumped: dict[str, Any]) -> None:
    spec = spec_of(lumped)
    starts = [s for s in textbook(spec) if s.topology.name in ("cPcPc", "LsLsL", "cLcLcL")]
    plain = designs_for(spec, starts, "margin", ledger=Ledger())[0]
    narrow = designs_for(spec, starts, "spread", ledger=Ledger())[0]
    assert narrow.margin_db >= 0
    assert spread_of(narrow) <= spread_of(plain)


def test_the_worst_case_leaves_more_at_the_worst(lumped: dict[str, Any]) -> None:
    spec = spec_of(lumped)
    starts = [s for s in textbook(spec) if s.topology.name == "cPcPc"]
    design = designs_for(spec, starts, "worst-case", ledger=Ledger())[0]
    assert design.robust_db < design.margin_db
    assert design.margin_db >= 0


def test_every_objective_is_described() -> None:
    assert set(OBJECTIVES) == {"yield", "margin", "parts", "worst-case", "spread"}


def test_an_impossible_mask_is_called_so_and_the_closest_delivered() -> None:
    spec = terse_spec(lowpass="10MHz", stop="11MHz:70dB", parts=3)
    result = design_circuit(spec)
    assert not result.solved
    assert result.margin_db < 0
    assert result.impossible.startswith("order limit: 3 reactive parts stop at most")
    assert "filter" in result.deck or "V1 n_in" in result.deck


def test_microstrip_goes_by_the_same_face() -> None:
    spec = terse_spec(lowpass="2GHz", stop="4.5GHz:20dB", family="microstrip", rl_db=10)
    result = design_filter(spec)
    assert result.solved
    assert result.to_dict()["family"] in {"stepped_impedance", "stub"}
    with pytest.raises(SpecError, match="--library goes with lumped filters"):
        design_filter(spec, library="parts.csv")
    with pytest.raises(InputError, match=r"old\.json: cannot be read"):
        design_filter(spec, start="old.json")


def test_an_unknown_objective_is_refused() -> None:
    with pytest.raises(InputError, match="objective is 'cheap'; write one of margin, parts"):
        design_circuit(terse_spec(lowpass="1MHz", stop="3MHz:30dB"), objective="cheap")


@pytest.mark.parametrize(
    ("value", "text"),
    [(8.2e-9, "8.2n"), (4.7e3, "4.7k"), (1e6, "1meg"), (470.0, "470"), (2.2e-6, "2.2u")],
)
def test_values_are_written_as_spice_reads_them(value: float, text: str) -> None:
    assert value_text(value) == text
    assert parse_number(text) == pytest.approx(value, rel=1e-12)
