"""`check --fix` and `--diff`: a person's word changes a file, and only where a finding offers it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from console.cli.answers import FindingSaid
from console.cli.formats import Page
from console.cli.mend import chosen, mended
from console.launch import run

WRONG_DAY = "11月の催しのお知らせです。\n2026年11月21日（金）に開きます。\n"
RIGHT_DAY = WRONG_DAY.replace("（金）", "（土）")


def finding(start: int, end: int, fix: str | None) -> FindingSaid:
    return FindingSaid(
        clause="c", cite="", text="", rule="r", verdict="block", start=start, end=end, message="", message_en="", fix=fix
    )


@pytest.fixture
def check(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("KOHOBAN_LANG", "en")
    monkeypatch.chdir(tmp_path)

    def go(*words: str, stdin: bytes = b"") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run(["check", "--policy", "minato", "--only", "content", *words])
        return code, capfd.readouterr().out

    return go


@pytest.mark.parametrize(
    ("codec", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("cp932", b""), ("utf-16-le", b"\xff\xfe"), ("euc_jp", b"")],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_fix_keeps_encoding_mark_and_line_ends(
    check: Callable[..., tuple[int, str]], tmp_path: Path, codec: str, mark: bytes, end: str
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(mark + WRONG_DAY.replace("\n", end).encode(codec))
    file.chmod(0o640)
    code, _ = check("--fix", "a.txt")
    assert file.read_bytes() == mark + RIGHT_DAY.replace("\n", end).encode(codec)
    assert file.stat().st_mode & 0o777 == 0o640
    assert code == 1, "a hook must not let a changed file through unread"
    assert check("--fix", "a.txt")[0] == 0


def test_a_diff_shows_what_would_change_and_changes_nothing(check: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(WRONG_DAY, encoding="utf-8")
    code, out = check("--diff", "a.txt")
    assert code == 1
    assert "-2026年11月21日（金）に開きます。" in out
    assert "+2026年11月21日（土）に開きます。" in out
    assert file.read_text(encoding="utf-8") == WRONG_DAY


def test_standard_input_is_mended_onto_standard_output(check: Callable[..., tuple[int, str]]) -> None:
    assert check("--fix", "--stdin", stdin=WRONG_DAY.encode())[1] == RIGHT_DAY


def test_front_matter_is_left_alone(check: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    front = '+++\nauthor = "kato"   # 2026年11月21日（金）\n+++\n\n'
    (tmp_path / "a.txt").write_text(front + WRONG_DAY, encoding="utf-8")
    check("--fix", "a.txt")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == front + RIGHT_DAY


def test_of_two_fixes_that_overlap_only_the_first_is_carried_out() -> None:
    fixes = chosen([finding(4, 8, "b"), finding(0, 5, "a"), finding(8, 9, "c"), finding(10, 10, "d"), finding(11, 12, None)])
    assert [fix.fix for fix in fixes] == ["a", "c"]


def test_bytes_that_were_not_read_exactly_are_never_written_back() -> None:
    with pytest.raises(ValueError, match="decode"):
        mended(b"\x82", Page("\ufffd"), [finding(0, 1, "x")])
    with pytest.raises(ValueError, match="exactly"):
        mended("あ".encode(), Page("い"), [finding(0, 1, "x")])


def test_a_fix_that_the_files_encoding_cannot_write_leaves_the_file_alone() -> None:
    with pytest.raises(ValueError, match="encode"):
        mended("あした".encode("cp932"), Page("あした"), [finding(0, 1, "😀")])
