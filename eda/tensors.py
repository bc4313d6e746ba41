"""Arrays of weights as bytes, and files that are whole or not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from numpy.typing import NDArray


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


def replace_file(path: Path, data: bytes) -> None:
    """Write under another name first, so that a killed run leaves no half file."""
    temporary = path.with_name(f"{path.name}.part")
    temporary.write_bytes(data)
    temporary.replace(path)
