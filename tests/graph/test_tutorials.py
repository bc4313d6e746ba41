"""The tutorials on graphs and rules show what the commands print."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPEN_PIN = ROOT / "examples" / "ota_open_pin.sp"


def transcript(page: Path) -> list[tuple[str, str]]:
    """The commands of a page's console blocks, and what it says that they print."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", page.read_text(), re.M | re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the examples, the repaired one, and a copy of that with other names."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    repaired = OPEN_PIN.read_text().replace("nopen", "n1")
    (tmp_path / "schematic.sp").write_text(repaired)
    for old, new in (("n1", "left"), ("n2", "right"), ("tail", "common"), ("nb", "bias1")):
        repaired = re.sub(rf"(?<= ){old}\b", new, repaired)
    copy = re.sub(r"^M(\d)", lambda found: f"MX{9 - int(found[1])}", repaired, flags=re.M)
    (tmp_path / "copy.sp").write_text(copy)
    return tmp_path


@pytest.mark.skipif(not OPEN_PIN.exists(), reason="no examples beside the tests")
@pytest.mark.parametrize("page", ["graph.md", "check.md"])
def test_the_commands_print_what_the_page_shows(page: str, folder: Path) -> None:
    commands = transcript(ROOT / "docs" / page)
    assert commands
    for command, printed in commands:
        program, *arguments = command.split()
        assert program == "eda"
        ran = subprocess.run(
            [sys.executable, "-P", "-m", "eda.cli", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
        )
        assert ran.stdout + ran.stderr == printed, command
