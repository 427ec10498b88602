"""Rules change while the daemon runs: a good change is swapped in whole, a broken one changes nothing and says why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from north_city import Kita

from daemon.rulebook.current import Current
from daemon.rulebook.model import RulebookError


def test_a_change_is_seen_on_disk_and_swapped_in_whole(kita: Kita) -> None:
    current = Current(kita.folder)
    first, since = current.rulebook, current.since
    assert not current.changed_on_disk()
    kita.edit(kita.rules, "田中 一郎", "鈴木 花子")
    assert current.changed_on_disk()
    assert current.reload()
    assert current.rulebook.operators["tanaka"].name == "鈴木 花子"
    assert first.operators["tanaka"].name == "田中 一郎"
    assert current.since > since
    assert not current.changed_on_disk()


def test_a_file_that_somebody_is_in_the_midst_of_writing_is_waited_for(kita: Kita) -> None:
    current = Current(kita.folder)
    whole = kita.rules.read_bytes()
    assert not current.written()
    kita.rules.write_bytes(whole[: whole.index(b"[[accounts]]")])  # reads like an office without accounts
    assert not current.written()
    kita.rules.write_bytes(whole + b"# ")
    assert not current.written()
    assert current.written()
    assert current.reload()
    assert not current.written()


def test_a_broken_file_keeps_the_last_good_rulebook_and_names_every_error(kita: Kita) -> None:
    current = Current(kita.folder)
    good = current.rulebook
    line = kita.edit(kita.policy, 'clause = "kita/2"', 'clause = "kita/22"')
    other = kita.edit(kita.rules, 'platform = "x"', 'platform = "mixi"')
    assert not current.reload()
    assert current.rulebook is good
    assert current.broken
    assert {(p.file, p.line) for p in current.problems} == {(str(kita.policy), line), (str(kita.rules), other)}
    assert not current.changed_on_disk()


def test_a_mended_file_is_put_in_force_again(kita: Kita) -> None:
    current = Current(kita.folder)
    kita.edit(kita.policy, "[[version]]", "[[version]")
    assert not current.reload()
    kita.edit(kita.policy, "[[version]", "# 直した\n[[version]]")
    assert current.changed_on_disk()
    assert current.reload()
    assert not current.broken
    assert (current.problems, current.rulebook.problems) == ((), ())


def test_a_file_that_vanishes_keeps_the_last_good_rulebook(kita: Kita) -> None:
    current = Current(kita.folder)
    kita.rules.unlink()
    assert current.changed_on_disk()
    assert not current.reload()
    assert current.problems[0].message == "ファイルがありません。"
    assert current.rulebook.accounts


@pytest.mark.parametrize("where", ["words", "policies"])
def test_a_word_list_or_a_new_policy_counts_as_a_change(kita: Kita, where: str) -> None:
    current = Current(kita.folder)
    if where == "words":
        kita.edit(kita.words, "あほ", "とんま")
    else:
        (kita.policy.parent / "minami.toml").write_text(
            kita.policy.read_text(encoding="utf-8").replace("kita", "minami"), encoding="utf-8"
        )
    assert current.changed_on_disk()
    assert current.reload()


def test_a_list_that_was_missing_counts_as_a_change_when_it_comes(kita: Kita) -> None:
    current = Current(kita.folder)
    kita.edit(kita.policy, 'lists = ["rude"]', 'lists = ["rude", "later"]')
    assert not current.reload()
    (kita.words.parent / "later.txt").write_text("のろま\n", encoding="utf-8")
    assert current.changed_on_disk()
    assert current.reload()


def test_a_file_replaced_by_one_of_the_same_size_and_time_counts_as_a_change(kita: Kita, tmp_path: Path) -> None:
    current = Current(kita.folder)
    before = kita.rules.stat()
    fresh = tmp_path / "fresh.toml"
    fresh.write_text(kita.rules.read_text(encoding="utf-8").replace("田中 一郎", "田中 二郎"), encoding="utf-8")
    os.utime(fresh, ns=(before.st_atime_ns, before.st_mtime_ns))
    fresh.replace(kita.rules)
    assert kita.rules.stat().st_size == before.st_size
    assert current.changed_on_disk()


def test_a_touch_changes_nothing_in_force(kita: Kita) -> None:
    current = Current(kita.folder)
    good = current.rulebook
    os.utime(kita.rules)
    assert current.changed_on_disk()
    assert not current.reload()
    assert current.rulebook is good
    assert not current.broken


def test_a_comment_in_a_policy_is_a_new_hash(kita: Kita) -> None:
    current = Current(kita.folder)
    before = current.rulebook.hash
    kita.add(kita.policy, "# 確認済み\n")
    assert current.reload()
    assert current.rulebook.hash != before


def test_an_office_that_was_never_good_does_not_start(kita: Kita) -> None:
    kita.edit(kita.rules, "[office]", "[offices]")
    with pytest.raises(RulebookError) as refused:
        Current(kita.folder)
    assert "office" in refused.value.problems[0].message
