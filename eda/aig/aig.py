"""Aig: an and-inverter graph as numpy arrays of literals.

Variable 0 is the constant false; then come the inputs, the latches, and the ANDs in an order in
which every AND stands behind its fanins. Literal ``2 v`` is variable ``v``, ``2 v + 1`` its
complement, as in the AIGER format.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import AigerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Literals = NDArray[np.int64]

UNDEFINED: Final = 2
"""The reset of a latch that starts with an unknown value."""

ROOT_KINDS: Final = ("outputs", "next_states", "bad", "constraints", "justice", "fairness")
"""What reads the logic, in the order of `Aig.roots`."""


def literals(values: Iterable[int]) -> Literals:
    """Return an array of literals."""
    return np.asarray(
        values if isinstance(values, np.ndarray) else list(values), dtype=np.int64
    ).reshape(-1)


def _none() -> Literals:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Aig:
    """An and-inverter graph, combinational or with latches.

    Attributes:
        num_inputs: How many inputs; their variables are ``1 .. num_inputs``.
        fanins: The two literals of every AND, shape ``[ands, 2]``, the greater one first.
        outputs: Literals of the outputs.
        next_states: Literal that each latch takes with the next clock.
        resets: What each latch starts with: 0, 1, or 2 for undefined.
        bad: Literals of the bad states (AIGER 1.9).
        constraints: Literals of the invariant constraints.
        justice: Literals of each justice property.
        fairness: Literals of the fairness constraints.
        input_names: A name per input, "" where there is none; an empty tuple means no names.
        latch_names, output_names, bad_names, constraint_names, justice_names, fairness_names:
            The same for the others.
        comment: The text behind the comment mark of the file.
        source: The file it was read from.

    Raises:
        AigerError: An array has the wrong shape, or a literal is out of its range.

    Example:
        >>> Aig(2, fanins=[[4, 2]], outputs=[7]).to_dict()["outputs"]
        [7]
    """

    num_inputs: int
    fanins: Literals = field(default_factory=_none)
    outputs: Literals = field(default_factory=_none)
    next_states: Literals = field(default_factory=_none)
    resets: Literals = field(default_factory=_none)
    bad: Literals = field(default_factory=_none)
    constraints: Literals = field(default_factory=_none)
    justice: tuple[Literals, ...] = ()
    fairness: Literals = field(default_factory=_none)
    input_names: tuple[str, ...] = ()
    latch_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    bad_names: tuple[str, ...] = ()
    constraint_names: tuple[str, ...] = ()
    justice_names: tuple[str, ...] = ()
    fairness_names: tuple[str, ...] = ()
    comment: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        """Take lists for arrays, and check every literal."""
        fanins = np.asarray(self.fanins, dtype=np.int64).reshape(-1, 2)
        if len(fanins) and bool((fanins[:, 0] < fanins[:, 1]).any()):
            fanins = np.sort(fanins, axis=1)[:, ::-1]
        self._set("fanins", np.ascontiguousarray(fanins))
        for name in ("outputs", "next_states", "bad", "constraints", "fairness"):
            self._set(name, literals(getattr(self, name)))
        self._set("justice", tuple(literals(item) for item in self.justice))
        given = self.resets if len(self.resets) else np.zeros(len(self.next_states), np.int64)
        self._set("resets", literals(given))
        for name in _NAMED:
            names = getattr(self, name)
            self._set(name, tuple(names) if any(names) else ())
        self._check()

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        for array in value if isinstance(value, tuple) else (value,):
            if isinstance(array, np.ndarray):
                array.setflags(write=False)

    def _check(self) -> None:
        where = self.source or "AIG"
        if self.num_inputs < 0:
            raise AigerError(f"{where}: the number of inputs is {self.num_inputs}; give 0 or more")
        if len(self.resets) != len(self.next_states):
            raise AigerError(
                f"{where}: {len(self.resets)} resets for {len(self.next_states)} latches"
            )
        if bool(((self.resets < 0) | (self.resets > UNDEFINED)).any()):
            raise AigerError(f"{where}: a reset must be 0, 1 or 2 (undefined)")
        own = 2 * (self.first_and + np.arange(self.num_ands, dtype=np.int64))
        wrong = (self.fanins[:, 0] >= own) | (self.fanins[:, 1] < 0)
        if bool(wrong.any()):
            at = int(np.argmax(wrong))
            raise AigerError(
                f"{where}: AND {own[at]} reads {self.fanins[at].tolist()}; "
                f"fanins must be literals below {own[at]}"
            )
        roots = self.roots
        outside = (roots < 0) | (roots >= 2 * self.num_variables)
        if bool(outside.any()):
            raise AigerError(
                f"{where}: literal {int(roots[np.argmax(outside)])} is not defined; "
                f"the highest is {2 * self.num_variables - 1}"
            )
        for name, kind in _NAMED.items():
            names, count = getattr(self, name), self.count_of(kind)
            if names and len(names) != count:
                raise AigerError(f"{where}: {len(names)} {name} for {count}")

    def count_of(self, kind: str) -> int:
        """Return how many there are: of ``inputs``, ``latches``, ``outputs``, ``bad``, ..."""
        if kind == "inputs":
            return self.num_inputs
        return len(getattr(self, "next_states" if kind == "latches" else kind))

    @property
    def num_latches(self) -> int:
        """How many latches."""
        return len(self.next_states)

    @property
    def num_ands(self) -> int:
        """How many ANDs."""
        return len(self.fanins)

    @property
    def num_outputs(self) -> int:
        """How many outputs."""
        return len(self.outputs)

    @property
    def first_and(self) -> int:
        """Variable of the first AND."""
        return 1 + self.num_inputs + self.num_latches

    @property
    def num_variables(self) -> int:
        """How many variables, the constant included."""
        return self.first_and + self.num_ands

    @cached_property
    def roots(self) -> Literals:
        """Every literal that is read from outside: `ROOT_KINDS` one behind the other."""
        return np.concatenate(
            [
                self.outputs,
                self.next_states,
                self.bad,
                self.constraints,
                *self.justice,
                self.fairness,
            ]
        )

    @cached_property
    def levels(self) -> NDArray[np.int32]:
        """Level of every variable, shape ``[num_variables]``: 0, and 1 + its fanins' for ANDs."""
        level = [0] * self.first_and
        add = level.append
        first, second = (self.fanins >> 1).T.tolist() if self.num_ands else ((), ())
        for a, b in zip(first, second, strict=True):
            x, y = level[a], level[b]
            add((x if x > y else y) + 1)
        return np.array(level, dtype=np.int32)

    @property
    def depth(self) -> int:
        """The greatest level of a root."""
        return int(self.levels[self.roots >> 1].max(initial=0))

    def combinational(self) -> Aig:
        """Return the logic alone: latches become inputs, all roots become outputs.

        `with_logic` of the original puts such logic back, optimised or not.
        """
        if not self.num_latches and len(self.roots) == self.num_outputs:
            return self
        return Aig(
            self.num_inputs + self.num_latches,
            fanins=self.fanins,
            outputs=self.roots,
            source=self.source,
        )

    def with_logic(self, fanins: Literals, roots: Literals) -> Aig:
        """Return the same interface around other ANDs.

        Args:
            fanins: As `fanins`, in the numbering of this AIG's inputs and latches.
            roots: As many literals as `roots` has, in its order.
        """
        roots = literals(roots)
        if len(roots) != len(self.roots):
            raise AigerError(f"{len(roots)} roots were given for {len(self.roots)}")
        counts = [self.num_outputs, self.num_latches, len(self.bad), len(self.constraints)]
        counts += [len(item) for item in self.justice]
        parts: Sequence[Any] = np.split(roots, np.cumsum(counts))
        return replace(
            self,
            fanins=fanins,
            outputs=parts[0],
            next_states=parts[1],
            bad=parts[2],
            constraints=parts[3],
            justice=tuple(parts[4:-1]),
            fairness=parts[-1],
        )

    def name_of(self, kind: str, index: int) -> str:
        """Return the name of ``inputs``, ``latches``, ``outputs``, ... number ``index``.

        Where the file gives none it is that of the AIGER format, ``i0``, ``l0``, ``o0``, ...
        """
        names: tuple[str, ...] = getattr(self, _NAMES_OF[kind])
        return (names[index] if names else "") or f"{kind[0]}{index}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON; `from_dict` takes them back."""
        made: dict[str, Any] = {"num_inputs": self.num_inputs}
        for name in ("fanins", *ROOT_KINDS, "resets"):
            value = getattr(self, name)
            made[name] = [x.tolist() for x in value] if name == "justice" else value.tolist()
        made |= {name: list(getattr(self, name)) for name in _NAMED if getattr(self, name)}
        return made | ({"comment": self.comment} if self.comment else {})

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Aig:
        """Return the AIG that `to_dict` wrote.

        Raises:
            AigerError: The values are none.
        """
        try:
            made = dict(values)
            names = {name: tuple(map(str, made.pop(name, ()))) for name in _NAMED}
            made["justice"] = tuple(literals(item) for item in made.get("justice", ()))
            return cls(**made, **names)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError) as error:
            raise AigerError(f"these values are no AIG: {error}") from error

    def to_pyg(self) -> Any:
        """Return a `torch_geometric.data.Data`; see `eda.aig.convert.to_pyg`."""
        from eda.aig.convert import to_pyg

        return to_pyg(self)

    def to_networkx(self) -> Any:
        """Return a `networkx.DiGraph`; see `eda.aig.convert.to_networkx`."""
        from eda.aig.convert import to_networkx

        return to_networkx(self)

    def to_aigverse(self) -> Any:
        """Return an aigverse network; see `eda.aig.convert.to_aigverse`."""
        from eda.aig.convert import to_aigverse

        return to_aigverse(self)


def same(first: Aig, second: Aig) -> bool:
    """Return whether two AIGs are the same: arrays, names and comment."""
    return first.to_dict() == second.to_dict()


_NAMED: Final = {
    "input_names": "inputs",
    "latch_names": "latches",
    "output_names": "outputs",
    "bad_names": "bad",
    "constraint_names": "constraints",
    "justice_names": "justice",
    "fairness_names": "fairness",
}
_NAMES_OF: Final = {kind: name for name, kind in _NAMED.items()}
