"""``eda.toml``: what a user has written down about their tools, design kits and rules.

The file that counts is the nearest: the one that ``EDA_CONFIG`` names, else ``eda.toml`` in a
folder or one above it, up to the home folder, else ``eda/eda.toml`` in the folder of user settings
(``~/.config``). What a table may hold is the business of the room that reads it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from eda.errors import ConfigError

NAME: Final = "eda.toml"
TABLES: Final = ("pdk", "rules")
"""The tables a file may have at its top."""

_LARGEST: Final = 2**20


@dataclass(frozen=True, slots=True)
class Config:
    """The tables of one file, checked to be tables.

    Attributes:
        path: The file; None where there is none.
        tables: By name, those of `TABLES` that it has.
    """

    path: Path | None = None
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def table(self, name: str) -> Mapping[str, Any]:
        """Return a table, empty where the file has none."""
        return self.tables.get(name, {})

    def error(self, key: str, problem: str) -> ConfigError:
        """Return the exception for a key, such as ``pdk.sky130.root``."""
        return ConfigError(f"{self.path}: {key}: {problem}", path=str(self.path), key=key)


def load_config(start: str | os.PathLike[str] | None = None) -> Config:
    r"""Return the nearest configuration, or an empty one.

    Args:
        start: The folder where to begin; None for the working directory. Begin at the folder of a
            stranger's netlist only for what can do no harm.

    Raises:
        ConfigError: The file cannot be read, is no TOML, or has a table that is not known.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "eda.toml").write_text('[pdk.mine]\nroot = "models"\n')
        >>> load_config(folder).table("pdk")
        {'mine': {'root': 'models'}}
    """
    return next(configs(start), Config())


def configs(start: str | os.PathLike[str] | None = None) -> Iterator[Config]:
    """Yield the nearest configuration, then that of the user where it is another.

    Args:
        start: As for `load_config`.

    Raises:
        ConfigError: As for `load_config`.
    """
    named = os.environ.get("EDA_CONFIG")
    if named:
        yield read_config(named)
        return
    near = next(_above(Path.cwd() if start is None else Path(start)), None)
    user = _user_file()
    if near is not None:
        yield read_config(near)
    if _usable(user) and (near is None or not near.samefile(user)):
        yield read_config(user)


def read_config(path: str | os.PathLike[str]) -> Config:
    """Return what a file says.

    Raises:
        ConfigError: It cannot be read, is no TOML, or has a table that is not known.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigError(f"{path}: it has more than {_LARGEST} bytes", path=str(path))
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise ConfigError(f"{path}: it cannot be read: {why}", path=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: it is no TOML: {problem}", path=str(path)) from None
    except RecursionError:
        raise ConfigError(f"{path}: it is nested too deeply", path=str(path)) from None
    config = Config(path, found)
    for name, table in found.items():
        if name not in TABLES:
            close = get_close_matches(name, TABLES, 1)
            known = ", ".join(f"[{item}]" for item in TABLES)
            hint = f"did you mean {close[0]}?" if close else f"there are {known}"
            raise config.error(name, f"not known; {hint}")
        if not isinstance(table, dict):
            raise config.error(name, f"it must be a table; write [{name}]")
    return config


def _above(start: Path) -> Iterator[Path]:
    """Yield the files in a folder and those above it, up to the home folder."""
    start, home = start.resolve(), Path.home()
    for folder in (start, *start.parents):
        if _usable(folder / NAME):
            yield folder / NAME
        if folder == home:
            return


def _user_file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "eda" / NAME


def _usable(path: Path) -> bool:
    """Return whether a file is there and is not somebody else's, as one in /tmp may be."""
    try:
        owner = path.stat().st_uid
        return path.is_file() and (owner in (0, os.getuid()) or os.getuid() == 0)
    except OSError:
        return False
