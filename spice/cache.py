"""Simulations that were run before: a SQLite file, shared by all processes of a user.

The key of a simulation is the hash of everything it depends on. SQLite's write-ahead log makes
a row either there or not, whenever the machine stops; so a run that is killed and begun again
repeats nothing that had finished. The cache is a convenience: where its file cannot be used,
simulations go on without it, and a warning says so once.

It does not grow without end: over ``EDA_CACHE_MB`` (4096) the results that were not used for the
longest time go, a tenth of the whole at once. Triggers keep the total, so no ``put`` counts rows.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from eda.errors import InputError
from eda.spice.results import from_bytes, to_bytes
from eda.spice.simulation import SimulationResult, Status

_KEPT: Final = frozenset(
    (Status.OK, Status.NO_CONVERGENCE, Status.MISSING_MODEL, Status.MISSING_VECTOR, Status.REFUSED)
)
"""Ends that would be the same next time; a limit may be another one then."""

_LARGEST: Final = 64 * 2**20
_BUSY_S: Final = 30.0
_LIMIT_MB: Final = 4096.0
_KEPT_SHARE: Final = 0.9
"""Down to which part of the limit rows are removed, so that it is not done at every ``put``."""

_TOUCHED_AGAIN_S: Final = 60.0
"""A use is only noted when the last one was so long ago: reading must stay cheap."""

_ROW_BYTES: Final = 200
"""What a row takes beside its result."""

_VERSION: Final = 2
_SCHEMA: Final = (
    "DROP TABLE IF EXISTS simulations",
    "CREATE TABLE simulations (key TEXT PRIMARY KEY, used REAL NOT NULL, size INTEGER NOT NULL, "
    "result BLOB NOT NULL)",
    "CREATE INDEX by_use ON simulations (used)",
    "DROP TABLE IF EXISTS total",
    "CREATE TABLE total (simulations INTEGER NOT NULL, bytes INTEGER NOT NULL)",
    "INSERT INTO total VALUES (0, 0)",
    "CREATE TRIGGER added AFTER INSERT ON simulations BEGIN UPDATE total SET "
    "simulations = simulations + 1, bytes = bytes + new.size; END",
    "CREATE TRIGGER removed AFTER DELETE ON simulations BEGIN UPDATE total SET "
    "simulations = simulations - 1, bytes = bytes - old.size; END",
    f"PRAGMA user_version = {_VERSION}",
)
_DAMAGED: Final = ("malformed", "not a database", "disk image", "no such table", "no such column")


Result = TypeVar("Result")


class CacheWarning(UserWarning):
    """The cache cannot be used as it should."""


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What is in a cache.

    Attributes:
        path: Its file.
        simulations: How many results it holds.
        bytes: Size of the file on disk.
        limit_bytes: What the results may take together.
    """

    path: Path
    simulations: int
    bytes: int
    limit_bytes: int


def cache_folder() -> Path:
    """Return the folder of the cache: ``EDA_CACHE_DIR``, or ``~/.cache/eda``."""
    given = os.environ.get("EDA_CACHE_DIR")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "eda"


def cache_limit_mb() -> float:
    """Return how many megabytes results may take: ``EDA_CACHE_MB``, or 4096.

    Raises:
        InputError: The variable is no such number.
    """
    given = os.environ.get("EDA_CACHE_MB", "").strip()
    try:
        found = float(given) if given else _LIMIT_MB
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise InputError(f"EDA_CACHE_MB is {given!r}; set it to a number of megabytes, or unset it")
    return found


class SimulationCache:
    """Results by key, in a file that threads and processes may share.

    Example:
        >>> import tempfile
        >>> cache = SimulationCache(tempfile.mkdtemp())
        >>> cache.put("a", SimulationResult(Status.OK))
        >>> cache.get("a").cached, cache.get("b"), cache.info().simulations
        (True, None, 1)
    """

    def __init__(
        self, folder: str | os.PathLike[str] | None = None, *, limit_mb: float | None = None
    ) -> None:
        """Take the folder; nothing is opened before the first use.

        Args:
            folder: Where it is; None for `cache_folder`.
            limit_mb: What its results may take, in units of 2^20 bytes; None for `cache_limit_mb`.

        Raises:
            InputError: ``EDA_CACHE_MB`` was asked, and is no number.
        """
        self.path = Path(folder if folder is not None else cache_folder()) / "simulations.sqlite"
        self.limit_mb = cache_limit_mb() if limit_mb is None else limit_mb
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._owner = 0
        self._usable = True

    def __reduce__(self) -> tuple[Callable[..., SimulationCache], tuple[Path, float]]:
        """Travel to another process as the folder's name."""
        return (_reopened, (self.path.parent, self.limit_mb))

    def get(self, key: str) -> SimulationResult | None:
        """Return a result marked as cached, or None."""
        with self._lock:
            rows = self._run("SELECT result, used FROM simulations WHERE key = ?", (key,))
        if not rows:
            return None
        data, used = rows[0]
        try:
            found = from_bytes(data)
        except ValueError:
            with self._lock:
                self._run("DELETE FROM simulations WHERE key = ?", (key,))
            return None
        if abs(time.time() - used) > _TOUCHED_AGAIN_S:
            self._touch(key)
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
        size = len(data) + _ROW_BYTES
        if len(data) > _LARGEST or size > self._limit_bytes:
            return
        with self._lock:
            # What is there under this key is the same result.
            self._run(
                "INSERT OR IGNORE INTO simulations VALUES (?, ?, ?, ?)",
                (key, time.time(), size, data),
            )
            total = self._run("SELECT bytes FROM total", ())
            if total and total[0][0] > self._limit_bytes:
                self._try(self._make_room)

    def info(self) -> CacheInfo:
        """Return what is in it, without making it."""
        if not self.path.exists():
            return CacheInfo(self.path, 0, 0, self._limit_bytes)
        with self._lock:
            rows = self._run("SELECT simulations FROM total", ())
        size = 0
        for suffix in ("", "-wal"):
            with suppress(OSError):
                size += Path(f"{self.path}{suffix}").stat().st_size
        return CacheInfo(self.path, int(rows[0][0]) if rows else 0, size, self._limit_bytes)

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

    @property
    def _limit_bytes(self) -> int:
        return int(self.limit_mb * 2**20)

    def _touch(self, key: str) -> None:
        """Note that a result was used; of no account where it cannot be."""
        with self._lock, suppress(sqlite3.Error, OSError):
            self._open().execute(
                "UPDATE simulations SET used = ? WHERE key = ?", (time.time(), key)
            )

    def _make_room(self, connection: sqlite3.Connection) -> None:
        """Remove the results that were not used for the longest time.

        The write lock is taken before the total is looked at again: of two processes that find it
        too large, the second finds it mended.
        """
        connection.execute("BEGIN IMMEDIATE")
        try:
            excess = connection.execute("SELECT bytes FROM total").fetchone()[0] - self._limit_bytes
            if excess > 0:
                excess += int((1 - _KEPT_SHARE) * self._limit_bytes)
                oldest = connection.execute("SELECT rowid, size FROM simulations ORDER BY used")
                doomed = []
                for row, size in oldest:
                    doomed.append((row,))
                    excess -= size
                    if excess <= 0:
                        break
                oldest.close()
                connection.executemany("DELETE FROM simulations WHERE rowid = ?", doomed)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        # Free pages are used again. There are many only where the limit has been lowered.
        page, free = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_size", "freelist_count")
        )
        if page * free > self._limit_bytes / 2:
            connection.executescript("PRAGMA incremental_vacuum")  # `execute` would free one page

    def _run(self, text: str, values: tuple[object, ...]) -> list[Any]:
        """Run one statement."""
        return self._try(lambda connection: connection.execute(text, values).fetchall()) or []

    def _try(self, action: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """Do something with the file; nothing that goes wrong with it gets out of here."""
        for again in (True, False):
            if not self._usable:
                break
            try:
                return action(self._open())
            except sqlite3.Error as problem:
                damaged = any(sign in str(problem).lower() for sign in _DAMAGED)
                self._drop()
                if damaged and again and self._set_aside():
                    continue
                self._give_up(str(problem))
            except OSError as problem:
                self._give_up(problem.strerror or str(problem))
        return None

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
        made.execute("PRAGMA auto_vacuum=INCREMENTAL")  # counts for a new file only
        made.execute("PRAGMA journal_mode=WAL")
        # With the log, NORMAL may lose the last rows when the power fails, and tears none.
        made.execute("PRAGMA synchronous=NORMAL")
        if _version(made) != _VERSION:
            made.execute("BEGIN IMMEDIATE")
            if _version(made) != _VERSION:  # nobody else has made it meanwhile
                for statement in _SCHEMA:
                    made.execute(statement)
            made.execute("COMMIT")
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


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _reopened(folder: Path, limit_mb: float) -> SimulationCache:
    return SimulationCache(folder, limit_mb=limit_mb)
