"""The golden part of ``eda bench simulate``, on the shipped case."""

import pytest

from eda.bench.simulate_golden import golden_tables
from eda.errors import ToolNotFoundError
from eda.spice.ngspice_shared import library_path


def test_the_shipped_case_agrees() -> None:
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")
    said: list[str] = []
    summary, metrics = golden_tables(None, said.append, full=False, seed=0)
    assert said == ["opamp2: 12 of 12 designs"]
    assert summary.rows[0][:5] == ("opamp2", 12, 12, 0, 0)
    assert [row[1] for row in metrics.rows][:2] == ["power_w", "vos_v"]
    assert all(row[4] == 0 for row in metrics.rows)
