"""The PyG dataset: made once, read back, filtered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eda.datasets.pyg import circuit_links
from eda.errors import DatasetError


@pytest.fixture(scope="module")
def root(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # The corpora are found through EDA_DATA, which `data` has looked at.
    return tmp_path_factory.mktemp("pyg")


def test_it_holds_the_circuits(root: Path) -> None:
    dataset = circuit_links(root, corpora=("image2net",))
    assert len(dataset) == 306
    first = dataset[0]
    pins = first["device", "pin", "net"]
    assert first.name == "image2net/001"
    assert pins.edge_index.shape == (2, len(pins.edge_attr))
    assert int(pins.edge_index[0].max()) < len(first["device"].x)
    assert int(pins.edge_index[1].max()) < len(first["net"].x)
    cached = [path.name for path in (root / "processed").iterdir()]
    # Nothing but numbers: no pickles lie beside them.
    assert cached == ["links-image2net.safetensors"]


def test_parts_filters_and_transforms(root: Path) -> None:
    parts = {
        part: len(circuit_links(root, corpora=("image2net",), part=part))
        for part in ("train", "validation", "test")
    }
    assert sum(parts.values()) == 306
    large = circuit_links(
        root,
        corpora=("image2net",),
        pre_filter=lambda item: len(item["device"].x) > 10,
        pre_transform=lambda item: item,
        transform=lambda item: item.name,
    )
    assert 0 < len(large) < 306
    assert large[0].startswith("image2net/")


def test_an_unknown_part_is_refused(root: Path) -> None:
    message = "there is no part 'dev'; there are: train, validation, test"
    with pytest.raises(DatasetError, match=f"^{re.escape(message)}$"):
        circuit_links(root, corpora=("image2net",), part="dev")


def test_a_damaged_cache_is_refused(root: Path) -> None:
    circuit_links(root, corpora=("image2net",))
    path = root / "processed" / "links-image2net.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    try:
        with pytest.raises(DatasetError, match=r"damaged .*; make it anew with force_reload=True$"):
            circuit_links(root, corpora=("image2net",))
        assert len(circuit_links(root, corpora=("image2net",), force_reload=True)) == 306
    finally:
        path.write_bytes(whole)
