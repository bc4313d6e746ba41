"""Stub: to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.links.answers import LinkPrediction, SelftestResult, SuspectWire


def audit_links(circuit: Circuit, *, top: int | None = None) -> list[SuspectWire]:
    """To be written."""
    raise NotImplementedError
