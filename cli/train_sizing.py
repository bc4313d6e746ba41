"""``eda train sizing``: a policy that sizes a case, by PPO or by SAC with hindsight replay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from pathlib import Path


def train_sizing(
    method: str, case: str, out: Path, steps: int | None, finetune: int, seed: int
) -> dict[str, Any]:
    """Train a policy, and return what came of it.

    Args:
        method: ``ppo`` or ``sac``.
        case: A case folder, or ``opamp2``.
        out: Where ``policy.safetensors`` goes.
        steps: Steps in the network; None for what the shipped policies had.
        finetune: Further steps in ngspice.
        seed: Where chance comes from.
    """
    given: dict[str, Any] = {"case": case, "out": out, "finetune_steps": finetune, "seed": seed}
    if steps is not None:
        given["steps"] = steps
    if method == "ppo":
        from eda.agents.train_ppo import PpoArguments, train_ppo

        return train_ppo(PpoArguments(**given))
    if method == "sac":
        from eda.agents.train_sac import SacArguments, train_sac

        return train_sac(SacArguments(**given))
    raise typer.BadParameter(f"--method {method}: there are ppo and sac")
