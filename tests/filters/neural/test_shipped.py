"""The shipped weights, on filters that they have not seen: openEMS solved them before."""

from pathlib import Path

import numpy as np
import pytest

from eda.datasets.printed import PrintedRecord, load
from eda.datasets.printed_training import solved_of
from eda.filters.microstrip.network import scattering, sizes_of
from eda.filters.neural.measures import error_db, one_factor
from eda.filters.neural.simulator import neural_scattering
from eda.filters.neural.weights import FOLDER, NAME, load_weights

RECORDS = load(Path(__file__).parent / "records.jsonl")


def test_they_are_small() -> None:
    assert (FOLDER / NAME).stat().st_size < 1 << 20
    assert load_weights().members


@pytest.mark.parametrize("record", RECORDS, ids=lambda one: f"{one.family}-{one.order}")
def test_they_are_closer_to_full_wave_than_closed_forms(record: PrintedRecord) -> None:
    assert record.split == "test"
    frequency = np.linspace(record.frequency_hz[0], record.frequency_hz[-1], 201)
    full = solved_of([record])[0].at(frequency)[:, 1, 0]

    def closed(at: np.ndarray) -> np.ndarray:
        found = scattering(record.layout, sizes_of(record.layout), at, record.board)
        return np.asarray(found.s21[0])

    found = neural_scattering([record.layout], record.board, frequency).s21[0]
    assert error_db(found, full) < 0.6 * error_db(closed(frequency), full)
    if record.family == "hairpin":
        # Its arms couple across: no factor on the frequency makes up for that.
        assert error_db(found, full) < error_db(one_factor(closed, frequency, full)[1], full)
