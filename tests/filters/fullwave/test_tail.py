"""Signals that end early: damped modes are found, foretold and drawn out, noise is left alone."""

from pathlib import Path

import numpy as np
import pytest

from eda.filters.fullwave.openems import run_openems
from eda.filters.fullwave.tail import drawn_out, foretold, modes_of
from eda.filters.fullwave.waves import Real, Signals

STEP_S = 1e-11
TURN = np.exp(np.array([-0.004 + 0.70j, -0.006 + 0.74j, -0.02 + 1.3j, -0.001 + 0j]))
"""Two resonances close to each other, one further off, and charge that leaks away."""

NAMES = [f"{kind}{port}{at}" for port in "12" for kind in "ui" for at in "abc"[: 2 + (kind == "u")]]


def ringing(count: int, *, noise: float = 0.0) -> Signals:
    """Return a pulse of 60 samples, then modes that differ in size from probe to probe."""
    rng = np.random.default_rng(5)
    samples = np.arange(count)
    pulse = np.exp(-(((samples - 30) / 8.0) ** 2)) * np.cos(0.8 * (samples - 30))
    made: dict[str, tuple[Real, Real]] = {}
    for name in NAMES:
        size = rng.standard_normal(4) + 1j * rng.standard_normal(4)
        rest = 0.1 * (TURN[None, :] ** samples[:, None] @ size).real
        values = pulse + np.where(samples > 60, rest, 0.0)
        made[name] = (np.asarray(STEP_S * samples, np.float64), np.asarray(values, np.float64))
    if noise:
        made = {n: (t, v + noise * rng.standard_normal(count)) for n, (t, v) in made.items()}
    return made


def test_modes_are_those_of_the_signal() -> None:
    signals = ringing(400)
    modes = modes_of(signals, 200, 400)
    strong = np.abs(modes.size["u1b"]) > 1e-6
    found = np.sort_complex(np.log(modes.turn[strong]))
    expected = np.sort_complex(np.log(np.concatenate([TURN[:3], TURN[:3].conj(), TURN[3:]])))
    assert found == pytest.approx(expected, abs=1e-6)


def test_signals_are_drawn_out_as_they_would_have_gone_on() -> None:
    made = drawn_out(ringing(300))
    length = len(made["u1a"][1])
    whole = ringing(length)
    assert length == 6 * 300
    for name in NAMES:
        time, values = made[name]
        assert time == pytest.approx(whole[name][0])
        assert np.abs(values - whole[name][1]).max() < 1e-6 * np.abs(values).max()


def test_they_are_foretold_once_the_pulse_has_passed() -> None:
    lengths = [at for at in range(20, 400, 20) if foretold(ringing(at))]
    assert lengths == list(range(lengths[0], 400, 20))
    # A window of 64 samples after twice the way to the peak at 30.
    assert 120 <= lengths[0] <= 200


def test_noise_is_not_drawn_out() -> None:
    signals = ringing(300, noise=0.02)
    assert not foretold(signals)
    made = drawn_out(signals)
    assert all(np.array_equal(made[name][1], signals[name][1]) for name in NAMES)


def test_openems_is_ended_once_the_rest_is_foretold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    signals = ringing(300)
    for name, (time, values) in signals.items():
        np.savetxt(tmp_path / name, np.stack([time, values], 1))
    program = tmp_path / "openEMS"
    waits = "for i in $(seq 400); do [ -e ABORT ] && exit 0; sleep 0.05; done; exit 9"
    program.write_text(f"#!/bin/sh\ncp {tmp_path}/[ui]* .\n{waits}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = run_openems("<openEMS/>", foretell=True)
    assert set(found) == set(NAMES)
    assert len(found["u2b"][1]) > 1000
    assert found["u2b"][1][:300] == pytest.approx(signals["u2b"][1])
