"""What ngspice 39 gets wrong of lines, and scikit-rf of passivity: why decks hold neither."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eda.errors import InputError
from eda.filters.spec_reader import spec_of
from eda.filters.verify import verify_deck
from eda.spice import Sp, parse_netlist, simulate
from eda.spice.measures import s_matrix

PORTS = "V1 a 0 dc 0 ac 1 portnum 1 z0 50\nV2 b 0 dc 0 ac 0 portnum 2 z0 50\n"
SWEEP = Sp(1e8, 1e9, 19)


def _gain_db(body: str) -> np.ndarray:
    result = simulate(parse_netlist(f"* line\n{PORTS}{body}"), SWEEP, cache=False)
    assert result.ok, result.log
    s21 = s_matrix(result.of("sp").arrays)[:, 1, 0]
    return np.asarray(20 * np.log10(np.maximum(np.abs(s21), 1e-300)))


def test_a_txl_line_is_silently_wrong() -> None:
    # 75 ohm, 0.25 ns: L = z0 * delay, C = delay / z0.
    ideal = _gain_db("T1 a 0 b 0 z0=75 td=0.25n\n")
    lossy = _gain_db(
        "Y1 a 0 b 0 ymod len=1\n.model ymod txl R=0.01 L=18.75n G=0 C=3.3333p length=1\n"
    )
    ltra = _gain_db("O1 a 0 b 0 omod\n.model omod ltra R=0.01 L=18.75n G=0 C=3.3333p len=1\n")
    assert np.abs(ltra - ideal).max() < 0.01
    assert np.abs(lossy - ideal).max() > 50


def test_a_cpl_line_cannot_be_analysed() -> None:
    deck = parse_netlist(
        f"* coupled\n{PORTS}P1 a c 0 b d 0 pmod\nR1 c 0 50\nR2 d 0 50\n"
        ".model pmod cpl R=0.1 0 0.1 L=18n 4n 18n G=0 0 0 C=3p -0.5p 3p length=1\n"
    )
    assert not simulate(deck, SWEEP, cache=False).ok


@pytest.mark.parametrize("card", ["Y1 n_in 0 n_out 0 m", "P1 n_in a 0 n_out b 0 m"])
def test_verification_refuses_decks_with_such_lines(
    card: str, tmp_path: Path, lumped: dict[str, Any]
) -> None:
    kind = "txl" if card[0] == "Y" else "cpl"
    deck = tmp_path / "filter.cir"
    deck.write_text(
        "* t\nV1 n_in 0 dc 0 ac 1 portnum 1 z0 50\nV2 n_out 0 dc 0 ac 0 portnum 2 z0 50\n"
        f"{card}\n.model m {kind} length=1\n.end\n"
    )
    with pytest.raises(InputError, match=r"is a (txl|cpl) line, which ngspice analyses wrongly"):
        verify_deck(deck, spec_of(lumped))


def test_passivity_enforcement_spoils_a_lossless_fit() -> None:
    import warnings

    import skrf

    frequency = skrf.Frequency(5, 60, 81, "MHz")
    line = skrf.media.DefinedGammaZ0(frequency, z0=50.0)
    network = (
        line.shunt_capacitor(200e-12) ** line.inductor(0.9e-6) ** line.shunt_capacitor(200e-12)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = skrf.vectorFitting.VectorFitting(network)
        fit.vector_fit(n_poles_real=1, n_poles_cmplx=2)
        before = _fit_error_db(fit, network)
        if not fit.is_passive():
            fit.passivity_enforce(n_samples=60)
        after = _fit_error_db(fit, network)
    # The fit itself is good; the step that is to make it passive does not leave it so.
    assert before < 0.01
    assert after > before or fit.is_passive()


def _fit_error_db(fit: Any, network: Any) -> float:
    model = fit.get_model_response(1, 0, network.f)
    wanted = network.s[:, 1, 0]
    return float(np.abs(20 * np.log10(np.abs(model) / np.abs(wanted))).max())
