"""A policy that is kept is the policy that would be read, and nothing that is not the user's own is believed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from north_city import Kita

from daemon.rulebook import kept
from daemon.rulebook.folders import BUNDLED, bundled
from daemon.rulebook.kept import cache_folder, load_kept, load_rulebook_kept
from daemon.rulebook.load import load_policy, load_rulebook
from daemon.rulebook.model import RulebookError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder, empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "kohoban"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The policies that were read from their files."""
    paths: list[Path] = []

    def counted(path: Path, **named: object) -> object:
        paths.append(path)
        return load_policy(path, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "load_policy", counted)
    return paths


@pytest.mark.parametrize("name", bundled())
def test_what_is_kept_is_what_was_read(name: str, cache: Path, read: list[Path]) -> None:
    path = BUNDLED / f"{name}.toml"
    assert load_kept(path) == load_kept(path) == load_policy(path)
    assert read == [path]
    assert [file.stat().st_mode & 0o777 for file in (cache, *cache.iterdir())] == [0o700, 0o600]


def _policy(kita: Kita) -> Path:
    return next((kita.folder / "policies").glob("*.toml"))


def _add(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


RULE = """
[[rule]]
id = "more"
check = "words"
clause = "office/more"
level = "warn"
terms = ["ことば"]
message = "一覧の語です。"
message_en = "A word of the list."
"""


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: _add(next(folder.glob("*.toml")), "\n# said otherwise\n"),
        lambda folder: (folder / "office.toml").write_text(RULE, encoding="utf-8"),
        lambda folder: _add(folder / "words" / "rude.txt", "ぶれい\n"),
        lambda folder: (folder / "another.toml").write_text("", encoding="utf-8"),
    ],
    ids=["the file itself", "rules of the office", "a list of words", "another policy beside it"],
)
def test_it_is_read_again_as_soon_as_something_says_something_else(
    change: Callable[[Path], object], kita: Kita, cache: Path, read: list[Path]
) -> None:
    path = _policy(kita)
    before = load_kept(path)
    assert load_kept(path) == before
    change(path.parent)
    assert load_kept(path) == load_policy(path)
    assert read == [path, path]


def test_a_file_that_was_only_touched_says_the_same(kita: Kita, cache: Path, read: list[Path]) -> None:
    path = _policy(kita)
    load_kept(path)
    os.utime(path)
    load_kept(path)
    assert read == [path]


def test_another_day_and_another_program_read_it_again(
    kita: Kita, cache: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _policy(kita)
    load_kept(path)
    today = kept.today()
    monkeypatch.setattr(kept, "today", lambda: today.replace(year=today.year + 1, day=1))
    load_kept(path)
    monkeypatch.setattr(kept, "_program", lambda: "another")
    load_kept(path)
    assert read == [path] * 3


def test_a_policy_with_an_error_is_never_kept(kita: Kita, cache: Path) -> None:
    path = _policy(kita)
    _add(path, "\n[[rule]]\n")
    for _ in range(2):
        with pytest.raises(RulebookError):
            load_kept(path)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("raw", [b"", b"\xff" * 40, b"\x91" * 100_000])
def test_what_cannot_be_read_is_read_from_the_policy_and_put_right(raw: bytes, kita: Kita, cache: Path, read: list[Path]) -> None:
    path = _policy(kita)
    load_kept(path)
    (file,) = cache.iterdir()
    file.write_bytes(raw)
    assert load_kept(path) == load_policy(path)
    load_kept(path)
    assert read == [path, path]


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o707])
def test_a_folder_that_others_may_look_into_is_not_used(mode: int, kita: Kita, cache: Path, read: list[Path]) -> None:
    path = _policy(kita)
    load_kept(path)
    cache.chmod(mode)
    assert cache_folder() is None
    load_kept(path)
    assert read == [path, path]


def test_a_link_and_a_file_that_others_may_write_are_not_believed(kita: Kita, cache: Path, read: list[Path]) -> None:
    path = _policy(kita)
    load_kept(path)
    (file,) = cache.iterdir()
    file.chmod(0o666)
    load_kept(path)
    assert file.stat().st_mode & 0o777 == 0o600
    there = file.rename(cache / "elsewhere")
    file.symlink_to(there)
    load_kept(path)
    assert read == [path] * 3


@pytest.mark.parametrize("value", ["none", "/dev/null", "/proc/none"])
def test_without_a_folder_policies_are_read_as_ever(
    value: str, kita: Kita, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    path = _policy(kita)
    assert load_kept(path) == load_kept(path) == load_policy(path)
    assert read == [path, path]


def test_a_whole_office_is_kept_until_any_of_its_files_says_something_else(kita: Kita, cache: Path) -> None:
    day = kept.today()
    first = load_rulebook_kept(kita.folder, day)
    assert first == load_rulebook_kept(kita.folder, day) == load_rulebook(kita.folder, day)
    rules = kita.folder / "rules.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("北市広報課", "北市広聴課"), encoding="utf-8")
    assert load_rulebook_kept(kita.folder, day).office.name == "北市広聴課"
    assert [file.name[:7] for file in cache.iterdir()] == ["office-"]


def test_so_many_are_kept_and_no_more(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    for name in bundled():
        load_kept(BUNDLED / f"{name}.toml")
    assert len(list(cache.iterdir())) == 2
