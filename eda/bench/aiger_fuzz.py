"""Damaged AIGER files: neither crash, nor hang, nor wrong function."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.aig import aiger_bytes, parse_aiger, random_patterns, simulate_roots
from eda.bench import aiger_oracle
from eda.bench.random_logic import random_aig
from eda.errors import AigerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.aig import Aig

DAMAGES: Final = ("none", "flip", "truncate", "splice", "delete", "insert", "digit")
_TRIES: Final = 8
"""Assignments that are compared; what is damaged shows in few."""


@dataclass
class Score:
    """What became of damaged files.

    Attributes:
        files: How many were read.
        refused: How many both refuse.
        equal: How many both accept, with the same function.
        faults: What went wrong, a sentence each.
        slowest_s: The longest time one took.
    """

    files: int = 0
    refused: int = 0
    equal: int = 0
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0


def fuzz(count: int, *, seed: int = 0, pool: Sequence[bytes] = ()) -> Score:
    """Read damaged files with `eda.aig` and with its oracle, and compare.

    Args:
        count: How many.
        seed: Where chance starts.
        pool: Sound files to damage; by default small random circuits of every kind.
    """
    rng = random.Random(seed)
    sound = list(pool) or sound_files(60, seed=seed)
    score = Score()
    for number in range(count):
        kind = DAMAGES[number % len(DAMAGES)]
        data = damage(rng.choice(sound), kind, rng, rng.choice(sound))
        _compare(data, f"file {number} ({kind})", score)
    return score


def sound_files(count: int, *, seed: int = 0) -> list[bytes]:
    """Return small random circuits as AIGER files, ASCII and binary, shuffled and not."""
    rng = random.Random(seed)
    files = []
    for at in range(count):
        aig = random_aig(rng, sections=bool(at % 2), latches=rng.choice((0, 0, 1, 3)))
        kind = rng.randrange(4)
        data = aiger_bytes(aig, ascii=kind > 0)
        if kind == 2:
            data = shuffled(data, rng)
        if kind == 3:
            head, mark, tail = data.partition(b"\nc\n")
            data = head.replace(b"\n", b"\r\n") + mark + tail
        files.append(data)
    return files


def shuffled(data: bytes, rng: random.Random) -> bytes:
    """Return an ASCII file with its ANDs in any order and its literals renamed, with gaps."""
    lines = data.split(b"\n")
    head = [int(word) for word in lines[0].split()[1:]]
    most, inputs, latches, outputs, gates = head[:5]
    extra = head[5:]
    roots = outputs + sum(extra[:2])
    if len(extra) > 2:
        return data
    high = most + rng.randrange(4)
    new = rng.sample(range(1, high + 1), most)

    def rename(word: bytes) -> bytes:
        literal = int(word)
        return b"%d" % (literal if literal < 2 else 2 * new[literal // 2 - 1] + literal % 2)

    body = [b" ".join(map(rename, line.split())) for line in lines[1 : 1 + inputs]]
    at = 1 + inputs
    for line in lines[at : at + latches]:
        words = line.split()
        reset = [rename(words[2]) if int(words[2]) > 1 else words[2]] if len(words) > 2 else []
        body.append(b" ".join([rename(words[0]), rename(words[1]), *reset]))
    at += latches
    body += [rename(line) for line in lines[at : at + roots]]
    at += roots
    ands = [b" ".join(map(rename, line.split())) for line in lines[at : at + gates]]
    rng.shuffle(ands)
    first = b"aag " + b" ".join(b"%d" % n for n in [high, *head[1:]])
    return b"\n".join([first, *body, *ands, *lines[at + gates :]])


def damage(data: bytes, kind: str, rng: random.Random, other: bytes) -> bytes:
    """Return a file with one damage, or several of one kind."""
    made = bytearray(data)
    at = rng.randrange(len(made))
    if kind == "flip":
        for _ in range(rng.choice((1, 1, 3))):
            made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
    elif kind == "truncate":
        del made[at:]
    elif kind == "splice":
        made[at:] = other[rng.randrange(len(other)) :]
    elif kind == "delete":
        del made[at : at + rng.randrange(1, 6)]
    elif kind == "insert":
        made[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 6)))
    elif kind == "digit":
        digits = [place for place, byte in enumerate(made) if 48 <= byte < 58]
        made[rng.choice(digits)] = 48 + rng.randrange(10)
    return bytes(made)


def _compare(data: bytes, name: str, score: Score) -> None:
    score.files += 1
    started = time.perf_counter()
    try:
        aig: Aig | None = parse_aiger(data, path=name)
    except AigerError:
        aig = None
    except Exception as error:  # that is what is looked for
        score.faults.append(f"{name}: {type(error).__name__}: {error}")
        return
    finally:
        score.slowest_s = max(score.slowest_s, time.perf_counter() - started)
    try:
        oracle: aiger_oracle.Circuit | None = aiger_oracle.read(data)
    except aiger_oracle.RefusedError:
        oracle = None
    if (aig is None) != (oracle is None):
        told = "refused by the oracle" if aig is not None else "accepted by the oracle only"
        score.faults.append(f"{name}: {told}: {data[:60]!r}")
    elif aig is None or oracle is None:
        score.refused += 1
    elif difference := compare(aig, oracle):
        score.faults.append(f"{name}: {difference}")
    else:
        score.equal += 1


def compare(aig: Aig, oracle: aiger_oracle.Circuit, *, seed: int = 0) -> str:
    """Return in what an AIG differs from the oracle's circuit, or nothing."""
    found = (aig.num_inputs, aig.num_latches, len(aig.roots))
    wanted = (len(oracle.inputs), len(oracle.latches), len(oracle.roots) + len(oracle.latches))
    if found != wanted:
        return f"has {found} inputs, latches and roots; the oracle has {wanted}"
    resets = [2 if reset > 1 else reset for _, _, reset in oracle.latches]
    if resets != aig.resets.tolist():
        return "has other resets"
    patterns = random_patterns(aig.num_inputs + aig.num_latches, 1, seed=seed)
    values = simulate_roots(aig, patterns)[:, 0]
    outputs, latches = aig.num_outputs, aig.num_latches
    order = [*range(outputs), *range(outputs + latches, len(aig.roots))]
    for bit in range(_TRIES):
        leaves = [bool(int(word) >> bit & 1) for word in patterns[:, 0]]
        roots, following = oracle.evaluate(leaves[: aig.num_inputs], leaves[aig.num_inputs :])
        ours = (values >> np.uint64(bit)) & np.uint64(1)
        if [bool(ours[at]) for at in order] != roots:
            return f"has another value at a root for {leaves}"
        if [bool(x) for x in ours[outputs : outputs + latches]] != following:
            return f"has another next state for {leaves}"
    return ""
