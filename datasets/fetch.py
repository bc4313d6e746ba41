"""Fetches a corpus from where it was published: `get_corpus`.

An archive of the repository at a known commit is downloaded and the part that holds the data is
unpacked. What was fetched is written down with its SHA-256, and compared with it the next time.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from eda.datasets.corpora import cache_folder, corpus_named, data_folder
from eda.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from eda.datasets.corpora import Corpus

MANIFEST: Final = "checksums.json"
MAX_ARCHIVE: Final = 2 * 1024**3
MAX_UNPACKED: Final = 4 * 1024**3
TIMEOUT_S: Final = 60.0
_BLOCK: Final = 1 << 20


def get_corpus(
    name: str,
    *,
    out: Path | None = None,
    log: Callable[[str], None] | None = None,
) -> Path:
    """Return the folder of a corpus, fetching it where it is not on this machine.

    A copy under ``EDA_DATA`` is used as it is, once its checksums agree.

    Args:
        name: As in ``eda datasets list``.
        out: Folder to put it in; by default a folder in the user's cache.
        log: Called with a line on what is being done.

    Raises:
        DatasetError: There is no such corpus, the source cannot be reached, or what is there
            is not what the checksum says.
    """
    corpus = corpus_named(name)
    say = log or (lambda _: None)
    local = data_folder()
    if out is None and local is not None and (local / corpus.folder).is_dir():
        verify(corpus, local / corpus.folder)
        return local / corpus.folder
    folder = (out or cache_folder()) / corpus.folder
    if (folder / MANIFEST).exists():
        verify(corpus, folder)
        return folder
    say(f"fetching {corpus.url}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    archive = folder.with_name(f"{folder.name}.zip.part")
    try:
        _download(corpus.url, archive)
        _unpack(corpus, archive, folder)
    finally:
        archive.unlink(missing_ok=True)
    return folder


def verify(corpus: Corpus, folder: Path) -> None:
    """Compare the files of a corpus with their checksums.

    Raises:
        DatasetError: A file is missing or differs.
    """
    expected = dict(corpus.files)
    manifest = folder / MANIFEST
    if manifest.exists():
        try:
            expected = {str(k): str(v) for k, v in json.loads(manifest.read_text("utf-8")).items()}
        except (ValueError, AttributeError) as error:
            raise DatasetError(f"{manifest}: not a list of checksums ({error})") from error
    for relative, digest in expected.items():
        path = folder / relative
        if not path.is_file():
            raise DatasetError(f"{path}: missing; fetch it with: eda datasets get {corpus.name}")
        found = file_hash(path)
        if found != digest:
            raise DatasetError(
                f"{path}: SHA-256 is {found}, expected {digest}; remove the folder and fetch it "
                f"again with: eda datasets get {corpus.name}"
            )


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _download(url: str, path: Path) -> None:
    from urllib import request
    from urllib.error import URLError

    try:
        with request.urlopen(url, timeout=TIMEOUT_S) as answer, path.open("wb") as file:
            total = 0
            while block := answer.read(_BLOCK):
                total += len(block)
                if total > MAX_ARCHIVE:
                    raise DatasetError(f"{url}: larger than {MAX_ARCHIVE} bytes; refused")
                file.write(block)
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise DatasetError(
            f"{url}: cannot be fetched ({reason}); fetch it on a machine that is online, or set "
            "EDA_DATA to a folder that has it"
        ) from error


def _unpack(corpus: Corpus, archive: Path, folder: Path) -> None:
    """Unpack the part of the archive that holds the data, and write down the checksums."""
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    sums: dict[str, str] = {}
    try:
        with zipfile.ZipFile(archive) as bundle:
            members = [item for item in bundle.infolist() if not item.is_dir()]
            if sum(item.file_size for item in members) > MAX_UNPACKED:
                raise DatasetError(f"{corpus.url}: unpacks to too much; refused")
            for item in members:
                inner = item.filename.split("/", 1)[-1]
                if not inner.startswith(corpus.source_folder):
                    continue
                # Names come from a stranger: nothing may land outside the folder.
                target = (part / inner).resolve()
                if not target.is_relative_to(part.resolve()):
                    raise DatasetError(f"{corpus.url}: holds a file outside itself: {inner!r}")
                target.parent.mkdir(parents=True, exist_ok=True)
                with bundle.open(item) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file, _BLOCK)
                sums[inner] = file_hash(target)
    except zipfile.BadZipFile as error:
        raise DatasetError(f"{corpus.url}: not a zip archive ({error})") from error
    if not sums:
        raise DatasetError(f"{corpus.url}: holds no folder {corpus.source_folder.rstrip('/')!r}")
    (part / MANIFEST).write_text(json.dumps(sums, indent=1) + "\n", "utf-8")
    part.replace(folder)
