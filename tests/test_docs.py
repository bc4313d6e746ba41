"""README and docs: what they say of commands is true, and what they point to is there."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import eda
from eda.cli.app import COMMANDS

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")

pytestmark = pytest.mark.skipif(not README.exists(), reason="no README beside the tests")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_readme_has_the_two_commands_on_lines_of_their_own() -> None:
    lines = README.read_text().splitlines()
    assert [line for line in lines if line.startswith("./bootstrap eda predict-links")] == [
        "./bootstrap eda predict-links examples/ota_open_pin.sp"
    ]
    assert "./bootstrap pytest" in lines


def test_readme_shows_what_the_first_command_prints() -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-P",
            "-m",
            "eda.cli",
            "predict-links",
            "examples/ota_open_pin.sp",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert ran.stderr == ""
    (shown,) = blocks(README.read_text(), "text")
    # The last digit may differ between machines, the words may not.
    number = re.compile(r" *\d+\.\d")
    assert number.sub("N", ran.stdout) == number.sub("N", shown)
    printed = [float(text) for text in number.findall(ran.stdout)]
    assert printed == pytest.approx([float(text) for text in number.findall(shown)], abs=0.3)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_checks_in_pages_print_what_is_shown(page: Path) -> None:
    for block in blocks(page.read_text(), "console"):
        command, _, shown = block.partition("\n")
        if not command.startswith("$ eda check examples/"):
            continue
        words = command.removeprefix("$ eda ").split()
        ran = subprocess.run(
            [sys.executable, "-P", "-m", "eda.cli", *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        assert (ran.stdout, ran.stderr) == (shown, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_point_to_files(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text()) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_readme_lists_every_page() -> None:
    linked = {(ROOT / target).resolve() for target in LINK.findall(README.read_text())}
    assert {page.resolve() for page in PAGES[1:]} <= linked


def test_every_command_is_documented_with_its_schema() -> None:
    page = (ROOT / "docs" / "commands.md").read_text()
    for name, module in COMMANDS.items():
        assert f"`eda {name}" in page
        source = (ROOT / "cli" / f"{module}.py").read_text()
        schemas = re.findall(r'SCHEMA = "([^"]+)"', source)
        assert schemas or name == "bench"
        for schema in schemas:
            assert f"`{schema}`" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_pages_exist(page: Path) -> None:
    named = set(re.findall(r"(?:`|/bootstrap )eda ([a-z][a-z-]*)\b", page.read_text()))
    assert named <= set(COMMANDS)


def test_readme_examples_run() -> None:
    for block in blocks(README.read_text(), "python"):
        script = f"import os\nos.chdir({str(ROOT)!r})\n{block}"
        subprocess.run([sys.executable, "-P", "-c", script], check=True, capture_output=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_use_names_that_exist(page: Path) -> None:
    for block in blocks(page.read_text(), "python"):
        named = {
            node.attr
            for node in ast.walk(ast.parse(block))
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "eda"
        }
        assert named <= set(eda.__all__)
