"""What holds for every command: ``--quiet``, ``--debug``, and where log lines go."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass


@dataclass(slots=True)
class Settings:
    """The settings of this run of the command line.

    Attributes:
        quiet: Print results and errors only: no notes, no warnings, no progress.
        debug: Show tracebacks and every log line.
    """

    quiet: bool = False
    debug: bool = False


settings = Settings()
"""Set once, from the arguments, before a command runs."""

ANYWHERE = ("--quiet", "--debug")
"""The settings, which may stand before or after the name of the command."""


def take_settings(arguments: list[str]) -> list[str]:
    """Take the settings out of the arguments, wherever they stand, and apply them.

    What follows a ``--`` is left alone: there it is a file name.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = arguments[:end]
    settings.quiet = "--quiet" in options
    settings.debug = "--debug" in options
    _log_to_stderr()
    return [word for word in options if word not in ANYWHERE] + arguments[end:]


def _log_to_stderr() -> None:
    level = logging.DEBUG if settings.debug else logging.WARNING
    if settings.quiet and not settings.debug:
        level = logging.ERROR
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger("eda")
    # A second run in one process (as the tests do) takes the place of the first.
    logger.handlers[:] = [logging.NullHandler(), handler]
    logger.setLevel(level)
