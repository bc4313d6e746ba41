"""The corpora that the toolkit knows: what they are, where they come from, where they lie."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eda.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus of circuits.

    Attributes:
        name: As in ``eda datasets list``.
        about: One sentence on what it holds.
        licence: Of the data.
        repository: Where it was published, as ``owner/name`` on GitHub.
        commit: The state of it that is meant.
        folder: Where it lies under ``EDA_DATA``.
        source_folder: The part of the repository that holds the data.
        files: SHA-256 of files in that folder, by relative path, that can be checked.
        test_only: Whether its licence keeps it out of training; all of it is for tests.
    """

    name: str
    about: str
    licence: str
    repository: str
    commit: str
    folder: str
    source_folder: str
    files: tuple[tuple[str, str], ...] = ()
    test_only: bool = False

    @property
    def url(self) -> str:
        """The archive of the repository at that commit."""
        return f"https://github.com/{self.repository}/archive/{self.commit}.zip"


CORPORA: Final[dict[str, Corpus]] = {
    corpus.name: corpus
    for corpus in (
        Corpus(
            name="analoggenie",
            about="3,350 analog circuits of textbooks and papers, most machine-merged",
            licence="MIT",
            repository="xz-group/AnalogGenie",
            commit="efc25358939c6bedd247f28d3df61066964f3a90",
            folder="topology/analoggenie",
            source_folder="Dataset/",
            files=(
                (
                    "train.jsonl.gz",
                    "e355559cc8d783b6ac8eb0800fccd87cfbe1469a112e982a98546d1e2aae6ff3",
                ),
            ),
        ),
        Corpus(
            name="align_ota",
            about="1,026 operational amplifiers composed from cores and bias circuits",
            licence="BSD-3-Clause",
            repository="ALIGN-analoglayout/ALIGN-public",
            commit="755b574c06047069f2d913b271e69c9f2c82c021",
            folder="topology/align_ota",
            source_folder="CircuitsDatabase/Unsized_Netlists/",
            files=(
                (
                    "train.jsonl.gz",
                    "841a9e68ac208225bb3a0cd667b97a2926f5ab447b7f475381174d86e962b5a8",
                ),
            ),
        ),
        Corpus(
            name="image2net",
            about="346 netlists that a vision pipeline wrote for images of schematics",
            licence="MIT",
            repository="24Hoursss/Image2Net",
            commit="ca29c46148b4e364046e5d5f2faf4d588d8a9728",
            folder="spice/image2net",
            source_folder="net/",
        ),
        Corpus(
            name="sky130_cells",
            about="321 standard cells of the high-density SkyWater library, as transistors",
            licence="Apache-2.0",
            repository="google/skywater-pdk-libs-sky130_fd_sc_hd",
            commit="ac7fb61f06e6470b94e8afdf7c25268f62fbd7b1",
            folder="spice/sky130_fd_sc_hd",
            source_folder="cells/",
        ),
        Corpus(
            name="stdcells",
            about="138 standard cells of no foundry, in three dialects",
            licence="CC-BY-4.0",
            repository="SJTU-YONGFU-RESEARCH-GRP/standard-cells-netlist",
            commit="a13b2284ccf5fd3b3f7def18a2104cedde1c2033",
            folder="spice/stdcells-3dialect",
            source_folder="",
        ),
        Corpus(
            name="ihp",
            about="cells, pads, memories and test structures of the SG13G2 BiCMOS process",
            licence="Apache-2.0",
            repository="IHP-GmbH/IHP-Open-PDK",
            commit="5cccb161f7492697cfa52eb14dc03beb00bdca9e",
            folder="spice/ihp-sg13g2",
            source_folder="ihp-sg13g2/",
        ),
        Corpus(
            name="align",
            about="sized analog and wireline circuits, testbenches and test cases of ALIGN",
            licence="BSD-3-Clause",
            repository="ALIGN-analoglayout/ALIGN-public",
            commit="755b574c06047069f2d913b271e69c9f2c82c021",
            folder="spice/align",
            source_folder="",
        ),
        Corpus(
            name="openfasoc",
            about="mixed-signal generators: regulators, oscillators, sensors, testbenches",
            licence="Apache-2.0",
            repository="idea-fasoc/OpenFASOC",
            commit="426c17025c7c01d6e7d4d259fb7f9e7d741cc5c4",
            folder="spice/openfasoc",
            source_folder="",
        ),
        Corpus(
            name="analoggym",
            about="amplifiers, charge pumps and sensors of a sizing benchmark",
            licence="BSD-3-Clause",
            repository="CODA-Team/AnalogGym",
            commit="2b4df5aa8bc460065f03470882407babe341c94d",
            folder="spice/analoggym",
            source_folder="",
        ),
        Corpus(
            name="ngspice",
            about="the example and regression decks of ngspice",
            licence="BSD-3-Clause",
            repository="imr/ngspice",
            commit="0a9c4ea799a044cde636adb4d026639bdb3974a0",
            folder="spice/ngspice",
            source_folder="",
        ),
        Corpus(
            name="ltspice",
            about="LTspice-style application circuits; for tests only",
            licence="GPL-3.0",
            repository="nunobrum/spicelib",
            commit="b20c2371bbe49ca58702aabd12817e9e4664578a",
            folder="spice/ltspice-dialect-gpl3",
            source_folder="",
            test_only=True,
        ),
    )
}


def data_folder() -> Path | None:
    """Return the folder that ``EDA_DATA`` names, or None where it is not set."""
    named = os.environ.get("EDA_DATA", "")
    return Path(named).expanduser() if named else None


def cache_folder() -> Path:
    """Return where ``eda datasets get`` puts what it fetches."""
    base = os.environ.get("XDG_CACHE_HOME", "") or "~/.cache"
    return Path(base).expanduser() / "eda" / "data"


def find_corpus(name: str) -> Path | None:
    """Return the folder of a corpus, or None where it is not on this machine.

    Raises:
        DatasetError: There is no corpus of that name.
    """
    corpus = corpus_named(name)
    for base in (data_folder(), cache_folder()):
        if base is not None and (base / corpus.folder).is_dir():
            return base / corpus.folder
    return None


def need_corpus(name: str) -> Path:
    """Return the folder of a corpus.

    Raises:
        DatasetError: It is not on this machine.
    """
    folder = find_corpus(name)
    if folder is None:
        raise DatasetError(
            f"the corpus {name} is not on this machine; set EDA_DATA to the folder of the "
            f"corpora, or fetch it with: eda datasets get {name}"
        )
    return folder


def corpus_named(name: str) -> Corpus:
    """Return a corpus by name.

    Raises:
        DatasetError: There is none of that name; the message lists those there are.
    """
    try:
        return CORPORA[name]
    except KeyError:
        raise DatasetError(
            f"there is no corpus named {name!r}; there are: {', '.join(CORPORA)}"
        ) from None
