"""The manual page and the completions of an installation: made by each version, found by man and the shells, gone with the program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from console.installation import documents
from console.installation.place import Place

PROGRAM = Path(sys.executable).with_name("kohoban")


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An installation with two versions: 1.0 is too old to print anything, 2.0 is this program."""
    found = Place(tmp_path_factory.mktemp("machine") / "opt")
    for version, program in (("1.0", Path("/bin/false")), ("2.0", PROGRAM)):
        (found.folder(version) / "bin").mkdir(parents=True)
        found.program(version).symlink_to(program)
        documents.make(found.folder(version))
    return found


@pytest.fixture
def place(two_versions: Place) -> Place:
    """The newer version is in force."""
    two_versions.switch_to("2.0")
    return two_versions


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """The folder of the commands."""
    folder = tmp_path / "local" / "bin"
    folder.mkdir(parents=True)
    return folder


def linked(commands: Path) -> dict[str, Path]:
    share = commands.parent / "share"
    return {str(path.relative_to(share)): path for path in share.rglob("*") if path.is_symlink()}


def test_each_version_has_its_own_and_one_that_cannot_print_them_has_none(place: Place) -> None:
    assert {name for name in documents.MADE if (place.folder("2.0") / "share" / name).stat().st_size > 1000} == set(
        documents.MADE
    )
    assert not (place.folder("1.0") / "share").exists()
    ja, en = ((place.folder("2.0") / "share" / name).read_text() for name in ("man/ja/man1/kohoban.1", "man/man1/kohoban.1"))
    assert "下書き" in ja and "下書き" not in en.replace("広報番", "")


def test_man_finds_the_page_beside_the_commands_in_the_language_of_its_reader(place: Place, commands: Path) -> None:
    if shutil.which("man") is None:
        pytest.skip("man is not installed")
    documents.link(place, commands)
    for lang, folder in (("C.UTF-8", "man/man1"), ("ja_JP.UTF-8", "man/ja/man1")):
        env = {**os.environ, "PATH": f"{commands}:{os.environ['PATH']}", "LANG": lang, "LANGUAGE": "", "LC_ALL": ""}
        env.pop("MANPATH", None)
        where = subprocess.run(
            ["man", "-w", *(("-L", "ja") if "ja" in lang else ()), "kohoban"],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        if "minimized" in where.stdout + where.stderr:
            pytest.skip("man is only its name here (a minimized system)")
        assert Path(where.stdout.strip()).resolve() == place.folder("2.0") / "share" / folder / "kohoban.1", where.stderr


def test_bash_takes_the_linked_completion(place: Place, commands: Path) -> None:
    documents.link(place, commands)
    script = linked(commands)["bash-completion/completions/kohoban"]
    said = subprocess.run(
        ["bash", "--norc", "-c", f"source '{script}' && complete -p kohoban"], capture_output=True, text=True, check=True
    )
    assert "-F _kohoban kohoban" in said.stdout


def test_the_links_follow_the_version_in_force(place: Place, commands: Path) -> None:
    documents.link(place, commands)
    assert set(linked(commands)) == set(documents.MADE)
    assert all(path.resolve().is_relative_to(place.folder("2.0")) for path in linked(commands).values())
    place.switch_to("1.0")
    documents.link(place, commands)
    assert linked(commands) == {}, "a link that leads nowhere is none"
    place.switch_to("2.0")
    documents.link(place, commands)
    assert set(linked(commands)) == set(documents.MADE)


def test_what_is_somebody_elses_is_left_alone_and_said(place: Place, commands: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = commands.parent / "share" / "man" / "man1" / "kohoban.1"
    page.parent.mkdir(parents=True)
    page.write_text("mine")
    documents.link(place, commands)
    assert str(page) in capsys.readouterr().out
    documents.unlink(place, commands)
    assert page.read_text() == "mine"
    assert linked(commands) == {}


def test_a_place_where_nothing_can_be_written_does_not_fail_the_installation(
    place: Place, commands: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (commands.parent / "share").write_text("a file, where a folder should be")
    documents.link(place, commands)
    assert capsys.readouterr().out.count("share") == len(documents.MADE)
    documents.unlink(place, commands)
