"""The functions of the library an array belongs to: the formulas serve numpy and torch alike."""

from __future__ import annotations

from typing import Any

import numpy as np


def functions_of(*values: Any) -> Any:
    """Return ``torch`` where one of the values is a tensor, else ``numpy``.

    Both name their functions alike (``exp``, ``arctan``, ``linalg.solve``); torch is imported
    only where a tensor has come in.

    Example:
        >>> functions_of(1.0).__name__
        'numpy'
    """
    if any(type(value).__module__.split(".")[0] == "torch" for value in values):
        import torch

        return torch
    return np


def column(value: Any) -> Any:
    """Return a value per design (designs,) as a column, to stand beside frequencies."""
    return value[..., None] if getattr(value, "ndim", 0) else value
