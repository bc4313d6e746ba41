"""A model of a case: predictions, fine-tuning, draws, files."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eda.errors import InputError, WeightsError
from eda.spice import Case, read_case
from eda.surrogate import CaseModel, load_surrogate
from eda.surrogate.data import CaseData
from eda.surrogate.designs import as_mappings
from eda.surrogate.evaluate import area, evaluate
from eda.surrogate.model_file import load_model, save_model


@pytest.fixture(scope="module")
def model(tiny: Case, ngspice: None) -> CaseModel:
    return load_surrogate().for_case(tiny, workers=1)


@pytest.fixture(scope="module")
def tuned(model: CaseModel, tiny_data: CaseData) -> CaseModel:
    some = tiny_data.take(np.arange(60))
    return model.fit_arrays(some.designs, some.metrics, some.ok)


def test_fine_tuning_is_good_and_honest(tuned: CaseModel, tiny_data: CaseData) -> None:
    rest = tiny_data.take(np.arange(60, 120))
    found = evaluate(tuned, rest.designs, rest.metrics)
    assert min(item.r2 for item in found.metrics) > 0.98
    assert 0.75 < found.coverage <= 1.0
    assert found.auc is None or found.auc > 0.97


def test_shapes_and_order(tuned: CaseModel, tiny_data: CaseData) -> None:
    said = tuned.predict(tiny_data.designs[:7])
    assert said.metrics == ("power_w", "gain_db", "ugbw_hz")
    assert said.value.shape == said.low.shape == said.high.shape == (7, 3)
    assert (said.low <= said.high).all()
    assert ((said.alive >= 0) & (said.alive <= 1)).all()
    turned = tuned.predict(tiny_data.designs[:7][::-1])
    assert np.allclose(turned.value[::-1], said.value)
    assert said.to_dicts()[2]["gain_db"]["value"] == said.value[2, 1]


def test_before_fine_tuning_the_equations_answer(model: CaseModel, tiny_data: CaseData) -> None:
    found = evaluate(model, tiny_data.designs, tiny_data.metrics)
    assert found.metrics[0].r2 > 0.98
    assert found.metrics[1].r2 > 0.8


def test_what_is_measured_is_taken(tuned: CaseModel, tiny_data: CaseData) -> None:
    some = tiny_data.take(np.arange(90, 95))
    said = tuned.predict(some.designs, prefix={"power_w": some.metrics[:, 0]})
    assert np.allclose(said.value[:, 0], some.metrics[:, 0], rtol=1e-9)
    assert np.allclose(said.low[:, 0], said.high[:, 0])
    with pytest.raises(InputError, match=r"^prefix power_w: give a finite number for each of 5"):
        tuned.predict(some.designs, prefix={"power_w": [1.0]})
    with pytest.raises(InputError, match=r"^prefix gain is neither a metric nor a node voltage"):
        tuned.predict(some.designs, prefix={"gain": np.zeros(5)})


def test_a_measured_bias_is_taken(model: CaseModel, tiny_data: CaseData) -> None:
    some = tiny_data.designs[:4]
    prefix = model.operating_points(some, workers=1)
    assert set(prefix) >= {"v(out)"}
    plain, told = model.predict(some), model.predict(some, prefix=prefix)
    assert np.allclose(plain.of("gain_db"), told.of("gain_db"), atol=2.0)


def test_draws_are_in_units(tuned: CaseModel, tiny_data: CaseData) -> None:
    designs = tiny_data.designs[80:90]
    drawn = tuned.sample(designs, 200)
    assert drawn.shape == (200, 10, 3)
    said = tuned.predict(designs)
    live = said.alive > 0.99
    inside = (drawn >= said.low) & (drawn <= said.high)
    assert 0.8 < inside[:, live].mean() < 0.97


def test_results_are_learned_from(model: CaseModel, tiny: Case, tiny_data: CaseData) -> None:
    designs = tiny_data.designs[:20]
    results = tiny.simulate(as_mappings(tiny, designs), workers=1)
    one = model.fit(designs, results)
    two = model.fit_arrays(designs, tiny_data.metrics[:20], tiny_data.ok[:20])
    assert np.allclose(one.predict(designs).value, two.predict(designs).value)
    assert model.fitted is None
    with pytest.raises(InputError, match=r"^20 designs and 3 results; give as many of each$"):
        model.fit(designs, results[:3])


def test_a_model_comes_back_from_its_file(
    model: CaseModel, tuned: CaseModel, tiny_data: CaseData, tmp_path: Path
) -> None:
    path = tmp_path / "tiny.model"
    save_model(tuned, path)
    back = load_model(model, path)
    designs = tiny_data.designs[100:]
    assert np.allclose(back.predict(designs).value, tuned.predict(designs).value, rtol=1e-9)
    assert np.allclose(back.predict(designs).high, tuned.predict(designs).high, rtol=1e-6)


def test_files_that_do_not_fit(
    model: CaseModel,
    tuned: CaseModel,
    tmp_path: Path,
    write: Callable[..., Path],
) -> None:
    path = tmp_path / "tiny.model"
    save_model(tuned, path)
    fixed = {"vdd": 1.8, "vin": 0.6, "cl": 1e-12}
    other = read_case(write(tmp_path / "other", name="other", fixed_parameters=fixed))
    changed = replace(other, deck_source=other.deck_source + "* more\n")
    with pytest.raises(WeightsError, match=r"is a model of tiny, .* and does not fit other; make"):
        load_model(replace(model, case=changed), path)
    for damage in (b"", b"\x08\0\0\0\0\0\0\0{}      ", path.read_bytes()[:500]):
        path.write_bytes(damage)
        with pytest.raises(WeightsError, match="no model of a case"):
            load_model(model, path)
    with pytest.raises(WeightsError, match="not fine-tuned"):
        save_model(model, tmp_path / "none.model")


def test_a_case_without_equations_learns_all_the_same(
    model: CaseModel, tiny_data: CaseData
) -> None:
    from eda.surrogate.case_model import bind

    blind = bind(model.case, None, None, "a test")
    some, rest = tiny_data.take(np.arange(60)), tiny_data.take(np.arange(60, 120))
    tuned = blind.fit_arrays(some.designs, some.metrics, some.ok)
    assert evaluate(tuned, rest.designs, rest.metrics).metrics[0].r2 > 0.95


def test_area_under_the_curve() -> None:
    assert area(np.array([0.1, 0.5, 0.5, 0.9]), np.array([False, False, True, True])) == 0.875
    assert area(np.zeros(3), np.array([True, True, True])) is None
