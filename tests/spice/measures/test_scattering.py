"""S-parameters: from vectors to a matrix, a Network and a file."""

from pathlib import Path

import numpy as np
import pytest

from eda.errors import InputError
from eda.spice.measures import s_matrix, to_network, write_touchstone

FREQUENCY = np.linspace(1e9, 2e9, 11)


def series_resistor(resistance: float) -> np.ndarray:
    ratio = resistance / 100
    one = np.array([[ratio, 1], [1, ratio]]) / (1 + ratio)
    return np.broadcast_to(one, (FREQUENCY.size, 2, 2)).astype(complex)


def vectors(s: np.ndarray) -> dict[str, np.ndarray]:
    ports = range(s.shape[1])
    made = {f"S_{i + 1}_{j + 1}": s[:, i, j] for i in ports for j in ports}
    return {"frequency": FREQUENCY, **made, "Y_1_1": s[:, 0, 0]}


def test_vectors_become_a_matrix() -> None:
    s = series_resistor(50.0)
    assert np.array_equal(s_matrix(vectors(s)), s)


def test_gaps_are_refused() -> None:
    given = vectors(series_resistor(50.0))
    del given["S_2_1"]
    with pytest.raises(InputError) as caught:
        s_matrix(given)
    assert str(caught.value) == (
        "no S-parameters: S_2_1 is not there; run an sp analysis on a deck whose ports are "
        "voltage sources with portnum"
    )
    with pytest.raises(InputError, match="S_1_1 is not there"):
        s_matrix({})


def test_a_network_knows_what_it_is() -> None:
    network = to_network(FREQUENCY, series_resistor(50.0), name="resistor")
    assert network.name == "resistor"
    assert network.nports == 2
    # A series resistor of 50 ohm between ports of 50 ohm: |S21| = 2/3.
    assert np.abs(network.s[:, 1, 0]) == pytest.approx(np.full(11, 2 / 3))
    assert network.is_reciprocal()
    assert network.is_passive()


def test_touchstone_reads_back(tmp_path: Path) -> None:
    import skrf

    path = write_touchstone(tmp_path / "r.s2p", FREQUENCY, series_resistor(75.0))
    again = skrf.Network(str(path))
    assert again.f == pytest.approx(FREQUENCY)
    assert again.s == pytest.approx(series_resistor(75.0))


def test_the_suffix_says_how_many_ports(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_touchstone(tmp_path / "r.s3p", FREQUENCY, series_resistor(75.0))
    assert str(caught.value) == f"{tmp_path / 'r.s3p'} holds 2 ports; name it r.s2p"


def test_a_dot_in_the_name_is_no_suffix(tmp_path: Path) -> None:
    path = write_touchstone(tmp_path / "a.b.s2p", FREQUENCY, series_resistor(50.0))
    assert [item.name for item in tmp_path.iterdir()] == ["a.b.s2p"]
    assert path.read_text().count("\n") > FREQUENCY.size
