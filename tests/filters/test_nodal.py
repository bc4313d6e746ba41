"""T0 against ngspice, scikit-rf, finite differences and autograd."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eda.filters.deck import write_deck
from eda.filters.mask import DB
from eda.filters.nodal import physics_of, respond
from eda.filters.sections import SECTIONS, Target, cascade, sized
from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import spec_of
from eda.filters.verify import verify_deck
from eda.filters.words import LETTERS, kinds_of, ladder


def _values(word: str, random: np.random.Generator) -> np.ndarray:
    typical = {"inductor": 0.8e-6, "capacitor": 300e-12}
    return np.array([typical[k] * np.exp(random.normal(0, 0.7)) for k in kinds_of(word)])


def _agree(tmp_path: Path, spec: FilterSpec, topology: Any, values: Any) -> float:
    """Largest difference of |S21| and |S11| to ngspice in dB, above -120 dB."""
    deck = tmp_path / "filter.cir"
    numbers = [float(f"{value:.6g}") for value in values]
    deck.write_text(write_deck(spec, topology, numbers))
    found = verify_deck(deck, spec, points=15)
    mine = respond(topology, np.log([numbers]), found.frequency_hz, physics_of(spec))
    worst = 0.0
    for ours, theirs in ((mine.s21[0], found.s[:, 1, 0]), (mine.s11[0], found.s[:, 0, 0])):
        level = DB * np.log(np.abs(theirs))
        kept = level > -120
        if kept.any():
            worst = max(worst, float(np.abs(DB * np.log(np.abs(ours)) - level)[kept].max()))
    return worst


@pytest.mark.parametrize("seed", range(6))
def test_ladders_agree_with_ngspice_to_a_ten_thousandth_of_a_decibel(
    seed: int, tmp_path: Path, lumped: dict[str, Any]
) -> None:
    random = np.random.default_rng(seed)
    lumped["ports"] = {"zs_ohm": 50, "zl_ohm": 75}
    # The quality of an inductor runs into its bound within the stop band.
    word = "".join(random.choice(list(LETTERS), 5)) + "LcS"
    spec = spec_of(lumped)
    assert _agree(tmp_path, spec, ladder(word), _values(word, random)) < 1e-4


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_sections_agree_with_ngspice(name: str, tmp_path: Path, active: dict[str, Any]) -> None:
    spec = spec_of(active)
    target = Target(4000.0, 1.1, 1.4, 2500.0, 1.5)
    values = sized(name, target, spec.active)
    assert values is not None
    assert _agree(tmp_path, spec, cascade((name,)), values) < 1e-4


def test_a_cascade_of_three_agrees_with_ngspice(tmp_path: Path, active: dict[str, Any]) -> None:
    spec = spec_of(active)
    names = ("sk_lp3", "tt_lp", "mfb_lp2")
    values: list[float] = []
    for name in names:
        found = sized(name, Target(6000.0, 0.9, 1.0, 5000.0), spec.active)
        assert found is not None
        values += found
    assert _agree(tmp_path, spec, cascade(names), values) < 1e-4


def test_a_lossless_ladder_agrees_with_scikit_rf() -> None:
    import skrf

    from eda.filters.nodal import Physics

    frequency = skrf.Frequency(1, 50, 41, "MHz")
    line = skrf.media.DefinedGammaZ0(frequency, z0=50.0)
    network = line.shunt_capacitor(300e-12) ** line.inductor(1e-6) ** line.shunt_inductor(2e-6)
    mine = respond(ladder("cLl"), np.log([[300e-12, 1e-6, 2e-6]]), frequency.f, Physics(50.0, 50.0))
    assert np.abs(mine.s21[0] - network.s[:, 1, 0]).max() < 1e-9
    assert np.abs(mine.s11[0] - network.s[:, 0, 0]).max() < 1e-9


@pytest.mark.parametrize("kind", ["ladder", "cascade"])
def test_derivatives_are_those_of_finite_differences(
    kind: str, lumped: dict[str, Any], active: dict[str, Any]
) -> None:
    if kind == "ladder":
        spec, topology = spec_of(lumped), ladder("cPcSlC")
        x = np.log(_values("cPcSlC", np.random.default_rng(1)))[None]
        frequency = np.geomspace(1e6, 1e8, 21)
    else:
        spec, topology = spec_of(active), cascade(("sk_lp2", "mfb_lp2"))
        limits = spec.active
        parts = [sized(n, Target(5e3, 1.0), limits) or [] for n in ("sk_lp2", "mfb_lp2")]
        x = np.log(np.concatenate(parts))[None]
        frequency = np.geomspace(100.0, 1e5, 21)
    physics = physics_of(spec)
    exact = respond(topology, x, frequency, physics, derivatives=True)
    step = 1e-6
    for at in range(topology.size):
        up, down = x.copy(), x.copy()
        up[0, at] += step
        down[0, at] -= step
        a, b = (respond(topology, item, frequency, physics) for item in (up, down))
        for whole, plus, minus in (
            (exact.d_s21, a.s21, b.s21),
            (exact.d_s11, a.s11, b.s11),
        ):
            difference = (plus - minus)[0] / (2 * step)
            size = np.abs(whole[0]).max() + 1e-12
            assert np.abs(whole[0, at] - difference).max() < 1e-6 * max(size, 1.0)


def test_torch_gives_the_same_and_its_gradients_go_through(lumped: dict[str, Any]) -> None:
    import torch

    spec, topology = spec_of(lumped), ladder("cPcLc")
    physics = physics_of(spec)
    x = np.log(np.stack([_values("cPcLc", np.random.default_rng(k)) for k in range(4)]))
    frequency = np.geomspace(1e6, 1e8, 31)
    exact = respond(topology, x, frequency, physics, derivatives=True)
    tensor = torch.tensor(x, requires_grad=True)
    made = respond(topology, tensor, torch.tensor(frequency), physics)
    assert np.abs(made.s21.detach().numpy() - exact.s21).max() < 1e-13
    gain = made.s21.abs().log().sum()
    gain.backward()
    wanted = (exact.d_s21 / exact.s21[:, None]).real.sum(2)
    assert tensor.grad is not None
    assert np.abs(tensor.grad.numpy() - wanted).max() < 1e-9


def test_a_batch_is_as_each_of_its_designs(lumped: dict[str, Any]) -> None:
    physics, topology = physics_of(spec_of(lumped)), ladder("pCpCp")
    x = np.log(np.stack([_values("pCpCp", np.random.default_rng(k)) for k in range(5)]))
    frequency = np.geomspace(1e6, 1e8, 11)
    together = respond(topology, x, frequency, physics).s21
    alone = [respond(topology, row[None], frequency, physics).s21[0] for row in x]
    assert np.abs(together - np.array(alone)).max() < 1e-14
