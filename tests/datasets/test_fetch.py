"""Fetching corpora: checksums, and one clear sentence where something is wrong."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from urllib.error import URLError

import pytest

from eda.datasets import CORPORA, find_corpus, get_corpus, need_corpus
from eda.datasets.fetch import MANIFEST, file_hash, verify
from eda.errors import DatasetError


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EDA_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def serve(monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> list[str]:
    """Answer downloads with an archive of these files; return the addresses asked for."""
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"Image2Net-ca29c46/{name}", text)
    asked: list[str] = []

    def urlopen(url: str, timeout: float) -> io.BytesIO:
        asked.append(url)
        return io.BytesIO(bundle.getvalue())

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    return asked


def test_a_corpus_is_fetched_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = serve(monkeypatch, {"net/1.txt": "{}", "main.py": "print(1)"})
    folder = get_corpus("image2net")
    assert asked == [
        "https://github.com/24Hoursss/Image2Net/archive/"
        "ca29c46148b4e364046e5d5f2faf4d588d8a9728.zip"
    ]
    assert (folder / "net" / "1.txt").read_text("utf-8") == "{}"
    assert not (folder / "main.py").exists()
    assert json.loads((folder / MANIFEST).read_text("utf-8")) == {
        "net/1.txt": file_hash(folder / "net" / "1.txt")
    }
    assert get_corpus("image2net") == folder == find_corpus("image2net")
    assert len(asked) == 1


def test_a_changed_file_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, {"net/1.txt": "{}"})
    folder = get_corpus("image2net")
    (folder / "net" / "1.txt").write_text("{ }", "utf-8")
    with pytest.raises(DatasetError, match=r"1\.txt: SHA-256 is [0-9a-f]{64}, expected "):
        get_corpus("image2net")
    (folder / "net" / "1.txt").unlink()
    with pytest.raises(DatasetError, match=r"1\.txt: missing; fetch it with: eda datasets get"):
        verify(CORPORA["image2net"], folder)


def test_offline_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def urlopen(url: str, timeout: float) -> io.BytesIO:
        raise URLError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    message = (
        f"{CORPORA['align_ota'].url}: cannot be fetched (no route to host); fetch it on a machine "
        "that is online, or set EDA_DATA to a folder that has it"
    )
    with pytest.raises(DatasetError, match=f"^{re.escape(message)}$"):
        get_corpus("align_ota")
    assert find_corpus("align_ota") is None
    assert not list(tmp_path.rglob("*.part"))


def test_an_archive_cannot_write_outside_its_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    serve(monkeypatch, {"net/../../../evil.txt": "x"})
    with pytest.raises(DatasetError, match="holds a file outside itself"):
        get_corpus("image2net")
    assert not list(tmp_path.rglob("evil.txt"))


def test_an_archive_without_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, {"readme": "x"})
    with pytest.raises(DatasetError, match=r"holds no folder 'net'$"):
        get_corpus("image2net")


def test_a_copy_in_eda_data_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "spice" / "image2net"
    folder.mkdir(parents=True)
    monkeypatch.setenv("EDA_DATA", str(tmp_path / "data"))
    assert get_corpus("image2net") == need_corpus("image2net") == folder


def test_names_are_checked() -> None:
    message = "there is no corpus named 'nope'; there are: " + ", ".join(CORPORA)
    with pytest.raises(DatasetError, match=f"^{re.escape(message)}$"):
        get_corpus("nope")


def test_a_corpus_that_is_not_here() -> None:
    message = (
        "the corpus image2net is not on this machine; set EDA_DATA to the folder of the corpora, "
        "or fetch it with: eda datasets get image2net"
    )
    with pytest.raises(DatasetError, match=f"^{re.escape(message)}$"):
        need_corpus("image2net")


def test_the_corpora_in_eda_data_are_what_they_should_be(data: Path) -> None:
    for corpus in CORPORA.values():
        verify(corpus, data / corpus.folder)
