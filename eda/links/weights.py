"""Weights: the sizes of the model, and its parameters as safetensors beside a JSON card.

A weights file is read by safetensors alone: it holds numbers and text, nothing that could run.
The text says which tables (kinds of pin, roles of nets) the numbers belong to; weights made for
other tables are refused.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import WeightsError
from eda.graph.circuit_graph import DEVICE_TYPES
from eda.links.calibration import FILE as CALIBRATION_FILE
from eda.links.calibration import PLAIN, Calibration, load_calibrations, set_key
from eda.links.vocabulary import NET_ROLES, PIN_KINDS
from eda.tensors import parse_tensors, replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

FORMAT: Final = "eda.links/1"
FOLDER: Final = Path(__file__).parent / "weights"
SHIPPED: Final = ("links-seed2", "links-seed1", "links-seed0")
"""The shipped models: one recipe, three seeds, best on the validation circuits first."""
MAX_BYTES: Final = 16 * 1024 * 1024
ENSEMBLE_PINS: Final = 20_000
NO_WEIGHTS: Final = frozenset(("checkpoint", "motifs"))
"""Names of safetensors files beside weights that are something else."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the model.

    Attributes:
        width: Length of the state of a device or a net.
        inner: Width of the hidden layer in each update.
        hidden: Width of the decoder.
        layers: Rounds of messages: nets to devices and back.
        dropout: Share of updates dropped in training.
    """

    width: int = 64
    inner: int = 128
    hidden: int = 128
    layers: int = 5
    dropout: float = 0.1
    twins: bool = True


@dataclass(frozen=True)
class Weights:
    """A trained model.

    Attributes:
        shape: Its sizes.
        arrays: Its parameters, float32, by name.
        temperature: Logits are divided by it before the softmax.
        card: What the JSON card beside the file says: data, date, seed, command, figures.
        digest: Of the file it was read from; empty where it was read from none.
        calibrations: Of the sets of weights in its folder, by their digests.
    """

    shape: Shape
    arrays: Mapping[str, NDArray[np.float32]]
    temperature: float
    card: Mapping[str, Any]
    digest: str = ""
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)


def calibration_of(models: Sequence[Weights]) -> Calibration:
    """Return the calibration fitted for these models together; a plain one where there is none."""
    return models[0].calibrations.get(set_key(model.digest for model in models), PLAIN)


def tables_hash() -> str:
    """Return a hash of the tables that the numbers in a weights file are indexed by."""
    text = json.dumps([DEVICE_TYPES, NET_ROLES, PIN_KINDS])
    return sha256(text.encode()).hexdigest()[:16]


def save_weights(
    path: Path,
    arrays: Mapping[str, NDArray[Any]],
    *,
    shape: Shape,
    temperature: float,
    card: Mapping[str, Any],
) -> None:
    """Write ``path`` (safetensors, half precision) and the card ``path`` with suffix ``.json``."""
    from safetensors.numpy import save

    about = {
        "format": FORMAT,
        "tables": tables_hash(),
        "shape": asdict(shape),
        "temperature": float(temperature),
    }
    # One entry only: the order of several would differ from run to run.
    metadata = {"eda": json.dumps(about, sort_keys=True)}
    halves = {name: np.ascontiguousarray(a, dtype=np.float16) for name, a in arrays.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, save(halves, metadata=metadata))
    replace_file(path.with_suffix(".json"), (json.dumps(card, indent=2) + "\n").encode())


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]) -> None:
    """Write arrays as they are, and what they are about, as one safetensors file."""
    from safetensors.numpy import save

    metadata = {"eda": json.dumps(about, sort_keys=True)}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(
        path, save({k: np.ascontiguousarray(a) for k, a in arrays.items()}, metadata=metadata)
    )


def read_arrays(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what `write_arrays` wrote.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no such file.
    """
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES} bytes")
    metadata, arrays = parse_tensors(path.read_bytes())
    about = json.loads(metadata.get("eda", "{}"))
    return (about if isinstance(about, dict) else {}), arrays


def load_weights(path: Path) -> Weights:
    """Read a weights file and its card.

    Raises:
        WeightsError: It is absent, damaged, or made for another version of the model.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise WeightsError(f"{path}: larger than {MAX_BYTES} bytes; these are no link weights")
        data = path.read_bytes()
        metadata, stored = parse_tensors(data)
        arrays = {name: array.astype(np.float32) for name, array in stored.items()}
        about = json.loads(metadata.get("eda", "{}"))
        if about.get("format") != FORMAT or about.get("tables") != tables_hash():
            raise WeightsError(
                f"{path}: made for another version of the link model; "
                "make new ones with: eda train links"
            )
        shape = Shape(**about["shape"])
        temperature = float(about["temperature"])
        card_path = path.with_suffix(".json")
        card = json.loads(card_path.read_text("utf-8")) if card_path.exists() else {}
    except FileNotFoundError:
        raise WeightsError(f"{path}: no such weights; make them with: eda train links") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path}: not a weights file ({error})") from error
    digest = sha256(data).hexdigest()[:16]
    calibrations = load_calibrations(path.with_name(CALIBRATION_FILE))
    return Weights(shape, arrays, temperature, card, digest, calibrations)


@lru_cache(maxsize=8)
def shipped_weights(name: str = SHIPPED[0]) -> Weights:
    """Return weights that came with the toolkit, by name."""
    return load_weights(FOLDER / f"{name}.safetensors")


def weights_in(path: Path) -> list[Weights]:
    """Return the models of a folder, or the one of a file.

    Of a folder every ``.safetensors`` file with a card (``.json``) of link weights beside it
    counts, in the order of their names; checkpoints do not.

    Raises:
        WeightsError: There are none, or one of them is damaged.
    """
    if not path.is_dir():
        return [load_weights(path)]
    found = [
        item
        for item in sorted(path.glob("*.safetensors"))
        if item.with_suffix(".json").exists() and item.stem not in NO_WEIGHTS
    ]
    if not found:
        raise WeightsError(f"{path}: holds no link weights; make some with: eda train links")
    return [load_weights(item) for item in found]


def models_for(pins: int) -> list[Weights]:
    """Return the shipped models to use for a circuit with so many pins.

    The mean of several seeds is a little better than one; a large circuit has to do with one.
    """
    names = SHIPPED if pins <= ENSEMBLE_PINS else SHIPPED[:1]
    return [shipped_weights(name) for name in names]
