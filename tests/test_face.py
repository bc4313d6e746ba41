"""The face of the package: ``import eda`` is cheap, and every public name is there."""

import logging
import subprocess
import sys

import pytest

import eda

HEAVY = ("numpy", "scipy", "networkx", "torch", "torch_geometric", "typer", "rich", "PySpice")


@pytest.mark.parametrize("name", eda.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(eda, name) is not None


def test_public_names_are_sorted_and_listed() -> None:
    assert eda.__all__ == sorted(eda.__all__)
    assert len(set(eda.__all__)) == len(eda.__all__)
    assert set(eda.__all__) <= set(dir(eda))


def test_public_names_are_the_objects_of_their_rooms() -> None:
    assert eda.Circuit is eda.circuit.Circuit
    assert eda.NetlistError is eda.errors.NetlistError
    assert eda.predict_links is eda.links.predict_links


def test_every_error_is_public() -> None:
    kinds = [eda.EdaError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    ours = {kind.__name__ for kind in kinds if kind.__module__ == "eda.errors"}
    assert ours <= set(eda.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'eda' has no attribute 'predict_link'$"):
        eda.predict_link  # noqa: B018


def test_the_library_logs_nowhere_by_itself() -> None:
    handlers = logging.getLogger("eda").handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)


def test_importing_eda_imports_nothing_heavy() -> None:
    script = f"import sys, eda; print([name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
