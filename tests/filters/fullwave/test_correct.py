"""Space mapping against a full wave that is known: the closed forms, read somewhere else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eda.errors import InputError
from eda.filters.fullwave.aim import Aim, aimed_spec, difference_db, fit_aim
from eda.filters.fullwave.copper import FEED_HEIGHTS
from eda.filters.fullwave.correct import Solver, corrected, solved_yield
from eda.filters.fullwave.solve import FullWave
from eda.filters.mask import coarse_mask
from eda.filters.microstrip.design import design_printed
from eda.filters.microstrip.etching import Tolerances, etching_yield
from eda.filters.microstrip.evaluator import reference_s
from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.search import search_layouts
from eda.filters.microstrip.starts import textbook_layouts
from eda.filters.neural.simulator import boards_of, neural_s
from eda.filters.spec import FilterSpec

TRUTH = Aim(4.5475e9, 0.95, 1.08)


def shifted(spec: FilterSpec, calls: list[Layout]) -> Solver:
    """Return a full wave that is the closed forms, read where ``TRUTH`` says."""
    low, high = spec.edges_hz
    frequency = np.linspace(low, high, 1201)

    def solve(layout: Layout) -> FullWave:
        calls.append(layout)
        s = reference_s(spec, spec.printed, layout, TRUTH.of(frequency))
        return FullWave(frequency, s, 1, 1, 0.0, False)

    return solve


def test_the_aim_is_found(spec_of: Callable[..., FilterSpec]) -> None:
    spec = spec_of("bandpass")
    layout = search_layouts(spec, spec.printed, textbook_layouts(spec, spec.printed))[0].layout
    frequency = np.linspace(3.5e9, 6e9, 301)

    def closed(at: np.ndarray) -> np.ndarray:
        return reference_s(spec, spec.printed, layout, at)

    full = closed(Aim(spec.centre_hz, 0.95, 1.08).of(frequency))
    aim = fit_aim(spec, closed, frequency, full)
    assert aim.scale == pytest.approx(0.95, abs=1e-3)
    assert aim.stretch == pytest.approx(1.08, abs=5e-3)
    assert aim.error_db < 0.1 < difference_db(closed(frequency), full)
    plain = fit_aim(spec, closed, frequency, full, stretched=False)
    assert plain.stretch == 1.0
    assert plain.error_db > aim.error_db


def test_a_mask_moves_with_the_aim(spec_of: Callable[..., FilterSpec]) -> None:
    spec = spec_of("bandpass")
    layout = search_layouts(spec, spec.printed, textbook_layouts(spec, spec.printed))[0].layout
    frequency = np.linspace(*spec.edges_hz, 1201)

    def closed(at: np.ndarray) -> np.ndarray:
        return reference_s(spec, spec.printed, layout, at)

    aim = Aim(spec.centre_hz, 0.95)
    # Full wave loses half a decibel more everywhere: so much less is allowed.
    full = np.asarray(closed(aim.of(frequency)) * 10 ** (-0.5 / 20), np.complex128)
    made = aimed_spec(spec, aim, closed, frequency, full, level=True)
    assert made.passbands[0].f_lo_hz == pytest.approx(0.95 * 4.4e9)
    assert made.passbands[0].il_max_db == pytest.approx(3.0 - 0.5, abs=1e-6)
    assert made.stopbands[0].atten_min_db == pytest.approx(20 - 0.5, abs=1e-6)
    assert made.passbands[0].rl_min_db == pytest.approx(10 - 0.5, abs=1e-6)


def test_a_layout_is_corrected_in_three_calls(
    spec_of: Callable[..., FilterSpec], tmp_path: Path
) -> None:
    spec, calls = spec_of("bandpass"), list[Layout]()
    result = design_printed(spec, full_wave=3, solver=shifted(spec, calls))
    assert result.steps[0].verified.margin_db < 0
    assert result.solved
    assert result.verifier == "full wave by openEMS"
    assert 2 <= len(calls) == len(result.steps) <= 3
    assert result.layout.design_model == "full_wave"
    # Without an error in frequency the closed forms alone would not have it.
    assert result.reference_db < 0 <= result.margin_db
    answer = result.to_dict()
    assert answer["solved"] is True
    assert answer["margin_db"] == pytest.approx(result.margin_db, abs=1e-6)
    names = {path.name for path in result.write(tmp_path)}
    assert "full_wave.s2p" in names
    page = (tmp_path / "report.html").read_text()
    assert "Calls of full wave" in page
    assert "|S21|, full wave" in page


def test_what_full_wave_keeps_is_left_alone(spec_of: Callable[..., FilterSpec]) -> None:
    spec = spec_of("bandpass")
    limits = spec.printed
    starts = textbook_layouts(spec, limits)
    first = search_layouts(spec, limits, starts)[0]
    frequency = np.linspace(*spec.edges_hz, 1201)

    def agrees(layout: Layout) -> FullWave:
        s = reference_s(spec, limits, layout, frequency)
        return FullWave(frequency, s, 1, 1, 0.0, False)

    steps = corrected(spec, first, starts, agrees, calls=3)
    assert len(steps) == 1
    assert steps[0].met
    assert steps[0].verified.margin_db == pytest.approx(first.margin_db, abs=0.02)


def test_boards_of_a_solved_layout_differ_from_what_was_solved(
    spec_of: Callable[..., FilterSpec],
) -> None:
    spec, calls = spec_of("bandpass"), list[Layout]()
    starts = textbook_layouts(spec, spec.printed)
    first = search_layouts(spec, spec.printed, starts)[0]
    exact = Tolerances(0.0, 0.0, 0.0)
    # By the closed forms, which are off in frequency, no such board would keep the mask.
    step = corrected(spec, first, starts, shifted(spec, calls), calls=3)[-1]
    assert step.met
    same = solved_yield(spec, step, tolerances=exact, seed=0)
    assert same.share == 1.0
    assert same.margins_db == pytest.approx(step.verified.margin_db, abs=0.1)
    rough = solved_yield(spec, step, tolerances=Tolerances(0.1, 0.1, 0.1), seed=0)
    assert 0 < rough.share < 1

    def foreseen(layout: Layout) -> FullWave:
        frequency = np.linspace(*spec.edges_hz, 1601)
        s = neural_s(spec, spec.printed, layout, frequency)
        return FullWave(frequency, s, 1, 1, 0.0, False)

    # Where full wave is the neural simulator, boards are what it says of them.
    (step,) = corrected(spec, first, starts, foreseen, calls=1)
    found = solved_yield(spec, step, seed=1)
    wanted = etching_yield(
        *(spec, spec.printed, first.layout, coarse_mask(spec)),
        trials=spec.mc_trials,
        seed=1,
        model=neural_s,
    )
    assert found.margins_db == pytest.approx(wanted.margins_db, abs=0.02)


def test_boards_that_are_thicker_need_no_more_room(spec_of: Callable[..., FilterSpec]) -> None:
    """Full wave has solved the layout: no board of it may fail for the length of a feed."""
    spec = spec_of("bandpass")
    board = spec.printed.substrate
    ahead_mm = -1.1e3 * FEED_HEIGHTS * board.height_m
    strips = (
        Strip("line", (0.0, 0.0), (10.0, 0.0), 1.0, ("p1", "p2")),
        Strip("far", (ahead_mm - 1.0, 0.0), (ahead_mm, 0.0), 1.0, ("x", "y")),
    )
    layout = Layout("edge_coupled", 1, strips, (), ("p1", "p2"))
    thick = replace(spec.printed, substrate=replace(board, height_m=1.2 * board.height_m))
    frequency = np.linspace(4e9, 5e9, 11)
    with pytest.raises(InputError, match="other copper lies where its feed"):
        neural_s(spec, thick, layout, frequency)
    model = boards_of(layout, board)
    assert np.isfinite(model(spec, thick, layout, frequency)).all()
    same = model(spec, spec.printed, layout, frequency)
    assert same == pytest.approx(neural_s(spec, spec.printed, layout, frequency), abs=1e-12)


def test_etching_closes_no_gap(spec_of: Callable[..., FilterSpec]) -> None:
    spec = spec_of("bandpass")
    layout = search_layouts(spec, spec.printed, textbook_layouts(spec, spec.printed))[0].layout
    coarse = Tolerances(etch_mm=50.0, permittivity=0.0, height=0.0)
    mask = coarse_mask(spec)
    found = etching_yield(spec, spec.printed, layout, mask, tolerances=coarse, trials=8, seed=0)
    assert np.isfinite(found.margins_db).all()
    assert (found.margins_db > -1e5).all()
