"""Recipes: what can be done to a circuit to make it smaller or flatter, step by step.

A recipe is a list of steps; after each of them the circuit is written, so that a recipe that is
stopped by its limit still gives what its last whole step made. Recipes of ABC are scripts of its
commands, written out (its aliases are only there with its own start-up file); those of aigverse
are names of its algorithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_WORDS: Final = {
    "b": "balance",
    "bl": "balance -l",
    "rw": "rewrite",
    "rwz": "rewrite -z",
    "rwl": "rewrite -l",
    "rwzl": "rewrite -z -l",
    "rf": "refactor",
    "rfz": "refactor -z",
    "rfl": "refactor -l",
    "rfzl": "refactor -z -l",
}


def _script(text: str) -> str:
    return "; ".join(_WORDS.get(word.strip(), word.strip()) for word in text.split(";"))


RESYN2: Final = _script("b; rw; rf; b; rw; rwz; b; rfz; rwz; b")
COMPRESS2RS: Final = _script(
    "bl; resub -K 6 -l; rwl; resub -K 6 -N 2 -l; rfl; resub -K 8 -l; bl; resub -K 8 -N 2 -l; rwl; "
    "resub -K 10 -l; rwzl; resub -K 10 -N 2 -l; bl; resub -K 12 -l; rfzl; resub -K 12 -N 2 -l; "
    "rwzl; bl"
)
_LUTS: Final = "dch; if -K 6 -a; mfs2 -a -e -W 4 -F 20 -D 4 -C 5000; strash"
_WIDE_LUTS: Final = "dch; if -K 8 -a; mfs2 -a -e -W 4 -F 20 -D 4 -C 5000; strash"
_EXTRACT: Final = "if -K 6 -a; mfs2 -a -e; fx; strash"
_FLAT: Final = "if -g -K 6; strash"
_LIGHT: Final = _script("bl; resub -K 6 -l; rwl; resub -K 6 -N 2 -l; rfl; resub -K 8 -l; bl")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Something to try.

    Attributes:
        name: What logs call it.
        engine: ``abc`` or ``aigverse``.
        steps: Scripts of ABC, or names of `eda.logic.aigverse_worker`; ``{seconds}`` stands for
            the time a step may take, ``{seed}`` for a number from 0 to 100.
        anytime: Whether the step takes as long as it is given.
        us_per_and: Processor time of a step, in microseconds per AND, roughly, on a modern core.
    """

    name: str
    engine: str
    steps: tuple[str, ...]
    anytime: bool = False
    us_per_and: float = 100.0


RECIPES: Final = (
    Recipe("resyn2", "abc", (RESYN2,), us_per_and=70),
    Recipe("compress2rs", "abc", (COMPRESS2RS,), us_per_and=140),
    Recipe("light", "abc", (_LIGHT,), us_per_and=50),
    Recipe("dc2", "abc", ("dc2",), us_per_and=40),
    Recipe("luts", "abc", (_LUTS, _LIGHT), us_per_and=400),
    Recipe("wide luts", "abc", (_WIDE_LUTS, COMPRESS2RS), us_per_and=700),
    Recipe("extract", "abc", (_EXTRACT, COMPRESS2RS), us_per_and=500),
    Recipe("flat", "abc", (_FLAT, _LIGHT), us_per_and=200),
    Recipe("flatter", "abc", (f"dch; {_FLAT}", f"dch; {_FLAT}"), us_per_and=500),
    Recipe(
        "deepsyn",
        "abc",
        ("&get -n; &deepsyn -S {seed} -T {seconds}; &put",),
        anytime=True,
    ),
    Recipe("aigverse cuts", "aigverse", ("cuts", "resub"), us_per_and=150),
    Recipe("aigverse refactor", "aigverse", ("refactor", "resub", "cuts"), us_per_and=200),
    Recipe("aigverse balance", "aigverse", ("balance",), us_per_and=100),
)
BY_NAME: Final = {recipe.name: recipe for recipe in RECIPES}


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is done to windows of a circuit.

    Attributes:
        ands: Size of a window.
        steps: Scripts of ABC, for each.
        seconds: Processor time a window takes.
    """

    ands: int
    steps: str
    seconds: float


PIECES: Final = {
    "pieces deepsyn": Pieces(250, "&get -n; &deepsyn -T 1; &put", 1.05),
    "pieces compress2rs": Pieces(2000, f"{COMPRESS2RS}; {COMPRESS2RS}", 0.6),
    "pieces extract": Pieces(1200, f"{_EXTRACT}; {COMPRESS2RS}", 0.6),
}

SINGLE: Final = {
    "resyn2": ("resyn2",),
    "compress2rs": ("compress2rs",),
    "dc2": ("dc2",),
    "deepsyn": ("deepsyn",),
    "flat": ("flat",),
    "aigverse": ("aigverse cuts", "aigverse refactor", "aigverse cuts"),
}
"""Recipes that people use alone, as a bench compares with: each repeated while its time lasts."""
