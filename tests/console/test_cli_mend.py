"""`check --fix` and `--diff`: a person's word changes a file, and only where a finding offers it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from console.cli.answers import FindingSaid
from console.cli.mending import mended, returns
from console.fixes import chosen
from console.launch import run
from tests.north import north

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
    code, _ = check("--fix", "--unsafe", "a.txt")
    assert file.read_bytes() == mark + RIGHT_DAY.replace("\n", end).encode(codec)
    assert file.stat().st_mode & 0o777 == 0o640
    assert code == 1, "a hook must not let a changed file through unread"
    assert check("--fix", "--unsafe", "a.txt")[0] == 0


def test_a_diff_shows_what_would_change_and_changes_nothing(check: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(WRONG_DAY, encoding="utf-8")
    code, out = check("--diff", "--unsafe", "a.txt")
    assert code == 1
    assert "-2026年11月21日（金）に開きます。" in out
    assert "+2026年11月21日（土）に開きます。" in out
    assert file.read_text(encoding="utf-8") == WRONG_DAY


def test_standard_input_is_mended_onto_standard_output(check: Callable[..., tuple[int, str]]) -> None:
    assert check("--fix", "--unsafe", "--stdin", stdin=WRONG_DAY.encode())[1] == RIGHT_DAY


HIDDEN = "説明会は\u202e24日です。\n2026年11月21日（金）に開きます。\n"
"""Something that may be taken out unseen, and something that somebody has to look at."""


def test_by_itself_only_what_cannot_change_the_meaning_is_mended_and_the_rest_is_named(
    check: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    file = tmp_path / "a.txt"
    file.write_text(HIDDEN, encoding="utf-8")
    _, out = check("--diff", "a.txt")
    assert "+説明会は24日です。" in out and "（土）" not in out
    check("--fix", "--diff", "a.txt")
    assert file.read_text(encoding="utf-8") == HIDDEN
    check("--fix", "a.txt")
    assert file.read_text(encoding="utf-8") == HIDDEN.replace("\u202e", "")
    again = file.read_bytes()
    check("--fix", "a.txt")
    assert file.read_bytes() == again


SIGNED = (
    north("末尾に部署名を、冒頭に見出しを付ける。", kind="AUTO")
    + """

[[rule]]
id = "signature"
check = "said"
clause = "kita/3"
level = "block"
at = "end"
any = ['（北市広報課）\\s*$']
add = "（北市広報課）"
message = "署名を付けてください。"
message_en = "Sign it."

[[rule]]
id = "heading"
check = "said"
clause = "kita/3"
level = "block"
at = "start"
any = ['【.+】']
add = "【お知らせ】"
message = "見出しを付けてください。"
message_en = "Give it a heading."
"""
)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_missing_is_put_in_with_the_files_own_line_ends_once(
    check: Callable[..., tuple[int, str]], tmp_path: Path, end: str
) -> None:
    (tmp_path / "kita.toml").write_text(SIGNED, encoding="utf-8")
    file = tmp_path / "a.txt"
    file.write_bytes(f'+++{end}kind = "poll"{end}poll = {{ options = ["朝", "夜"] }}{end}+++{end}いつがよいですか。'.encode())
    before = file.read_bytes()
    for _ in range(2):
        check("--policy", str(tmp_path / "kita.toml"), "--fix", "a.txt")
        assert file.read_bytes() == before.replace(
            "いつがよいですか。".encode(), f"【お知らせ】{end}いつがよいですか。{end}（北市広報課）".encode()
        )


def test_a_link_is_not_written_through(check: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text(HIDDEN, encoding="utf-8")
    (tmp_path / "a.txt").symlink_to("real.txt")
    assert check("--fix", "a.txt")[0] == 2
    assert (tmp_path / "real.txt").read_text(encoding="utf-8") == HIDDEN


def test_where_carriage_returns_stand_is_known_for_those_who_count_them() -> None:
    assert returns(b"a\r\nb\nc\r\n", "a\nb\nc\n") == (1, 5)
    assert returns(b"a\nb", "a\nb") == ()


def test_front_matter_is_left_alone(check: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    front = '+++\nauthor = "kato"   # 2026年11月21日（金）\n+++\n\n'
    (tmp_path / "a.txt").write_text(front + WRONG_DAY, encoding="utf-8")
    check("--fix", "--unsafe", "a.txt")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == front + RIGHT_DAY


def test_of_two_fixes_that_overlap_only_the_first_is_carried_out() -> None:
    offered = [finding(4, 8, "b"), finding(0, 5, "a"), finding(8, 9, "c"), finding(10, 10, "d"), finding(11, 12, None)]
    assert [fix.fix for fix in chosen(offered, unsafe=True)] == ["a", "c", "d"]
    twice = [finding(3, 3, "x"), finding(3, 3, "y"), finding(3, 5, ""), finding(0, 0, ""), finding(5, 6, "")]
    assert [(fix.start, fix.fix) for fix in chosen(twice, unsafe=True)] == [(3, "x"), (5, "")]


def test_bytes_that_were_not_read_exactly_are_never_written_back() -> None:
    with pytest.raises(ValueError, match="decode"):
        mended(b"\x82", "\ufffd", 0, [finding(0, 1, "x")])
    with pytest.raises(ValueError, match="exactly"):
        mended("あ".encode(), "い", 0, [finding(0, 1, "x")])


def test_a_fix_that_the_files_encoding_cannot_write_leaves_the_file_alone() -> None:
    with pytest.raises(ValueError, match="encode"):
        mended("あした".encode("cp932"), "あした", 0, [finding(0, 1, "😀")])
