"""``./bootstrap`` with stand-ins for Python, pip and the package managers: no network, no installs.

The stand-ins write down how they were called; PATH holds them and the few programs every system
has, so that nothing of this machine is found.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = ("bootstrap", "pyproject.toml", "setup.py", "constraints.txt")
PLAIN = (
    "cat",
    "chmod",
    "cksum",
    "cp",
    "dirname",
    "env",
    "mkdir",
    "rm",
    "sed",
    "sh",
    "tail",
    "touch",
    "true",
)

PYTHON = """#!/bin/sh
echo "python $*" >>"$CALLS"
case "$*" in
    *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"-m pip"*) [ -z "${PIP_FAILS:-}" ] || { echo "ERROR: no network"; exit 1; } ;;
esac
"""
APT = """#!/bin/sh
echo "apt-get $*" >>"$CALLS"
[ -z "${APT_FAILS:-}" ] || exit 100
case "$*" in
    *ngspice*) touch "$BIN/ngspice" && chmod +x "$BIN/ngspice" ;;
esac
"""
NO_NGSPICE = (
    "bootstrap: ngspice or libngspice could not be installed; commands that simulate need them,"
    " the others do not (Debian: apt-get install ngspice libngspice0-dev)."
)
NO_ABC = "bootstrap: berkeley-abc could not be installed; it is optional, and only logic uses it."


class House:
    """A checkout in a bare world."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "a project"
        self.bin = folder / "bin"
        self.calls = folder / "calls"
        self.project.mkdir()
        self.bin.mkdir()
        self.calls.touch()
        for name in PROJECT:
            shutil.copy(ROOT / name, self.project / name)
        for name in PLAIN:
            program = shutil.which(name)
            assert program is not None
            (self.bin / name).symlink_to(program)
        self.program("python3", PYTHON)
        self.program("id", "#!/bin/sh\necho 0\n")
        self.program("show", '#!/bin/sh\necho "$PWD $*"\n')

    def program(self, name: str, text: str) -> None:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)

    def run(
        self, *words: str, folder: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        surroundings = {
            "PATH": str(self.bin),
            "BIN": str(self.bin),
            "CALLS": str(self.calls),
            # Stands for an installed library, wherever a system keeps it.
            "NGSPICE_LIBRARY_PATH": "/libngspice.so",
            **variables,
        }
        self.calls.write_text("")
        return subprocess.run(
            [str(self.project / "bootstrap"), *words],
            capture_output=True,
            text=True,
            cwd=folder or self.project,
            env=surroundings,
            check=False,
        )

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def ready(house: House) -> House:
    """A house in which everything is there."""
    for name in ("ngspice", "abc"):
        house.program(name, "#!/bin/sh\n")
    assert house.run("show").returncode == 0
    return house


def test_the_first_run_installs_torch_before_anything_that_wants_it(house: House) -> None:
    house.program("ngspice", "#!/bin/sh\n")
    house.program("abc", "#!/bin/sh\n")
    ran = house.run("show", "x")
    assert (ran.returncode, ran.stdout) == (0, f"{house.project} x\n")
    assert [line.partition(":")[0] for line in ran.stderr.splitlines()] == ["bootstrap"] * 2
    installs = [line for line in house.called() if " install " in line]
    constraints = f"-c {house.project}/constraints.txt torch==2.13.0"
    assert "pip>=25.1" in installs[0]
    assert installs[1].endswith(constraints)
    assert installs[2].endswith(f"{constraints} -e .[bo,cluster,tracking] --group dev")
    assert len(installs) == 3


def test_when_nothing_is_to_do_it_is_silent_and_installs_nothing(ready: House) -> None:
    ran = ready.run("show", "x.sp")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"{ready.project} x.sp\n", "")
    assert not [line for line in ready.called() if "install" in line]


def test_the_command_runs_in_the_folder_of_the_caller(ready: House, tmp_path: Path) -> None:
    ran = ready.run("show", "x.sp", folder=tmp_path)
    assert ran.stdout == f"{tmp_path} x.sp\n"


def test_programs_of_the_environment_come_first(ready: House) -> None:
    own = ready.project / ".venv" / "bin" / "show"
    own.write_text("#!/bin/sh\necho own\n")
    own.chmod(0o755)
    assert ready.run("show").stdout == "own\n"


def test_the_exit_code_is_that_of_the_command(ready: House) -> None:
    ready.program("fail", "#!/bin/sh\nexit 2\n")
    assert ready.run("fail").returncode == 2


@pytest.mark.parametrize("name", PROJECT[1:])
def test_a_changed_file_installs_again(name: str, ready: House) -> None:
    with (ready.project / name).open("a") as stream:
        stream.write("# changed\n")
    assert ready.run("show").returncode == 0
    assert [line for line in ready.called() if "-e .[" in line]


def test_a_moved_checkout_gets_a_new_environment(ready: House) -> None:
    ready.project = ready.project.rename(ready.project.with_name("moved"))
    assert ready.run("show").returncode == 0
    assert [line for line in ready.called() if "-m venv --clear" in line]
    assert [line for line in ready.called() if "-e .[" in line]


def test_an_environment_made_by_hand_is_kept(ready: House) -> None:
    (ready.project / ".venv" / "bootstrap.root").unlink()
    (ready.project / ".venv" / "bootstrap.stamp").unlink()
    assert ready.run("show").returncode == 0
    assert not [line for line in ready.called() if "-m venv" in line]
    assert [line for line in ready.called() if "-e .[" in line]


def test_ngspice_is_installed_where_it_is_missing(house: House) -> None:
    house.program("apt-get", APT)
    house.program("abc", "#!/bin/sh\n")
    ran = house.run("show")
    assert ran.returncode == 0
    assert ran.stderr.splitlines()[-1] == (
        "bootstrap: installing ngspice libngspice0-dev (apt-get)"
    )
    assert [line for line in house.called() if "apt" in line] == [
        "apt-get install -y --no-install-recommends ngspice libngspice0-dev"
    ]


def test_without_a_package_manager_it_says_so_once_and_goes_on(house: House) -> None:
    ran = house.run("show")
    assert (ran.returncode, ran.stdout) == (0, f"{house.project} \n")
    assert ran.stderr.splitlines()[-2:] == [NO_NGSPICE, NO_ABC]
    assert house.run("show").stderr == ""
    again = house.run()
    assert again.returncode == 0
    assert again.stderr.splitlines() == [
        NO_NGSPICE,
        NO_ABC,
        "bootstrap: ready; try ./bootstrap eda --help",
    ]


def test_package_lists_are_brought_up_to_date_where_an_install_fails(house: House) -> None:
    house.program("apt-get", APT)
    ran = house.run("show", APT_FAILS="yes")
    assert ran.returncode == 0
    assert ran.stderr.splitlines()[-1] == NO_ABC
    install = "apt-get install -y --no-install-recommends"
    assert [line for line in house.called() if "apt" in line] == [
        f"{install} ngspice libngspice0-dev",
        "apt-get update",
        f"{install} ngspice libngspice0-dev",
        f"{install} berkeley-abc",
        "apt-get update",
        f"{install} berkeley-abc",
    ]


def test_sudo_is_used_where_the_user_is_not_root(house: House) -> None:
    house.program("id", "#!/bin/sh\necho 1000\n")
    house.program("apt-get", APT)
    house.program("abc", "#!/bin/sh\n")
    assert house.run("show").stderr.splitlines()[-1] == NO_NGSPICE
    house.program("sudo", '#!/bin/sh\necho "sudo $*" >>"$CALLS"\nshift\nexec "$@"\n')
    ran = house.run()
    assert ran.returncode == 0
    sudo = [line for line in house.called() if line.startswith("sudo")]
    assert sudo == [
        "sudo -n true",
        "sudo -n env DEBIAN_FRONTEND=noninteractive"
        " apt-get install -y --no-install-recommends ngspice libngspice0-dev",
    ]


@pytest.mark.parametrize(
    ("manager", "call"),
    [
        ("dnf", "dnf install -y ngspice libngspice"),
        ("pacman", "pacman -S --needed --noconfirm ngspice"),
        ("brew", "brew install ngspice libngspice"),
    ],
)
def test_other_package_managers(manager: str, call: str, house: House) -> None:
    house.program(manager, APT.replace("apt-get", manager))
    house.program("abc", "#!/bin/sh\n")
    ran = house.run("show")
    assert ran.returncode == 0
    assert [line for line in house.called() if line.startswith(manager)] == [call]


def test_a_failing_install_is_one_sentence_and_leaves_no_stamp(house: House) -> None:
    ran = house.run("show", PIP_FAILS="yes")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.splitlines()[-2:] == [
        "    ERROR: no network",
        "bootstrap: pip cannot be brought up to date; see .venv/bootstrap.log,"
        " and run ./bootstrap again when it is mended.",
    ]
    assert not (house.project / ".venv" / "bootstrap.stamp").exists()
    assert house.run("show").returncode == 0


def test_no_python_is_one_sentence(house: House) -> None:
    house.program("python3", "#!/bin/sh\nexit 1\n")
    ran = house.run("show")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr == (
        "bootstrap: Python 3.11 or newer is needed and was not found; install it (Debian:"
        " apt-get install python3 python3-venv), or name one in PYTHON.\n"
    )


def test_the_interpreter_can_be_named(house: House) -> None:
    house.program("other", PYTHON)
    house.program("python3", "#!/bin/sh\nexit 1\n")
    ran = house.run("show", PYTHON=str(house.bin / "other"))
    assert ran.returncode == 0


def test_a_folder_that_cannot_be_written(house: House) -> None:
    if os.geteuid() == 0:
        house.program("python3", PYTHON.replace("mkdir -p .venv/bin", "false"))
    else:
        house.project.chmod(0o555)
    ran = house.run("show")
    assert ran.returncode == 3
    assert ran.stderr.splitlines()[-1] == (
        f"bootstrap: .venv cannot be made in {house.project}; is the folder yours to write in?"
    )


def test_the_torch_version_is_that_of_the_constraints() -> None:
    wanted = (ROOT / "constraints.txt").read_text().splitlines()
    assert "torch==2.13.0" in wanted
    assert "torch=torch==2.13.0\n" in (ROOT / "bootstrap").read_text()
