"""Benches are run without cache, and skipped where ngspice is missing."""

from collections.abc import Callable
from typing import Any

import pytest

from eda.errors import ToolNotFoundError
from eda.spice import TestbenchResult, parse_netlist, testbench
from eda.spice.ngspice_shared import library_path

Measure = Callable[..., TestbenchResult]


@pytest.fixture
def measure() -> Measure:
    """Run a testbench on a text."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")

    def measured(text: str, kind: str, **how: Any) -> TestbenchResult:
        result = testbench(parse_netlist(text, strict=False), kind, **how).run(cache=False)
        assert result.ok, (result.status, result.notes, [b.log for b in result.benches])
        return result

    return measured
