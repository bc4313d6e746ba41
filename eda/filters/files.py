"""The files of a design, written so that each is whole or not there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from eda.tensors import replace_file


def write_files(folder: Path, contents: Mapping[str, str | bytes]) -> list[Path]:
    """Write files into a folder, which is made where it is missing; return their paths.

    Each is written beside its place and renamed.

    Args:
        folder: Where.
        contents: Text or bytes by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in contents.items():
        replace_file(folder / name, content.encode() if isinstance(content, str) else content)
        written.append(folder / name)
    return written
