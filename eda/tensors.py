"""Arrays of weights as bytes, and files that are whole or not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from eda.errors import WeightsError

_MOST_BYTES: Final = 8 << 20


def parse_tensors(data: bytes) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Return the metadata and the arrays of a safetensors file.

    Args:
        data: The file's bytes; nothing in them is run.

    Raises:
        ValueError: They are no such file.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    return header.get("__metadata__", {}), arrays


def read_weights(path: Path, *, maker: str) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Return the metadata and the arrays of a file of weights; what they mean is checked elsewhere.

    Args:
        path: The file, of 8 MB at most.
        maker: The command that makes such a file, for messages.

    Raises:
        WeightsError: There is none, it is too large, or no safetensors file.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WeightsError(f"{path}: larger than {_MOST_BYTES >> 20} MB; these are no weights")
        return parse_tensors(path.read_bytes())
    except OSError as error:
        raise WeightsError(f"{path}: {error.strerror}; `{maker}` makes such a file") from error
    except ValueError as error:
        raise WeightsError(f"{path}: no safetensors file: {error}") from error


def replace_file(path: Path, data: bytes) -> None:
    """Write under another name first, so that a killed run leaves no half file."""
    temporary = path.with_name(f"{path.name}.part")
    temporary.write_bytes(data)
    temporary.replace(path)
