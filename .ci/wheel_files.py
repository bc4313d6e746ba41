"""Compare the files in a wheel with those of the project: none missing, nothing but ``eda``.

Usage: python wheel_files.py WHEEL LIST, where LIST holds the project's files, NUL-separated.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

FOLDERS = ("agents", "cli", "datasets", "spice")


def expected(names: list[str]) -> set[str]:
    """Return where each file of the package belongs in the wheel."""
    places = set()
    for name in names:
        top, slash, _ = name.partition("/")
        if not slash or name in {f"eda/{folder}" for folder in FOLDERS}:
            continue
        if top == "eda":
            places.add(name)
        elif top in FOLDERS:
            places.add(f"eda/{name}")
    return places


def main(wheel: str, listing: str) -> str | None:
    """Return what is wrong, or None."""
    wanted = expected(Path(listing).read_text(encoding="utf-8").split("\0"))
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if not name.endswith("/")}
    foreign = sorted(
        name for name in packed if not (name.startswith("eda/") or ".dist-info/" in name)
    )
    inside = {name for name in packed if name.startswith("eda/")}
    problems = [f"not in the wheel: {name}" for name in sorted(wanted - inside)]
    problems += [f"in the wheel only: {name}" for name in sorted(inside - wanted)]
    problems += [f"outside eda: {name}" for name in foreign]
    print(f"{len(inside)} files in the wheel, {len(wanted)} in the project")
    return "\n".join(problems) or None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
