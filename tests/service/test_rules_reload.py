"""Rules edited while the daemon runs: a broken file changes nothing but what is said, a good one is in force at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.wire import ClauseBoard, Listing, QueueRow
from daemon.wire.settings import RulesNow, RulesSeen
from tests.service.live_office import MINATO, ROOT, Office, until

POLICY = ROOT / "daemon" / "policies" / "minato.toml"
RULE = """
[[rule]]
id = "training.word"
clause = "minato/9"
check = "pattern"
level = "block"
any = ['ひまわり']
message = "訓練の語が入っています。ほかの語にしてください。"
message_en = "A word of the training: take another."
"""


@pytest.fixture
def rules(office: Office) -> Iterator[Path]:
    """The office's rules; put back at the end."""
    file = office.folder / "rules.toml"
    before = file.read_bytes()
    yield file
    file.write_bytes(before)
    until(lambda: not office.status().problems, "rules without a problem")


def test_broken_rules_leave_the_last_good_in_force_and_the_status_names_the_line(office: Office, rules: Path) -> None:
    good = office.status()
    listener = office.caller(events=True)
    text = rules.read_text("utf-8")
    rules.write_text(text.replace("training = true", "trainin = true"), "utf-8")
    listener.event(lambda event: event.kind == "policy")
    # While it is written it may be read, and be another problem.
    until(lambda: any("rules.toml:" in problem and "trainin" in problem for problem in office.status().problems), "the line")
    now = office.status()
    assert (now.policy_hash, now.policy_since, now.training) == (good.policy_hash, good.policy_since, True)

    office.drop("minato-x", "meanwhile.txt", **MINATO)
    office.approve("meanwhile.txt", "shibata")
    office.row("meanwhile.txt", "approved")

    rules.write_text(text, "utf-8")
    until(lambda: not office.status().problems, "no problem any more")
    assert office.status().policy_hash == good.policy_hash


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"[office", b"office = 1\n", b'[office]\nname = "x"\n' + b"# " + b"x" * (9 << 20)],
    ids=["empty", "not UTF-8", "no TOML", "another shape", "nine MiB"],
)
def test_whatever_a_rules_file_becomes_the_office_goes_on(office: Office, rules: Path, content: bytes) -> None:
    before = office.status().policy_hash
    rules.write_bytes(content)
    until(lambda: office.status().problems, "a problem")
    assert office.status().policy_hash == before


def test_a_rules_file_that_is_gone_is_a_problem_and_no_end(office: Office, rules: Path) -> None:
    before = office.status().policy_hash
    rules.rename(rules.with_name("away.toml"))
    until(lambda: "rules.toml" in " ".join(office.status().problems), "a problem")
    assert office.status().policy_hash == before


def test_an_account_that_is_added_is_watched_at_once(office: Office, rules: Path) -> None:
    account = '\n[[accounts]]\nid = "minato-new"\npolicy = "minato"\nplatform = "x"\nhandle = "minato_new"\nname = "港区（新）"\n'
    rules.write_text(rules.read_text("utf-8") + account + 'unit = "区長室"\nchannel = "manual"\n', "utf-8")
    until(lambda: "minato-new" in [account.id for account in office.status().accounts], "a new account")
    office.drop("minato-new", "first.txt", **MINATO)
    assert office.row("first.txt", "waiting").account == "minato-new"


def test_a_policy_of_the_offices_own_takes_over_and_drafts_are_judged_again(office: Office) -> None:
    office.drop("minato-x", "flower.txt", "公園のひまわりが見ごろです。", **MINATO)
    office.drop("minato-x", "other.txt", "公園のあじさいが見ごろです。", **MINATO)
    office.approve("flower.txt", "shibata")
    other = office.approve("other.txt", "shibata")
    listener = office.caller(events=True)

    own = office.folder / "policies" / "minato.toml"
    own.parent.mkdir()
    own.write_bytes(POLICY.read_bytes() + RULE.encode())
    listener.event(lambda event: event.kind == "policy")
    flower = office.row("flower.txt", "to_fix")
    assert "minato/9" in flower.clauses
    assert "rejudge" in office.acts(flower.id)
    assert office.row("other.txt").state == "approved"
    assert "rejudge" not in office.acts(other.id)
    verdict = office.path("minato-x", "flower.判定.txt")
    until(lambda: verdict.exists() and "訓練の語" in verdict.read_text("utf-8-sig"), "a new verdict file")
    board = office.caller().ask(ClauseBoard(policy="minato"), Listing).clauses
    assert next(clause for clause in board if clause.id == "minato/9").open_findings >= 1

    own.write_bytes(POLICY.read_bytes() + RULE.replace("'ひまわり'", "'(ひまわり'").encode())
    until(lambda: any("minato.toml" in problem for problem in office.status().problems), "a problem")
    assert office.row("flower.txt").state == "to_fix"

    own.unlink()

    def approved_again() -> QueueRow | None:
        row = office.row("flower.txt")
        return row if row.state == "approved" else None

    assert until(approved_again, "the first judgement, and the approval of the very same bytes").id == flower.id
    assert not office.status().problems


def test_a_draft_whose_account_has_left_can_still_be_looked_at(office: Office, rules: Path) -> None:
    office.drop("minato-x", "left.txt", "検診の受付時間が変わりました。", **MINATO)
    row = office.row("left.txt", "waiting")
    head, _, tail = rules.read_text("utf-8").partition('[[accounts]]\nid = "minato-x"')
    rules.write_text(head + tail[tail.index("[[") :], "utf-8")
    until(lambda: "minato-x" not in [account.id for account in office.status().accounts], "an office without the account")
    assert row.id in [seen.id for seen in office.rows()]
    assert office.show(row.id).text.strip() == "検診の受付時間が変わりました。"


def test_asked_at_once_the_files_are_looked_at_line_by_line_and_nothing_is_put_in_force(office: Office, rules: Path) -> None:
    caller = office.caller("shibata")
    until(lambda: caller.ask(RulesNow(), RulesSeen).in_force, "rules in force as they lie there")
    good = caller.ask(RulesNow(), RulesSeen)
    assert good.in_force and "rules.toml" in good.files and not [each for each in good.problems if each.error]
    text = rules.read_text("utf-8")
    rules.write_text(text.replace("training = true", "trainin = true"), "utf-8")
    seen = caller.ask(RulesNow(), RulesSeen)
    line = next(n for n, one in enumerate(text.splitlines(), 1) if one.startswith("training = true"))
    assert ("rules.toml", line) in {(each.file, each.line) for each in seen.problems if each.error}
    assert not seen.in_force and seen.hash == good.hash
