"""``eda cache``: what simulations are kept, and forgetting them."""

from __future__ import annotations

import typer

from eda.cli.options import Json
from eda.cli.output import put, put_json

SCHEMA = "eda.cache/1"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(
        help="Show or clear the cache of simulations.", no_args_is_help=True, rich_markup_mode=None
    )
    commands.command("info", short_help="Tell where it is and what is in it.")(info)
    commands.command("clear", short_help="Forget every simulation.")(clear)
    app.add_typer(commands, name="cache", short_help="Show or clear the cache of simulations.")


def info(json: Json = False) -> None:
    """Tell where the cache is and what is in it.

    EDA_CACHE_DIR moves it. Over EDA_CACHE_MB what was not used for the longest time goes.
    """
    from eda.spice import SimulationCache

    found = SimulationCache().info()
    if json:
        put_json(
            SCHEMA,
            {
                "path": str(found.path),
                "simulations": found.simulations,
                "bytes": found.bytes,
                "limit_bytes": found.limit_bytes,
            },
        )
        return
    put(
        f"{found.path}: {found.simulations} simulations, {found.bytes / 2**20:.1f} MiB; "
        f"results may take {found.limit_bytes / 2**20:g} MiB"
    )


def clear(json: Json = False) -> None:
    """Forget every simulation."""
    from eda.spice import SimulationCache

    cache = SimulationCache()
    count = cache.clear()
    if json:
        put_json(SCHEMA, {"path": str(cache.path), "simulations": 0, "removed": count})
        return
    put(f"{cache.path}: {count} simulations forgotten")
