"""The ``eda`` command: one module per command, thin: parse arguments, call the library, print."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from eda.cli.app import run

    raise SystemExit(run())
