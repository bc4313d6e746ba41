"""JSON from strangers: bounded in size, every key once, one sentence where it is none."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from eda.errors import SpecError

LARGEST_BYTES: Final = 2**20


def read_bounded(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a file, at most one more than `LARGEST_BYTES`.

    Args:
        path: The file.

    Raises:
        SpecError: It cannot be read.
    """
    try:
        with Path(path).open("rb") as stream:
            return stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror or error}") from error


def load_json(text: str | bytes, *, where: str, what: str, hint: str = "") -> object:
    r"""Return the plain values of a JSON text.

    Args:
        text: The JSON.
        where: What to call it in errors.
        what: What it should be, as ``specification``.
        hint: Added where it is no JSON.

    Raises:
        SpecError: It is too long, no JSON, or a key stands twice in an object.

    Example:
        >>> load_json('{"a": 1, "a": 2}', where="x.json", what="specification")
        Traceback (most recent call last):
        ...
        eda.errors.SpecError: x.json: a: written twice; keep one
    """
    if len(text) > LARGEST_BYTES:
        raise SpecError(f"{where}: longer than {LARGEST_BYTES} bytes; this is no {what}")
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        made: object = json.loads(text, object_pairs_hook=_unique)
    except _RepeatedError as error:
        raise SpecError(f"{where}: {error}: written twice; keep one") from None
    except (ValueError, RecursionError) as error:
        raise SpecError(f"{where}: no JSON: {error or 'nested too deeply'}{hint}") from error
    return made


class _RepeatedError(Exception):
    """A key stands twice in an object."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise _RepeatedError(key)
        made[key] = value
    return made
