"""Included files: where they are found, which are refused, sections, and loops."""

from pathlib import Path

import pytest

from eda.errors import NetlistError
from eda.spice import read_netlist


def deck(folder: Path, text: str, name: str = "top.cir") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"* {name}\n{text}")
    return path


def names(path: Path, **options: object) -> list[str]:
    circuit = read_netlist(path, **options)  # type: ignore[arg-type]
    return [device.name for device in circuit.devices]


@pytest.mark.parametrize("card", [".include sub/r.inc", '.inc "sub/r.inc"', ".incl 'sub\\r.inc'"])
def test_a_file_beside_the_deck(card: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/r.inc").write_text("R1 a 0 1k\n")
    path = deck(tmp_path, f"{card}\nR2 a 0 1k\n")
    circuit = read_netlist(path)
    assert [device.name for device in circuit.devices] == ["R1", "R2"]
    assert circuit.device("r1").span.path.endswith("r.inc")
    assert circuit.device("r1").span.line == 1
    assert [Path(source.path).name for source in circuit.files] == ["top.cir", "r.inc"]


def test_a_file_beside_the_including_one(tmp_path: Path) -> None:
    deck(tmp_path / "lib", "R1 a 0 1k\n", "b.inc")
    deck(tmp_path / "lib", ".include b.inc\n", "a.inc")
    assert names(deck(tmp_path, ".include lib/a.inc\n")) == ["R1"]


def test_sections_of_a_library(tmp_path: Path) -> None:
    deck(
        tmp_path,
        ".lib tt\nR1 a 0 1k\n.endl tt\n.lib ff\nR2 a 0 1k\n.include more.inc\n.endl\n",
        "models.lib",
    )
    deck(tmp_path, "R3 a 0 1k\n", "more.inc")
    assert names(deck(tmp_path, ".lib models.lib FF\n")) == ["R2", "R3"]
    assert names(deck(tmp_path, ".lib 'models.lib' tt\n")) == ["R1"]
    with pytest.raises(NetlistError) as caught:
        read_netlist(deck(tmp_path, ".lib models.lib ss\n"))
    assert str(caught.value) == (
        f"{tmp_path}/top.cir:2:1: error: models.lib has no section ss\n"
        "    .lib models.lib ss\n    check the section's name"
    )


def test_files_outside_the_roots_are_not_opened(tmp_path: Path) -> None:
    outside = deck(tmp_path / "elsewhere", "R1 a 0 1k\n", "secret.inc")
    path = deck(tmp_path / "home", ".include ../elsewhere/secret.inc\nR2 a 0 1k\n")
    circuit = read_netlist(path)
    assert [device.name for device in circuit.devices] == ["R2"]
    assert [str(item) for item in circuit.diagnostics] == [
        f"{path}:2:1: warning: ../elsewhere/secret.inc is not read: "
        "it is outside the deck's folder\n"
        "    .include ../elsewhere/secret.inc\n"
        "    give its folder with -I, or use --trust-deck if you trust this deck"
    ]
    assert names(path, trust_deck=True) == ["R1", "R2"]
    assert names(path, include_dirs=[outside.parent]) == ["R1", "R2"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = deck(tmp_path / "elsewhere", "R1 a 0 1k\n", "secret.inc")
    path = deck(tmp_path / "home", ".include link.inc\nR2 a 0 1k\n")
    (tmp_path / "home/link.inc").symlink_to(outside)
    assert names(path) == ["R2"]


def test_an_absolute_path_is_not_opened(tmp_path: Path) -> None:
    assert names(deck(tmp_path, ".include /etc/hostname\nR2 a 0 1k\n")) == ["R2"]


def test_the_pdk_root_is_a_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deck(tmp_path / "pdk/libs", "R1 a 0 1k\n", "r.inc")
    path = deck(tmp_path / "home", ".include $PDK_ROOT/libs/r.inc\n")
    assert names(path) == []
    monkeypatch.setenv("PDK_ROOT", str(tmp_path / "pdk"))
    assert names(path) == ["R1"]


@pytest.mark.parametrize("text", [".include top.cir\n", ".include other.inc\n"])
def test_a_loop_is_an_error(text: str, tmp_path: Path) -> None:
    deck(tmp_path, ".include top.cir\n", "other.inc")
    with pytest.raises(NetlistError, match=r"error: \S+ includes itself\n"):
        read_netlist(deck(tmp_path, text))


def test_deep_includes_are_refused(tmp_path: Path) -> None:
    for i in range(60):
        deck(tmp_path, f".include i{i + 1}.inc\n", f"i{i}.inc")
    with pytest.raises(NetlistError, match="includes nested deeper than 40 levels"):
        read_netlist(deck(tmp_path, ".include i0.inc\n"))


def test_a_binary_include_is_an_error_of_the_deck(tmp_path: Path) -> None:
    (tmp_path / "x.inc").write_bytes(b"R1 a\0\n")
    with pytest.raises(NetlistError) as caught:
        read_netlist(deck(tmp_path, ".include x.inc\n"))
    assert str(caught.value).startswith(f"{tmp_path}/top.cir:2:1: error: {tmp_path}/x.inc:1: a NUL")


def test_what_a_missing_file_may_define_is_no_error(tmp_path: Path) -> None:
    path = deck(tmp_path, ".include models.inc\n.model n1 nmos\nM1 a b c d n2\nR1 a b {x}\n")
    circuit = read_netlist(path)
    assert [(item.severity, item.code) for item in circuit.diagnostics] == [
        ("warning", "include"),
        ("info", "undefined_model"),
        ("warning", "undefined_parameter"),
    ]
