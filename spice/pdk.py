r"""Process design kits: where their models live, and which cards a corner needs.

A user writes them down in ``eda.toml`` (see `eda.config`)::

    [pdk.sky130]
    root = "~/pdk/sky130A"
    lib = "libs.tech/ngspice/sky130.lib.spice"
    corners = ["tt", "ff", "ss"]

    [pdk.gf180.corners]
    typical = [".include design.ngspice", ".lib sm141064.ngspice typical"]

Their folders are roots: decks may include from them. So only files that are the user's own count:
those of the working directory and above it, and of the user's settings, or the one that
``EDA_CONFIG`` names; never one that lies beside a deck elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NoReturn

from eda.config import Config, configs
from eda.errors import InputError

_KEYS: Final = ("root", "lib", "corners")
_CARD: Final = re.compile(
    r"\s*\.(inc|include|lib|param)\s+(\"[^\"]*\"|'[^']*'|\S+)(?:\s+(\S+))?", re.IGNORECASE
)
_SECTION: Final = re.compile(
    r"^[ \t]*\.lib[ \t]+[\"']?([^\s\"']+)[\"']?[ \t]*(?:[$*;].*)?$", re.I | re.M
)
_LARGEST: Final = 64 * 2**20
_OPEN_PDKS: Final = "libs.tech/ngspice"
"""Where the installers of open kits put what ngspice reads, below ``$PDK_ROOT/NAME``."""


@dataclass(frozen=True, slots=True)
class Pdk:
    """A design kit.

    Attributes:
        name: What it is called in ``--pdk``.
        root: Its folder.
        corners: By name, the cards that bring in its models; file names are seen from the root.
        told_by: The configuration it comes from, or ``$PDK_ROOT``.
    """

    name: str
    root: Path
    corners: Mapping[str, tuple[str, ...]]
    told_by: str

    def cards(self, corner: str = "") -> tuple[str, ...]:
        """Return the cards of a corner, with absolute file names.

        Args:
            corner: Its name; empty for the first one.

        Raises:
            InputError: There is no such corner.
        """
        if not self.corners:
            raise InputError(
                f"the PDK {self.name} ({self.told_by}) has no corners; list them in eda.toml"
            )
        name = corner or next(iter(self.corners))
        if name not in self.corners:
            known = ", ".join(self.corners)
            raise InputError(f"the PDK {self.name} has no corner {name!r}; it has {known}")
        return tuple(self._absolute(card) for card in self.corners[name])

    def files(self) -> dict[Path, set[str]]:
        """Return every file its corners name, with the sections they ask for."""
        found: dict[Path, set[str]] = {}
        for cards in self.corners.values():
            for card in cards:
                match = _CARD.match(card)
                if match is not None and match[1].lower() != "param":
                    wanted = found.setdefault(self.root / match[2].strip("\"'"), set())
                    if match[1].lower() == "lib" and match[3]:
                        wanted.add(match[3])
        return found

    def problems(self) -> list[str]:
        """Return what is missing of it: the folder, files, sections of libraries."""
        if not self.root.is_dir():
            return [f"there is no folder {self.root}"]
        missing = []
        for path, wanted in self.files().items():
            if not path.is_file():
                missing.append(f"there is no file {path}")
                continue
            there = {name.lower() for name in sections(path)} if wanted else set()
            missing += [
                f"{path} has no section {name}"
                for name in sorted(wanted)
                if name.lower() not in there
            ]
        return missing

    def _absolute(self, card: str) -> str:
        match = _CARD.match(card)
        if match is None or match[1].lower() == "param":
            return card
        name = self.root / match[2].strip("\"'")
        return f'.{match[1].lower()} "{name}"' + (f" {match[3]}" if match[3] else "")


def find_pdks() -> dict[str, Pdk]:
    """Return the design kits of the user by name, lower case.

    Those of the nearest ``eda.toml`` come first, then those of the user's settings, then what an
    installer has put below ``$PDK_ROOT``.

    Raises:
        ConfigError: An ``eda.toml`` cannot be understood.
    """
    found: dict[str, Pdk] = {}
    for config in configs():
        for pdk in read_pdks(config):
            found.setdefault(pdk.name.lower(), pdk)
    for pdk in _installed():
        found.setdefault(pdk.name.lower(), pdk)
    return found


def find_pdk(name: str) -> Pdk:
    """Return a design kit of the user.

    Raises:
        InputError: There is none of that name.
        ConfigError: An ``eda.toml`` cannot be understood.
    """
    known = find_pdks()
    if name.lower() not in known:
        close = get_close_matches(name.lower(), known, 1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known) or 'none'}"
        raise InputError(
            f"there is no PDK {name!r}; {hint} Write it into eda.toml; see `eda doctor`"
        )
    return known[name.lower()]


def pdk_roots() -> list[Path]:
    """Return the folders of the configured kits, resolved; ``$PDK_ROOT`` is a root anyway.

    Raises:
        ConfigError: An ``eda.toml`` cannot be understood.
    """
    return [pdk.root.resolve() for config in configs() for pdk in read_pdks(config)]


def read_pdks(config: Config) -> list[Pdk]:
    """Return the design kits of a configuration.

    Raises:
        ConfigError: A key is missing, unknown, or has no fitting value.
    """
    return [_pdk(config, name, given) for name, given in config.table("pdk").items()]


def sections(path: Path) -> list[str]:
    """Return the names of the sections of a library (``.lib NAME`` ... ``.endl``), in order.

    Empty where the file cannot be read, or has more than 64 MiB.
    """
    try:
        if path.stat().st_size > _LARGEST:
            return []
        text = path.read_bytes().decode("latin-1")
    except OSError:
        return []
    return list(dict.fromkeys(_SECTION.findall(text)))


def _pdk(config: Config, name: str, given: Any) -> Pdk:
    key = f"pdk.{name}"

    def refuse(part: str, problem: str) -> NoReturn:
        raise config.error(f"{key}.{part}" if part else key, problem)

    if not isinstance(given, dict):
        refuse("", f"it must be a table; write [{key}]")
    for part in given:
        if part not in _KEYS:
            close = get_close_matches(part, _KEYS, 1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(_KEYS)}"
            refuse(part, f"not known; {hint}")
    root = given.get("root")
    if not isinstance(root, str) or not root:
        refuse("root", "it must be the folder of the PDK, as a text")
    root = os.path.expandvars(root)
    if "$" in root:
        refuse("root", f"{root} names an environment variable that is not set")
    # A relative root is seen from the file it stands in.
    base = config.path.resolve().parent if config.path is not None else Path.cwd()
    folder = base / Path(root).expanduser()
    if folder.resolve() == Path(folder.resolve().anchor):
        refuse("root", "every file of the machine could then be included; name the PDK's folder")
    return Pdk(name, folder, _corners(given, refuse), str(config.path))


def _corners(given: Mapping[str, Any], refuse: Any) -> dict[str, tuple[str, ...]]:
    corners, lib = given.get("corners", {}), given.get("lib")
    if lib is not None and (not isinstance(lib, str) or not lib or _breaks(lib)):
        refuse("lib", "it must be the file name of a library, as a text")
    if isinstance(corners, list):
        if lib is None:
            refuse("corners", "a list names the sections of a library; add lib, or write a table")
        for corner in corners:
            if not isinstance(corner, str) or not re.fullmatch(r"\S+", corner) or _breaks(corner):
                refuse("corners", f"{corner!r} is no name of a section")
        return {corner: (f'.lib "{lib}" {corner}',) for corner in corners}
    if not isinstance(corners, dict):
        refuse("corners", "it must be a table of cards by name, or with lib a list of sections")
    if lib is not None and corners:
        refuse("lib", "it goes with a list of sections; the corners here have cards of their own")
    made = {}
    for corner, cards in corners.items():
        lines = [cards] if isinstance(cards, str) else cards
        if not isinstance(lines, list) or not lines:
            refuse(f"corners.{corner}", "it must be a card or a list of cards")
        for line in lines:
            if not isinstance(line, str) or "\n" in line or not _CARD.match(line):
                refuse(f"corners.{corner}", f"{line!r} is no .include, .lib or .param card")
        made[corner] = tuple(line.strip() for line in lines)
    return made


def _breaks(text: str) -> bool:
    return any(char in text for char in "\n\r\"'")


def _installed() -> Iterator[Pdk]:
    """Yield what open_pdks and its kind have put below ``$PDK_ROOT``."""
    base = os.environ.get("PDK_ROOT")
    if not base:
        return
    try:
        folders = sorted(item for item in Path(base).iterdir() if item.is_dir())
    except OSError:
        return
    for folder in folders:
        models = folder / _OPEN_PDKS
        if models.is_dir():
            libs = sorted(models.glob("*.lib.spice"))
            corners = {}
            if len(libs) == 1:
                name = libs[0].relative_to(folder)
                corners = {item: (f'.lib "{name}" {item}',) for item in sections(libs[0])}
            yield Pdk(folder.name, folder, corners, "$PDK_ROOT")
