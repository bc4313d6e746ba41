"""Which files a netlist may pull in, and where they are looked for.

A netlist may come from a stranger, and an include shows what it reads in messages and graphs.
So only files below known roots are opened: the deck's own folder, the folders given with
``-I``, ``$PDK_ROOT``, ``$EDA_DATA`` and the PDKs of the user's own ``eda.toml``; everything else
needs ``trust=True`` (``--trust-deck``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eda.spice.pdk import pdk_roots

MAX_INCLUDE_DEPTH: Final = 40
MAX_INCLUDED_FILES: Final = 5000

_VARIABLE: Final = re.compile(r"\$\{?(PDK_ROOT|PDK|EDA_DATA|HOME)\}?")


@dataclass(frozen=True, slots=True)
class Includes:
    """The include folders and roots of one reading.

    Attributes:
        folders: Extra folders that are searched, in order (``-I``).
        home: The folder of the deck; None for text without a file.
        trust: Whether files outside the roots are opened as well.
    """

    folders: tuple[Path, ...]
    home: Path | None
    trust: bool = False

    @classmethod
    def of(
        cls, deck: str, folders: Sequence[str | os.PathLike[str]] = (), *, trust: bool = False
    ) -> Includes:
        """Return the include rules for a deck, given by its path."""
        home = None if deck.startswith("<") else Path(deck).parent
        return cls(tuple(Path(folder) for folder in folders), home, trust)

    def roots(self) -> list[Path]:
        """Return the folders below which files may be opened, resolved."""
        roots = [*self.folders]
        if self.home is not None:
            roots.append(self.home)
        for variable in ("PDK_ROOT", "EDA_DATA"):
            if value := os.environ.get(variable):
                roots.append(Path(value))
        return [root.resolve() for root in roots]

    def find(self, name: str, beside: str) -> tuple[Path | None, str]:
        """Return the file an include means, or None and why there is none.

        Args:
            name: As written in the card, without quotes.
            beside: Path of the file the card stands in.

        Raises:
            ConfigError: The user's ``eda.toml``, which had to be asked, cannot be understood.
        """
        if len(name) > 1000:
            return None, "the file name is longer than 1000 characters"
        name = _VARIABLE.sub(lambda found: os.environ.get(found[1], found[0]), name)
        # Decks written on Windows use backslashes.
        written = Path(name.replace("\\", "/"))
        near = [] if beside.startswith("<") else [Path(beside).parent]
        places = [folder / written for folder in (*near, *self.folders)]
        if self.home is not None:
            places.append(self.home / written)
        try:
            found = next((place for place in places if place.is_file()), None)
            # The PDKs are looked up last, because most decks need no configuration.
            if found is None:
                places = [root / written for root in pdk_roots()]
                found = next((place for place in places if place.is_file()), None)
            if found is None:
                return None, "it was not found"
            if not self.trust:
                real = found.resolve()
                if not any(
                    real.is_relative_to(root)
                    for roots in (self.roots, pdk_roots)
                    for root in roots()
                ):
                    return None, "it is outside the deck's folder"
        except (OSError, ValueError, RuntimeError):
            return None, "its name cannot be used"
        return found, ""
