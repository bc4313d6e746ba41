"""Stub: to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.links.answers import LinkPrediction, SelftestResult, SuspectWire


def selftest(circuit: Circuit, *, pins: int | None = None, seed: int = 0) -> SelftestResult:
    """To be written."""
    raise NotImplementedError
