"""Results that are kept, so that a bench that was stopped goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Kept:
    """Values by key, in a file of one JSON line each, or in memory only.

    Example:
        >>> kept = Kept(None)
        >>> kept.get("a", lambda: {"x": 1}), kept.get("a", lambda: {"x": 2})
        ({'x': 1}, {'x': 1})
    """

    def __init__(self, path: Path | None) -> None:
        """Read what an earlier run left; a last line that was cut off is left out."""
        self.path = path
        self.values: dict[str, Any] = {}
        if path is not None and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    item = json.loads(line)
                    self.values[item["key"]] = item["value"]
                except (ValueError, KeyError, TypeError):
                    continue

    def get(self, key: str, make: Callable[[], Any]) -> Any:
        """Return the value of a key, making and keeping it where there is none."""
        if key not in self.values:
            self.values[key] = make()
            if self.path is not None:
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"key": key, "value": self.values[key]}) + "\n")
        return self.values[key]


def kept_path(name: str) -> Path:
    """Return the file of that name in ``runs``, a folder that is made where it is not there."""
    folder = Path("runs")
    folder.mkdir(exist_ok=True)
    return folder / name
