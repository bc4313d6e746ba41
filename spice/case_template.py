"""A new case to start from: a copy of the shipped one under another name."""

from __future__ import annotations

import json
import os
from pathlib import Path

from eda.errors import SpecError
from eda.spice.case_reader import example_folder


def new_case(folder: str | os.PathLike[str]) -> Path:
    """Write a complete case that works, to be changed into one's own; return its folder.

    It is the two-stage op-amp that is shipped, without its golden table, which belongs to it.

    Raises:
        SpecError: The folder is there and not empty, or cannot be written.
    """
    path = Path(folder)
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise SpecError(f"{path} is already there; name a new folder, or an empty one")
        path.mkdir(parents=True, exist_ok=True)
        for source in sorted(example_folder().iterdir()):
            if source.suffix == ".inc" or source.name == "deck.cir":
                (path / source.name).write_bytes(source.read_bytes())
        given = json.loads((example_folder() / "case.json").read_text(encoding="utf-8"))
        del given["golden"], given["golden_corners_for_last_witness"]
        given["name"] = path.resolve().name
        text = json.dumps(given, indent=1) + "\n"
        (path / "case.json").write_text(text, encoding="utf-8")
    except OSError as problem:
        raise SpecError(f"{path} cannot be written: {problem.strerror}") from None
    return path
