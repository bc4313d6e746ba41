"""Do two circuits compute the same? Equivalent, different with a counterexample, or unknown.

Structure, then simulation (all assignments where there are few), then the SAT solver of aigverse,
then ABC's ``cec``, ``iprove`` and ``&cec``, within the time that is given. "Different" is said
only with an assignment for which the simulator gives different values.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import eda.aig
from eda.aig import aiger_bytes, simulate_roots
from eda.aig.simulation import truth_table_patterns
from eda.logic.abc import bare, find_abc, run_abc
from eda.logic.matching import Matched, any_of, match, miter
from eda.logic.patterns import batches, column, first_one, pack
from eda.process import run_limited

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from eda.aig import Aig

EXHAUSTIVE_INPUTS: Final = 22
EXHAUSTIVE_WORK: Final = 200_000_000
"""Words (ANDs times 64 assignments) up to which all assignments are tried."""

MOST_SIMULATION_SECONDS: Final = 2.0
SIMULATION_SHARE: Final = 0.05
SAT_SHARE: Final = 0.3
CEC_SHARE: Final = 0.4
LEAST_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Counterexample:
    """An assignment for which two circuits differ.

    Attributes:
        inputs: The value of each input, by name; of each latch under ``latches``.
        outputs: What differs: its kind and name, and its values in the first and the second.
    """

    inputs: dict[str, int]
    latches: dict[str, int]
    outputs: tuple[tuple[str, str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer.

    Attributes:
        answer: ``equivalent``, ``different`` or ``unknown``.
        method: What found it: ``structure``, ``simulation``, ``exhaustive simulation``,
            ``aigverse``, ``abc dsat``, ``abc cec``, ``abc iprove``, ``abc &cec``; empty where
            unknown.
        counterexample: Where they differ, confirmed by the simulator.
        matched_by: How inputs, latches and outputs were matched: by ``names`` or ``order``.
        registers: How many latches were matched; with any, the answer is about the logic between
            them: equivalent is then equivalent, while circuits that are different here may still
            behave alike from their reset.
        seconds: Time on the clock.
        steps: What was tried, a sentence each.
    """

    answer: str
    method: str = ""
    counterexample: Counterexample | None = None
    matched_by: dict[str, str] = field(default_factory=dict)
    registers: int = 0
    seconds: float = 0.0
    steps: tuple[str, ...] = ()

    @property
    def equivalent(self) -> bool:
        """Whether the circuits are proved equivalent."""
        return self.answer == "equivalent"


def check_equivalence(
    first: Aig,
    second: Aig,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    names: tuple[str, str] = ("", ""),
) -> Verdict:
    r"""Decide whether two circuits compute the same.

    Latches are matched, and the logic between them is compared: each next state too.

    Args:
        first: One circuit.
        second: The other one, with the same interface.
        seconds: Processor time after which the answer is ``unknown``; on a machine that is busy
            with other things it takes longer on the clock.
        seed: Draws the patterns of the simulation.
        names: What messages call the circuits; by default their sources.

    Raises:
        InputError: Their interfaces differ.

    Example:
        >>> a = eda.parse_aiger(b"aag 3 2 0 1 1\n2\n4\n6\n6 2 4\n")
        >>> b = eda.parse_aiger(b"aag 3 2 0 1 1\n2\n4\n7\n6 3 5\n")
        >>> found = check_equivalence(a, b)
        >>> found.answer, found.counterexample.outputs[0]
        ('different', ('outputs', 'o0', 0, 1))
    """
    started = time.monotonic()
    matched = match(first, second, names=names)
    search = _Search(matched, max(seconds, LEAST_SECONDS), seed)
    answer, method, pattern = search.run()
    return Verdict(
        answer,
        method,
        None if pattern is None else describe(matched, pattern),
        matched.by,
        first.num_latches,
        time.monotonic() - started,
        tuple(search.steps),
    )


def describe(matched: Matched, pattern: list[int]) -> Counterexample:
    """Return a counterexample with names, its outputs as the simulator finds them."""
    leaves = pack(np.array(pattern, dtype=bool)[:, None])
    one = simulate_roots(matched.first, leaves)[:, 0] & np.uint64(1)
    two = simulate_roots(matched.second, leaves)[:, 0] & np.uint64(1)
    values: dict[str, dict[str, int]] = {"inputs": {}, "latches": {}}
    for (kind, name), value in zip(matched.inputs, pattern, strict=True):
        while name in values[kind]:  # a name may come twice; none of its values is lost
            name += "'"
        values[kind][name] = value
    differing = [
        (kind, name, int(a), int(b))
        for (kind, name), a, b in zip(matched.outputs, one, two, strict=True)
        if a != b
    ]
    return Counterexample(values["inputs"], values["latches"], tuple(differing))


_Found = tuple[str, str, list[int] | None]


class _Search:
    """The methods one after the other, until one of them has an answer."""

    def __init__(self, matched: Matched, seconds: float, seed: int) -> None:
        self.matched = matched
        self.seconds = seconds
        self.started = time.thread_time()
        self.children = 0.0
        self.seed = seed
        self.steps: list[str] = []
        self.miter, self.differing = miter(matched.first, matched.second)

    @property
    def left(self) -> float:
        """Processor time that is left, of this thread and the programs it ran."""
        return self.seconds - self.children - (time.thread_time() - self.started)

    def run(self) -> _Found:
        if not self.differing:
            return "equivalent", "structure", None
        same = len(self.matched.outputs) - len(self.differing)
        self.steps.append(f"structure: {same} of {len(self.matched.outputs)} outputs are the same")
        methods: list[Callable[[], _Found | None]] = [
            self._simulation, self._exhaustive, self._sat, self._cec, self._iprove, self._new_cec,
        ]  # fmt: skip
        for method in methods:
            if self.left <= LEAST_SECONDS:
                self.steps.append("the time is over")
                break
            found = method()
            if found is not None:
                return found
        return "unknown", "", None

    def _tried(self, patterns: NDArray[np.uint64], what: str) -> _Found | None:
        """Simulate the miter; return the first pattern for which an output differs."""
        values = simulate_roots(self.miter, patterns)
        found = first_one(np.bitwise_or.reduce(values, axis=0))
        if found is None:
            return None
        return self._confirmed(column(patterns, found), what)

    def _confirmed(self, pattern: list[int], what: str) -> _Found | None:
        leaves = pack(np.array(pattern, dtype=bool)[:, None])
        one = simulate_roots(self.matched.first, leaves)[:, 0] & np.uint64(1)
        two = simulate_roots(self.matched.second, leaves)[:, 0] & np.uint64(1)
        if np.array_equal(one, two):
            self.steps.append(f"{what}: its counterexample is none, and is not believed")
            return None
        return "different", what, pattern

    @property
    def _few(self) -> bool:
        inputs = self.miter.num_inputs
        work = self.miter.num_ands << max(inputs - 6, 0)
        return inputs <= EXHAUSTIVE_INPUTS and work <= EXHAUSTIVE_WORK

    def _simulation(self) -> _Found | None:
        seconds = min(MOST_SIMULATION_SECONDS, SIMULATION_SHARE * max(self.left, 0))
        end = self.left - seconds
        count = 0
        for patterns in batches(self.miter.num_inputs, seed=self.seed):
            found = self._tried(patterns, "simulation")
            if found is not None:
                return found
            count += 64 * patterns.shape[1]
            # What follows tries everything anyway.
            if self.left < end or (self._few and count >= 8192):
                break
        self.steps.append(f"simulation: no difference in {count} patterns")
        return None

    def _exhaustive(self) -> _Found | None:
        if not self._few:
            return None
        patterns = truth_table_patterns(self.miter.num_inputs)
        for at in range(0, patterns.shape[1], 4096):
            found = self._tried(patterns[:, at : at + 4096], "exhaustive simulation")
            if found is not None:
                return found
            if self.left <= 0:
                return None
        return "equivalent", "exhaustive simulation", None

    def _sat(self) -> _Found | None:
        # The solver of aigverse gives no model, and to find one takes a call for each input.
        model = ["--model"] if find_abc() is None else []
        seconds = self.left if model else SAT_SHARE * self.left
        with tempfile.TemporaryDirectory(prefix="eda-sat-") as folder:
            (Path(folder) / "miter.aig").write_bytes(aiger_bytes(bare(any_of(self.miter))))
            root = str(Path(eda.__file__).parents[1])
            path = os.pathsep.join([root, *(item for item in sys.path if item)])
            ran = run_limited(
                [sys.executable, "-P", "-m", "eda.logic.sat_worker", "miter.aig", *model],
                folder=folder,
                seconds=max(seconds, 1.0),
                environment={"PYTHONPATH": path},
            )
        self.children += ran.seconds
        lines = ran.text.split()
        if lines[:1] == ["0"] and ran.code == 0:
            return "equivalent", "aigverse", None
        if lines[:1] == ["1"] and not model:
            self.steps.append("aigverse: they differ")
            return self._abc("read m.aig; dsat; write_cex cex", "abc dsat", 0.5 * self.left)
        if lines[:1] == ["1"]:
            bits = lines[1] if len(lines) > 1 else ""
            if re.fullmatch(f"[01]{{{self.miter.num_inputs}}}", bits):
                return self._confirmed([int(bit) for bit in bits], "aigverse")
            self.steps.append("aigverse: they differ, and its time was over before it said where")
            return None
        self.steps.append(f"aigverse: {ran.why or 'no answer'}")
        return None

    def _abc(self, script: str, what: str, seconds: float) -> _Found | None:
        if find_abc() is None:
            if "abc" not in " ".join(self.steps):
                self.steps.append("abc: not installed")
            return None
        one = any_of(self.miter)
        made = run_abc(
            script.format(seconds=max(1, int(seconds))),
            circuits={"a.aig": self.matched.first, "b.aig": self.matched.second, "m.aig": one},
            wanted=["cex"],
            seconds=seconds,
        )
        self.children += made.ran.seconds
        text = made.ran.text
        bits = made.files.get("cex", b"").decode("latin-1").partition("#")[0].strip()
        if re.fullmatch(f"[01]{{{one.num_inputs}}}", bits):
            found = self._confirmed([int(bit) for bit in bits], what)
            if found is not None:
                return found
        if made.ran.code == 0 and _PROVED.search(text) and not _REFUTED.search(text):
            return "equivalent", what, None
        told = "they differ, but it does not say where" if _REFUTED.search(text) else ""
        self.steps.append(f"{what}: {made.ran.why or told or 'no answer'}")
        return None

    def _cec(self) -> _Found | None:
        script = "cec -n -T {seconds} -C 1000000000 a.aig b.aig"
        return self._abc(script, "abc cec", CEC_SHARE * self.left)

    def _iprove(self) -> _Found | None:
        script = "read m.aig; iprove; write_cex cex"
        return self._abc(script, "abc iprove", 0.6 * self.left)

    def _new_cec(self) -> _Found | None:
        script = "&read a.aig; &cec -T {seconds} -C 1000000000 b.aig"
        return self._abc(script, "abc &cec", self.left)


_PROVED: Final = re.compile(r"Networks are equivalent|^UNSATISFIABLE", re.MULTILINE)
_REFUTED: Final = re.compile(r"NOT EQUIVALENT|^SATISFIABLE|Verification failed|different")


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain values."""
    example = verdict.counterexample
    return {
        "verdict": verdict.answer,
        "method": verdict.method,
        "counterexample": None
        if example is None
        else {
            "inputs": example.inputs,
            "latches": example.latches,
            "outputs": [
                {"kind": kind, "name": name, "first": a, "second": b}
                for kind, name, a, b in example.outputs
            ],
        },
        "matched_by": verdict.matched_by,
        "registers": verdict.registers,
        "seconds": round(verdict.seconds, 3),
        "steps": list(verdict.steps),
    }
