"""The motif index from the training circuits: `build_motifs`.

Only circuits of the training part go in, and only those of corpora whose licence lets their
names be passed on freely; a circuit's and a device's name is all that is kept beside hashes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eda.datasets.corpora import CORPORA
from eda.datasets.links import LINK_CORPORA, LinkData, link_data
from eda.links.motif_index import NamedSample, build_index, save_index

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from eda.links.motif_index import MotifIndex

FREE_LICENCES: Final = frozenset(("MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "CC0-1.0"))
NAME: Final = "motifs"


def named_samples(data: LinkData) -> list[NamedSample]:
    """Return the training circuits that may be named, those drawn by hand first."""
    found = [
        (
            not circuit.drawn,
            NamedSample(
                name=circuit.name,
                sample=sample,
                device_names=tuple(device.name for device in circuit.circuit.devices),
                pin_roles=tuple(role for d in circuit.circuit.devices for role in d.roles),
            ),
        )
        for circuit, sample, part in zip(data.circuits, data.samples, data.parts, strict=True)
        if part == "train" and circuit.clean and may_name(circuit.corpus)
    ]
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def may_name(corpus: str) -> bool:
    """Return whether the names of a corpus may be passed on.

    Example:
        >>> may_name("analoggenie"), may_name("some GPL collection")
        (True, False)
    """
    known = CORPORA.get(corpus)
    return known is not None and known.licence in FREE_LICENCES


def motif_index(data: LinkData) -> MotifIndex:
    """Return the index of the training circuits of some data."""
    used = [name for name in LINK_CORPORA if may_name(name)]
    card = {
        "title": "Motifs: the surroundings of the wires of the training circuits",
        "holds": "hashes, words, names of circuits and devices; no netlists",
        "command": "eda train motifs",
        "data": [
            {
                "name": name,
                "source": f"https://github.com/{CORPORA[name].repository}",
                "commit": CORPORA[name].commit,
                "licence": CORPORA[name].licence,
            }
            for name in used
        ],
    }
    circuits = named_samples(data)
    return build_index(circuits, card={**card, "circuits": len(circuits)})


def build_motifs(*, out: Path, log: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Build the index from the corpora and write it as ``motifs.safetensors`` and ``.json``.

    Returns:
        What was found: wires, distinct motifs, motifs kept, bytes.

    Raises:
        DatasetError: A corpus is not on this machine, or is damaged.
    """
    say = log or (lambda _: None)
    say("reading the corpora")
    data = link_data()
    say("collecting motifs")
    index = motif_index(data)
    path = out / f"{NAME}.safetensors"
    save_index(index, path)
    files = (path, path.with_suffix(".json"))
    return {
        "circuits": index.card["circuits"],
        "wires": index.card["wires"],
        "motifs": index.card["motifs"],
        "kept": len(index.words),
        "bytes": sum(item.stat().st_size for item in files),
    }
