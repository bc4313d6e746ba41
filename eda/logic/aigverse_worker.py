"""Optimising steps of aigverse, in a process of its own that can be killed.

``python -m eda.logic.aigverse_worker in.aig STEP...`` writes ``0.aig`` after the first step,
``1.aig`` after the second, and so on.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.aig import Aig, aiger_bytes, parse_aiger
from eda.aig.convert import from_aigverse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _cuts(network: Any) -> Any:
    from aigverse.algorithms import aig_cut_rewriting

    return aig_cut_rewriting(network)


def _resub(network: Any) -> Any:
    from aigverse.algorithms import aig_resubstitution

    return aig_resubstitution(network)


def _refactor(network: Any) -> Any:
    from aigverse.algorithms import sop_refactoring

    return sop_refactoring(network)


def _balance(network: Any) -> Any:
    from aigverse.algorithms import balancing

    return balancing(network)


STEPS: Final[dict[str, Callable[[Any], Any]]] = {
    "cuts": _cuts,
    "resub": _resub,
    "refactor": _refactor,
    "balance": _balance,
}


def step(aig: Aig, name: str) -> Aig:
    """Return what one of `STEPS` makes of a circuit."""
    from aigverse.algorithms import cleanup_dangling

    return from_aigverse(cleanup_dangling(STEPS[name](aig.to_aigverse())))


def main(words: Sequence[str]) -> int:
    """Do the steps one after the other."""
    aig = parse_aiger(Path(words[0]).read_bytes(), path=words[0])
    for number, name in enumerate(words[1:]):
        aig = step(aig, name)
        Path(f"{number}.part").write_bytes(aiger_bytes(aig))
        Path(f"{number}.part").rename(f"{number}.aig")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
