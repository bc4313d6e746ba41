"""Simulations that were run before: a SQLite file, shared by all processes of a user.

The key of a simulation is the hash of everything it depends on. SQLite's write-ahead log makes
a row either there or not, whenever the machine stops; so a run that is killed and begun again
repeats nothing that had finished. The cache is a convenience: where its file cannot be used,
simulations go on without it, and a warning says so once.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eda.spice.results import from_bytes, to_bytes
from eda.spice.simulation import SimulationResult, Status

_KEPT: Final = frozenset(
    (Status.OK, Status.NO_CONVERGENCE, Status.MISSING_MODEL, Status.MISSING_VECTOR, Status.REFUSED)
)
"""Ends that would be the same next time; a limit may be another one then."""

_LARGEST: Final = 64 * 2**20
_BUSY_S: Final = 30.0
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS simulations "
    "(key TEXT PRIMARY KEY, made REAL NOT NULL, result BLOB NOT NULL) WITHOUT ROWID"
)
_DAMAGED: Final = ("malformed", "not a database", "disk image", "no such table", "no such column")


class CacheWarning(UserWarning):
    """The cache cannot be used as it should."""


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What is in a cache.

    Attributes:
        path: Its file.
        simulations: How many results it holds.
        bytes: Size of the file on disk.
    """

    path: Path
    simulations: int
    bytes: int


def cache_folder() -> Path:
    """Return the folder of the cache: ``EDA_CACHE_DIR``, or ``~/.cache/eda``."""
    given = os.environ.get("EDA_CACHE_DIR")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "eda"


class SimulationCache:
    """Results by key, in a file that threads and processes may share.

    Example:
        >>> import tempfile
        >>> cache = SimulationCache(tempfile.mkdtemp())
        >>> cache.put("a", SimulationResult(Status.OK))
        >>> cache.get("a").cached, cache.get("b"), cache.info().simulations
        (True, None, 1)
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        """Take the folder; nothing is opened before the first use."""
        self.path = Path(folder if folder is not None else cache_folder()) / "simulations.sqlite"
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._owner = 0
        self._usable = True

    def __reduce__(self) -> tuple[type[SimulationCache], tuple[Path]]:
        """Travel to another process as the folder's name."""
        return (type(self), (self.path.parent,))

    def get(self, key: str) -> SimulationResult | None:
        """Return a result marked as cached, or None."""
        with self._lock:
            rows = self._run("SELECT result FROM simulations WHERE key = ?", (key,))
        if not rows:
            return None
        try:
            found = from_bytes(rows[0][0])
        except ValueError:
            with self._lock:
                self._run("DELETE FROM simulations WHERE key = ?", (key,))
            return None
        return SimulationResult(
            found.status,
            found.waveforms,
            found.operating_point,
            found.measures,
            found.log,
            0.0,
            cached=True,
        )

    def put(self, key: str, result: SimulationResult) -> None:
        """Keep a result, where it would be the same another time."""
        if result.status not in _KEPT or not self._usable:
            return
        data = to_bytes(result)
        if len(data) > _LARGEST:
            return
        with self._lock:
            self._run(
                "INSERT OR REPLACE INTO simulations VALUES (?, ?, ?)", (key, time.time(), data)
            )

    def info(self) -> CacheInfo:
        """Return what is in it, without making it."""
        if not self.path.exists():
            return CacheInfo(self.path, 0, 0)
        with self._lock:
            rows = self._run("SELECT COUNT(*) FROM simulations", ())
        size = 0
        for suffix in ("", "-wal"):
            with suppress(OSError):
                size += Path(f"{self.path}{suffix}").stat().st_size
        return CacheInfo(self.path, int(rows[0][0]) if rows else 0, size)

    def clear(self) -> int:
        """Forget everything and return how many results that were."""
        count = self.info().simulations
        if count:
            with self._lock:
                self._run("DELETE FROM simulations", ())
                self._run("VACUUM", ())
                self._run("PRAGMA wal_checkpoint(TRUNCATE)", ())
        return count

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._drop()

    def _run(self, text: str, values: tuple[object, ...]) -> list[tuple[bytes]]:
        """Run one statement; nothing that goes wrong with the file gets out of here."""
        for again in (True, False):
            if not self._usable:
                break
            try:
                return self._open().execute(text, values).fetchall()
            except sqlite3.Error as problem:
                damaged = any(sign in str(problem).lower() for sign in _DAMAGED)
                self._drop()
                if damaged and again and self._set_aside():
                    continue
                self._give_up(str(problem))
            except OSError as problem:
                self._give_up(problem.strerror or str(problem))
        return []

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._owner == os.getpid():
            return self._connection
        # A connection must not be used on the other side of a fork.
        self._owner = os.getpid()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        made = sqlite3.connect(
            self.path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        self._connection = made
        made.execute("PRAGMA journal_mode=WAL")
        # With the log, NORMAL may lose the last rows when the power fails, and tears none.
        made.execute("PRAGMA synchronous=NORMAL")
        made.execute(_SCHEMA)
        return made

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and self._owner == os.getpid():
            with suppress(sqlite3.Error):
                connection.close()

    def _set_aside(self) -> bool:
        """Move a damaged file away, and return whether a new one can be begun."""
        aside = self.path.with_name(f"{self.path.name}.damaged-{int(time.time())}")
        try:
            os.replace(self.path, aside)
            for suffix in ("-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        except OSError:
            return False
        warnings.warn(
            f"the simulation cache {self.path} was damaged; it is now {aside.name}, and a new one "
            "is begun",
            CacheWarning,
            stacklevel=6,
        )
        return True

    def _give_up(self, why: str) -> None:
        self._usable = False
        warnings.warn(
            f"the simulation cache {self.path} cannot be used ({why}); simulations go on without "
            "it. Set EDA_CACHE_DIR to a folder that can be written to",
            CacheWarning,
            stacklevel=6,
        )
