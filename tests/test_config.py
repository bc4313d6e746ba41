"""eda.toml: which file counts, and what is wrong with one."""

import os
from pathlib import Path

import pytest

from eda.config import Config, configs, load_config, read_config
from eda.errors import ConfigError


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("EDA_CONFIG", raising=False)
    return folder


def write(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "eda.toml"
    path.write_text(f"[pdk.{name}]\nroot = '.'\n")
    return path


def names(start: Path | None = None) -> list[str]:
    return [next(iter(item.table("pdk"))) for item in configs(start)]


def test_the_nearest_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = home / "a" / "b" / "c"
    deep.mkdir(parents=True)
    assert load_config(deep) == Config()
    user = write(home / ".config" / "eda", "user")
    assert load_config(deep).path == user
    write(home.parent, "above_home")
    assert names(deep) == ["user"]
    write(home / "a", "project")
    assert names(deep) == ["project", "user"]
    monkeypatch.chdir(deep)
    assert names() == ["project", "user"]
    other = write(home / "elsewhere", "named")
    monkeypatch.setenv("EDA_CONFIG", str(other))
    assert names(deep) == ["named"]


def test_the_users_file_counts_once(home: Path) -> None:
    folder = home / ".config" / "eda"
    write(folder, "user")
    assert names(folder) == ["user"]


def test_a_file_of_somebody_else_is_passed_over(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, "mine")
    monkeypatch.setattr(os, "getuid", lambda: home.stat().st_uid + 4321)
    assert load_config(home).path is None or home.stat().st_uid == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[pkd.sky130]\n", "pkd: not known; did you mean pdk?"),
        ("[zebra]\n", "zebra: not known; there are [pdk], [rules]"),
        ("pdk = 1\n", "pdk: it must be a table; write [pdk]"),
        ("[pdk\n", "it is no TOML: Expected ']' at the end of a table declaration"),
        ("x = " + "[" * 100_000, "it is nested too deeply"),
        ("#" * (2**20 + 1), "it has more than 1048576 bytes"),
    ],
)
def test_what_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "eda.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert caught.value.path == str(path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "eda.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="it is no TOML: 'utf-8' codec can't decode"):
        read_config(path)


def test_a_named_file_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EDA_CONFIG", str(tmp_path / "nix.toml"))
    with pytest.raises(ConfigError) as caught:
        load_config()
    assert (
        str(caught.value)
        == f"{tmp_path / 'nix.toml'}: it cannot be read: No such file or directory"
    )


def test_an_error_names_file_and_key(tmp_path: Path) -> None:
    error = read_config(write(tmp_path, "x")).error("pdk.x.root", "there is no such folder")
    assert str(error) == f"{tmp_path / 'eda.toml'}: pdk.x.root: there is no such folder"
    assert error.key == "pdk.x.root"
