"""Settings of the rules: table ``[rules]`` of ``eda.toml`` beside the deck, or above it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from eda.circuit import Severity
from eda.errors import InputError, SpecError
from eda.rules.check import known_rule
from eda.rules.finding import OFF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.rules.finding import Setting

CONFIG_NAME: Final = "eda.toml"
_SETTINGS: Final = (*get_args(Severity), OFF)
_MAX_BYTES: Final = 1_000_000


def find_config(deck: str | Path) -> Path | None:
    """Return the nearest ``eda.toml``: in the folder of the deck, or in one above it.

    Args:
        deck: The netlist; ``-`` (standard input) looks in the current folder.
    """
    start = Path.cwd() if str(deck) == "-" else Path(deck).resolve().parent
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder / CONFIG_NAME
    return None


def read_severities(path: str | Path) -> Mapping[str, Setting]:
    r"""Return the setting of each rule that the file speaks of: a severity, or ``off``.

    Other tables of the file are left alone.

    Raises:
        SpecError: The file cannot be read, or names a rule or a severity that does not exist.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     config = Path(folder) / "eda.toml"
        ...     _ = config.write_text('[rules]\nalways_on = "off"\n')
        ...     read_severities(config)
        {'always_on': 'off'}
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise SpecError(f"{path}: more than {_MAX_BYTES} bytes; that is no configuration")
        table: Any = tomllib.loads(content.decode("utf-8")).get("rules", {})
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SpecError(f"{path}: is not UTF-8; write it anew as plain text") from None
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{path}: is no TOML: {error}") from None
    if not isinstance(table, dict):
        raise SpecError(f"{path}: 'rules' is no table; write [rules], and below it RULE = \"off\"")
    for name, setting in table.items():
        try:
            known_rule(name)
        except InputError as error:
            raise SpecError(f"{path}: [rules]: {error}") from None
        if setting not in _SETTINGS:
            raise SpecError(
                f"{path}: [rules] {name} = {setting!r}; write one of {', '.join(_SETTINGS)}"
            )
    return dict(table)
