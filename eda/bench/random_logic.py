"""Random circuits, for fuzzing and for the protocols that ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.aig import Aig

if TYPE_CHECKING:
    import random


def random_aig(rng: random.Random, *, sections: bool = False, latches: int = 0) -> Aig:
    """Return a small circuit with any structure that the AIGER format allows.

    Args:
        rng: Draws it.
        sections: Whether it may have bad states, constraints, justice and fairness, names and a
            comment.
        latches: How many latches.
    """
    inputs, gates = rng.randrange(6), rng.randrange(14)
    first = 1 + inputs + latches

    def draw(variables: int) -> int:
        return rng.randrange(2 * variables)

    def some(most: int) -> list[int]:
        return [draw(first + gates) for _ in range(rng.randrange(most))]

    fanins = [sorted((draw(first + at), draw(first + at)), reverse=True) for at in range(gates)]
    more = {}
    outputs = some(5)
    if sections:
        more = {
            "bad": some(3),
            "constraints": some(3),
            "justice": tuple(some(3) for _ in range(rng.randrange(3))),
            "fairness": some(2),
            "input_names": tuple(rng.choice(("", "a", "b c", "é")) for _ in range(inputs)),
            "output_names": tuple(rng.choice(("", "y", "y")) for _ in outputs),
            "comment": rng.choice(("", "made by chance\n", "c\n\x01i0 x")),
        }
    return Aig(
        inputs,
        fanins=fanins,  # type: ignore[arg-type]
        outputs=outputs,  # type: ignore[arg-type]
        next_states=[draw(first + gates) for _ in range(latches)],  # type: ignore[arg-type]
        resets=[rng.randrange(3) for _ in range(latches)],  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )
