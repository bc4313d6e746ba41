"""Design kits of eda.toml: their corners, what is missing of them, and whom they open doors to."""

from pathlib import Path

import pytest

from eda.errors import ConfigError, InputError, NetlistError
from eda.spice import find_pdk, find_pdks, parse_netlist, read_netlist
from eda.spice.pdk import sections

KIT = """
[pdk.sky130]
root = "kits/sky"
lib = "models/sky.lib"
corners = ["tt", "ff"]

[pdk.gf180]
root = "kits/gf"
[pdk.gf180.corners]
typical = [".include design.inc", ".lib 'gf.lib' typical", ".param sw_stat_mismatch=0"]
slow = ".lib gf.lib ss"
"""
SKY = """.lib tt
.model n nmos level=1 vto=0.5
.endl tt
.lib ff
.model n nmos level=1 vto=0.3
.endl
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with an eda.toml and one of its two kits."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("EDA_CONFIG", "PDK_ROOT", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "work"
    (folder / "kits" / "sky" / "models").mkdir(parents=True)
    (folder / "kits" / "sky" / "models" / "sky.lib").write_text(SKY)
    (folder / "eda.toml").write_text(KIT)
    monkeypatch.chdir(folder)
    return folder


def deck(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "deck.cir"
    path.write_text(f"* a deck\n{text}\n.end\n")
    return path


def test_corners_are_cards_with_absolute_names(mine: Path) -> None:
    assert list(find_pdks()) == ["sky130", "gf180"]
    assert find_pdk("SKY130").cards() == (f'.lib "{mine}/kits/sky/models/sky.lib" tt',)
    assert find_pdk("gf180").cards("typical") == (
        f'.include "{mine}/kits/gf/design.inc"',
        f'.lib "{mine}/kits/gf/gf.lib" typical',
        ".param sw_stat_mismatch=0",
    )
    with pytest.raises(InputError) as caught:
        find_pdk("sky130").cards("zz")
    assert str(caught.value) == "the PDK sky130 has no corner 'zz'; it has tt, ff"
    with pytest.raises(InputError) as caught:
        find_pdk("sky13")
    assert str(caught.value) == (
        "there is no PDK 'sky13'; did you mean sky130? Write it into eda.toml; see `eda doctor`"
    )


def test_what_is_missing(mine: Path) -> None:
    assert find_pdk("sky130").problems() == []
    assert find_pdk("gf180").problems() == [f"there is no folder {mine}/kits/gf"]
    (mine / "kits/gf").mkdir()
    (mine / "kits/gf/gf.lib").write_text(".lib typical\n.endl\n")
    assert find_pdk("gf180").problems() == [
        f"there is no file {mine}/kits/gf/design.inc",
        f"{mine}/kits/gf/gf.lib has no section ss",
    ]


def test_a_preamble_brings_in_the_models(mine: Path, tmp_path: Path) -> None:
    path = deck(tmp_path / "elsewhere", "M1 d g 0 0 n w=1u l=1u\nV1 d 0 1\nV2 g 0 1")
    for corner, threshold in (("tt", 0.5), ("ff", 0.3)):
        circuit = read_netlist(path, preamble=find_pdk("sky130").cards(corner))
        assert circuit.models["n"].parameters["vto"] == threshold
        assert circuit.device("m1").span.line == 2
        assert circuit.source is not None
        assert circuit.source.path == str(path)


def test_a_root_of_the_users_own_config_may_be_included_from(mine: Path, tmp_path: Path) -> None:
    path = deck(tmp_path / "elsewhere", f'.lib "{mine}/kits/sky/models/sky.lib" tt')
    assert list(read_netlist(path).models) == ["n"]
    # A plain name is looked for below the roots, behind every other place.
    path = deck(tmp_path / "elsewhere", ".lib models/sky.lib ff")
    assert list(read_netlist(path).models) == ["n"]
    assert list(parse_netlist("* x\n.lib models/sky.lib ff\nR1 a 0 1\n").models) == ["n"]


def test_a_config_beside_a_strangers_deck_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "models.inc").write_text(".model n nmos\n")
    stranger = tmp_path / "download"
    path = deck(stranger, '.include "../secret/models.inc"\nR1 a 0 1')
    (stranger / "eda.toml").write_text("[pdk.x]\nroot = '../secret'\n")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.delenv("EDA_CONFIG", raising=False)
    monkeypatch.chdir(here)
    circuit = read_netlist(path)
    assert circuit.models == {}
    assert [item.message for item in circuit.diagnostics] == [
        "../secret/models.inc is not read: it is outside the deck's folder"
    ]
    monkeypatch.setenv("EDA_CONFIG", str(stranger / "eda.toml"))
    assert list(read_netlist(path).models) == ["n"]


def test_what_an_installer_has_put_below_pdk_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("EDA_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    models = tmp_path / "pdks" / "sky130A" / "libs.tech" / "ngspice"
    models.mkdir(parents=True)
    (models / "sky130.lib.spice").write_text(SKY)
    monkeypatch.setenv("PDK_ROOT", str(tmp_path / "pdks"))
    (kit,) = find_pdks().values()
    assert (kit.name, kit.told_by, list(kit.corners)) == ("sky130A", "$PDK_ROOT", ["tt", "ff"])
    assert kit.cards("ff") == (f'.lib "{models}/sky130.lib.spice" ff',)
    assert kit.problems() == []


def test_sections(tmp_path: Path) -> None:
    path = tmp_path / "x.lib"
    path.write_text(
        "* .lib no\n.LIB TT\n.lib 'other.lib' tt\n.endl\n  .lib ff $ fast\n.endl\n.lib TT\n.endl\n"
    )
    assert sections(path) == ["TT", "ff"]
    assert sections(tmp_path / "nix.lib") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[pdk]\nx = 1\n", "pdk.x: it must be a table; write [pdk.x]"),
        ("[pdk.x]\n", "pdk.x.root: it must be the folder of the PDK, as a text"),
        ("[pdk.x]\nroot = 3\n", "pdk.x.root: it must be the folder of the PDK, as a text"),
        ("[pdk.x]\nrot = 'a'\n", "pdk.x.rot: not known; did you mean root?"),
        (
            "[pdk.x]\nroot = '$NIX_NIX/a'\n",
            "pdk.x.root: $NIX_NIX/a names an environment variable that is not set",
        ),
        (
            "[pdk.x]\nroot = '/'\n",
            "pdk.x.root: every file of the machine could then be included; name the PDK's folder",
        ),
        (
            "[pdk.x]\nroot = '.'\ncorners = ['tt']\n",
            "pdk.x.corners: a list names the sections of a library; add lib, or write a table",
        ),
        (
            "[pdk.x]\nroot = '.'\nlib = 'a'\ncorners = ['t t']\n",
            "pdk.x.corners: 't t' is no name of a section",
        ),
        (
            "[pdk.x]\nroot = '.'\ncorners = 3\n",
            "pdk.x.corners: it must be a table of cards by name, or with lib a list of sections",
        ),
        (
            "[pdk.x]\nroot = '.'\n[pdk.x.corners]\ntt = 'M1 a b c d n'\n",
            "pdk.x.corners.tt: 'M1 a b c d n' is no .include, .lib or .param card",
        ),
        (
            '[pdk.x]\nroot = \'.\'\n[pdk.x.corners]\ntt = """\n.lib a b\n.control"""\n',
            "pdk.x.corners.tt: '.lib a b\\n.control' is no .include, .lib or .param card",
        ),
        (
            "[pdk.x]\nroot = '.'\n[pdk.x.corners]\ntt = []\n",
            "pdk.x.corners.tt: it must be a card or a list of cards",
        ),
        (
            "[pdk.x]\nroot = '.'\nlib = 3\n",
            "pdk.x.lib: it must be the file name of a library, as a text",
        ),
        (
            "[pdk.x]\nroot = '.'\nlib = 'a'\n[pdk.x.corners]\ntt = '.lib a b'\n",
            "pdk.x.lib: it goes with a list of sections; the corners here have cards of their own",
        ),
    ],
)
def test_what_is_refused(text: str, message: str, mine: Path) -> None:
    (mine / "eda.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        find_pdks()
    assert str(caught.value) == f"{mine / 'eda.toml'}: {message}"


def test_a_broken_config_is_told_where_it_is_needed(mine: Path, tmp_path: Path) -> None:
    (mine / "eda.toml").write_text("[pdk.x]\n")
    assert read_netlist(deck(tmp_path / "a", "R1 a 0 1")).devices
    with pytest.raises(ConfigError, match=r"pdk\.x\.root"):
        read_netlist(deck(tmp_path / "a", ".include nix.inc\nR1 a 0 1"))


def test_a_kit_without_corners(mine: Path) -> None:
    (mine / "eda.toml").write_text("[pdk.x]\nroot = '.'\n")
    with pytest.raises(InputError) as caught:
        find_pdk("x").cards()
    assert str(caught.value) == (
        f"the PDK x ({mine / 'eda.toml'}) has no corners; list them in eda.toml"
    )


def test_a_section_that_is_not_there(mine: Path, tmp_path: Path) -> None:
    with pytest.raises(NetlistError) as caught:
        read_netlist(deck(tmp_path / "a", "R1 a 0 1"), preamble=[".lib models/sky.lib zz"])
    assert str(caught.value) == (
        "<preamble>:1:1: error: models/sky.lib has no section zz\n"
        "    .lib models/sky.lib zz\n"
        "    check the section's name"
    )
