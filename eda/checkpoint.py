"""The checkpoint of a training: networks, optimiser, generators of chance, and what it has come to.

One safetensors file, replaced whole: a training that is killed goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.errors import WeightsError

if TYPE_CHECKING:
    import numpy as np
    import torch

NAME: Final = "checkpoint.safetensors"


def write_checkpoint(
    out: Path,
    *,
    fingerprint: str,
    modules: Mapping[str, torch.nn.Module],
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
    state: Mapping[str, Any],
    best: Mapping[str, torch.Tensor] | None = None,
) -> dict[str, Any]:
    """Write a checkpoint; numbers as safetensors, the rest as JSON in its header.

    Args:
        out: Folder of the run.
        fingerprint: Of plan, seed and data; a checkpoint of another training is not read.
        modules: Networks by name; a name holds no colon.
        optimizer: Its slots are kept.
        rng: The generator of chance beside torch's own.
        state: Whatever else belongs to it, as JSON takes it.
        best: Weights that were best so far.

    Returns:
        What the header holds.
    """
    import torch
    from safetensors.torch import save_file

    tensors = {"random": torch.get_rng_state()}
    for prefix, module in modules.items():
        for key, value in module.state_dict().items():
            tensors[f"{prefix}:{key}"] = value.contiguous()
    for key, value in (best or {}).items():
        tensors[f"best:{key}"] = value
    for number, slots in optimizer.state_dict()["state"].items():
        for key, value in slots.items():
            tensors[f"optimizer:{number}:{key}"] = value.contiguous()
    text = {**state, "random": rng.bit_generator.state, "fingerprint": fingerprint}
    part = out / f"{NAME}.part"
    save_file(tensors, part, metadata={"state": json.dumps(text)})
    part.replace(out / NAME)
    return text


def read_checkpoint(
    out: Path,
    *,
    fingerprint: str,
    modules: Mapping[str, torch.nn.Module],
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Restore a checkpoint into networks, optimiser and generators.

    Args:
        out: Folder of the run.
        fingerprint: What it must have been written with.
        modules: As for `write_checkpoint`.
        optimizer: Of the same parameters.
        rng: The generator of chance beside torch's own.

    Returns:
        The state, and the best weights, as they were given.

    Raises:
        WeightsError: It belongs to another plan, seed or set of circuits.
    """
    import torch
    from safetensors import safe_open

    with safe_open(out / NAME, framework="pt") as file:
        text: dict[str, Any] = json.loads(file.metadata()["state"])
        if text.pop("fingerprint", None) != fingerprint:
            raise WeightsError(
                f"{out}: the checkpoint there is of another training (plan, seed or data); "
                "choose another folder, or start without --resume"
            )
        tensors = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118
    rng.bit_generator.state = text.pop("random")
    torch.set_rng_state(tensors.pop("random"))
    for prefix, module in modules.items():
        module.load_state_dict(_part(tensors, prefix))
    slots: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in _part(tensors, "optimizer").items():
        number, slot = key.split(":")
        slots.setdefault(int(number), {})[slot] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": slots})
    return text, _part(tensors, "best")


def _part(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    start = f"{prefix}:"
    return {key[len(start) :]: value for key, value in tensors.items() if key.startswith(start)}
