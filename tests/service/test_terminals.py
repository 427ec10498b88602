"""Terminals, appointments and the account guard at the socket: a training that practises them, and one that does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemon.rulebook.calendar import TOKYO
from daemon.service.secrets import exposed
from daemon.wire import (
    AllowTerminal,
    Approve,
    Done,
    Myself,
    Resume,
    Return,
    RevokeTerminal,
    Schedule,
    Stopped,
    StopState,
    Take,
    TerminalList,
    Terminals,
    WhoAmI,
    Withdraw,
)
from daemon.wire.reasons import NotNow, WhyNot
from tests.service.live_office import FACEBOOK, MINATO, Office, until

SAITAMA = {"author": "omiya", "topic": "施策・事業"}
TAISHO = {"author": "tsuruta", "topic": "行政情報（全般）"}


def at(office: Office, who: str) -> dict[str, str]:
    return {one.account: one.at for one in office.caller(who).ask(WhoAmI(), Myself).accounts}


@pytest.fixture(scope="module")
def practising(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A training office that practises the refusal: nobody here has come in over ssh."""
    office = Office(tmp_path_factory.mktemp("practising"))
    change(office, "training = true\n", "training = true\npractise_terminals = true\n")
    yield office.start()
    office.stop()


def change(office: Office, words: str, others: str) -> None:
    rules = office.folder / "rules.toml"
    text = rules.read_text("utf-8")
    assert words in text
    rules.write_text(text.replace(words, others, 1), "utf-8")


def test_in_a_training_the_terminal_counts_as_designated_and_that_is_said(office: Office) -> None:
    said = office.caller("shibata").ask(WhoAmI(), Myself)
    assert {one.at for one in said.accounts} == {"training"}
    assert (said.proved, said.in_office) == (False, True)
    assert "訓練" in said.known and "training" in said.known_en
    assert set(at(office, "kitamura").values()) == {"free"}, "大正区's policy has no such clause"


@pytest.mark.clause("minato/5", "minato/4(5)")
def test_what_decides_is_refused_from_a_terminal_that_is_not_proved(practising: Office) -> None:
    practising.drop("minato-x", "a.txt", **MINATO)
    row = practising.row("a.txt", "waiting")
    chief = practising.caller("shibata")
    for act in (
        Approve(draft=row.id, hash=row.hash),
        Return(draft=row.id, hash=row.hash, reason="直してください"),
        Withdraw(draft=row.id),
        Schedule(draft=row.id, hash=row.hash),
        Take(draft=row.id, hash=row.hash, handle="minato_kunren"),
        Resume(code="0000", reason="x"),
    ):
        refusal = chief.refused(act, "terminal")
        assert refusal.clause in ("minato/5", "saitama/6-5"), act
        assert "停止" in refusal.message and "stop" in refusal.message_en
    assert practising.row("a.txt").can == (), "and the console does not offer it"


@pytest.mark.clause("minato/5")
def test_why_nothing_can_be_done_from_such_a_terminal_is_said_of_every_act_before_it_is_tried(practising: Office) -> None:
    practising.drop("minato-x", "why.txt", **MINATO)
    row = practising.row("why.txt", "waiting")
    chief = practising.caller("shibata")
    reasons = {each.act: each.why for each in chief.ask(WhyNot(draft=row.id), NotNow).reasons}
    assert {"approve", "return", "take", "undo", "correct"} <= set(reasons)
    assert set(reasons.values()) == {chief.refused(Approve(draft=row.id, hash=row.hash), "terminal").message}


@pytest.mark.clause("saitama/6-5")
def test_the_clause_is_that_of_the_accounts_own_policy_and_there_is_none_where_there_is_none(practising: Office) -> None:
    practising.drop("saitama-cvc", "s.txt", "協働事業の説明会を、11月28日（土）に開きます。", **SAITAMA)
    row = practising.row("s.txt", "waiting", "to_fix")
    assert practising.caller("urano").refused(Withdraw(draft=row.id), "terminal").clause == "saitama/6-5"
    practising.drop("taisho-gyosei", "t.txt", **TAISHO)
    row = practising.row("t.txt", "waiting")
    assert practising.caller("kitamura").ask(Approve(draft=row.id, hash=row.hash), Done).draft == row.id
    assert at(practising, "kansa")["minato-x"] == "unproved" and at(practising, "kansa")["taisho-gyosei"] == "free"


@pytest.mark.clause("saitama/6-5", "minato/5")
def test_a_stop_is_never_refused(practising: Office) -> None:
    assert practising.caller("kansa").ask(Stopped(reason="訓練"), StopState).stopped is True
    assert practising.caller("urano").ask(Stopped(reason="訓練"), StopState).stopped is True


def test_who_is_at_no_designated_terminal_excepts_nobody(practising: Office) -> None:
    act = AllowTerminal(operator="akasaka", until=datetime.now(TOKYO) + timedelta(hours=1), reason="停電", address="192.0.2.7")
    practising.caller("shibata").refused(act, "terminal")


SOON = timedelta(hours=1)


def exempting(**changes: object) -> AllowTerminal:
    values = {
        "operator": "akasaka",
        "until": datetime.now(TOKYO) + SOON,
        "reason": "停電のため",
        "address": "192.0.2.7",
        **changes,
    }
    return AllowTerminal(**values)  # type: ignore[arg-type]


@pytest.mark.clause("saitama/6-5", "minato/5")
def test_an_exception_is_made_by_whom_the_clause_names_listed_and_ended(office: Office) -> None:
    done = office.caller("shibata").ask(exempting(), Done)
    assert "192.0.2.7" in done.message
    listed = office.caller("kansa").ask(Terminals(), TerminalList)
    (one,) = listed.exceptions
    assert (one.operator, one.place, one.accounts, one.by, one.clauses) == (
        "akasaka", "192.0.2.7", ("minato-x",), "shibata", ("minato/5",),
    )  # fmt: skip
    assert "minato-x" in listed.needed and "taisho-gyosei" not in listed.needed
    office.caller("azabu").refused(RevokeTerminal(exception=one.id, reason="x"), "not_approver")
    office.caller("shibata").ask(RevokeTerminal(exception=one.id, reason="復旧"), Done)
    assert office.caller("kansa").ask(Terminals(), TerminalList).exceptions == ()
    office.caller("shibata").refused(RevokeTerminal(exception=one.id, reason="復旧"), "no_such")


@pytest.mark.parametrize(
    ("who", "changes", "code"),
    [
        ("akasaka", {}, "role"),
        ("azabu", {"accounts": ("minato-x",)}, "not_approver"),
        ("urano", {}, "not_approver"),
        ("shibata", {"operator": "nobody-here"}, "no_such"),
        ("shibata", {"operator": "kitamura"}, "role"),
        ("shibata", {"accounts": ("taisho-gyosei",)}, "no_such"),
        ("shibata", {"reason": " "}, "reason"),
        ("shibata", {"address": ""}, "reason"),
        ("shibata", {"address": "everywhere"}, "reason"),
        ("shibata", {"address": "0.0.0.0/0"}, "reason"),
        ("shibata", {"address": "", "key": "ssh-ed25519 AAAA"}, "reason"),
        ("shibata", {"address": "", "terminal_id": "no-such"}, "no_such"),
        ("shibata", {"until": datetime(2020, 1, 1, tzinfo=TOKYO)}, "time"),
        ("shibata", {"until": datetime(9999, 1, 1, tzinfo=TOKYO)}, "time"),
    ],
)
def test_an_exception_without_person_place_end_or_reason_is_none(
    office: Office, who: str, changes: dict[str, object], code: str
) -> None:
    office.caller(who).refused(exempting(**changes), code)


@pytest.mark.clause("saitama/6-4", "taisho/3.運用者")
@pytest.mark.parametrize(
    "days", [("appointed = 2026-04-01", "appointed = 2099-04-01"), ("appointed = 2026-04-01", "until = 2026-04-30")]
)
def test_outside_their_appointment_people_look_and_stop(found: Callable[..., Office], days: tuple[str, str]) -> None:
    office = found()
    rules = office.folder / "rules.toml"
    text = rules.read_text("utf-8")
    chief = re.search(r'login = "shibata".*?\n\n', text, re.S)
    assert chief
    rules.write_text(text.replace(chief[0], chief[0].replace(*days)), "utf-8")
    office.start()
    office.drop("minato-x", "a.txt", **MINATO)
    row = office.row("a.txt", "waiting", "to_fix")
    line = office.caller("shibata")
    assert "指名" in line.refused(Approve(draft=row.id, hash=row.hash), "appointment").message
    assert line.ask(WhoAmI(), Myself).in_office is False
    assert line.ask(Stopped(reason="気づいたため"), StopState).stopped is True


@pytest.mark.clause("saitama/3", "shinagawa/3-2")
def test_who_approves_what_the_machine_sends_types_the_handle_once_a_session(office: Office) -> None:
    for name in ("one.txt", "two.txt"):
        office.drop("minato-facebook", name, f"{name} の商店街マップを配っています。", **FACEBOOK)
    one, two = (office.row(name, "waiting") for name in ("one.txt", "two.txt"))
    chief = office.caller("azabu")
    asked = chief.refused(Approve(draft=one.id, hash=one.hash), "handle")
    assert "港区" in asked.message and "@minato.kunren" in asked.message
    chief.refused(Approve(draft=one.id, hash=one.hash, handle="minato_kunren"), "handle")
    assert chief.ask(Approve(draft=one.id, hash=one.hash, handle="@Minato.Kunren"), Done).draft == one.id
    assert chief.ask(Approve(draft=two.id, hash=two.hash), Done).draft == two.id, "the same session knows it by now"
    office.drop("minato-facebook", "three.txt", "産業まつりの出店者を募集します。", **FACEBOOK)
    three = office.row("three.txt", "waiting")
    office.caller("azabu").refused(Approve(draft=three.id, hash=three.hash), "handle")


def test_an_account_tells_city_colour_and_what_cannot_be_taken_back(office: Office) -> None:
    accounts = {account.id: account for account in office.status().accounts}
    assert accounts["minato-line"].irreversible and not accounts["minato-x"].irreversible
    assert accounts["saitama-cvc"].municipality == "さいたま市"
    assert accounts["saitama-cvc"].url == "https://x.com/SaitamaCvcCoop"
    assert len({account.colour for account in accounts.values()}) == len(accounts)


@pytest.mark.clause("saitama/6-3", "minato/4(6)")
def test_credentials_that_others_can_read_are_said_on_every_screen(found: Callable[..., Office]) -> None:
    office = found()
    secret = office.state / "releaser" / "secrets" / "token"
    secret.parent.mkdir(parents=True, mode=0o700)
    secret.write_text("hidden-in-the-file")
    secret.chmod(0o640)
    office.start()
    until(lambda: any(str(secret) in alarm for alarm in office.status().alarms), "an alarm")
    assert "hidden-in-the-file" not in office.said(), "and no log holds what is in it"
    secret.chmod(0o600)
    office.stop()
    office.start()
    assert not any("secrets" in alarm for alarm in office.status().alarms)


def test_a_secret_is_open_through_its_mode_its_folder_or_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "releaser" / "secrets"
    folder.mkdir(mode=0o700, parents=True)
    (folder / "token").touch(mode=0o600)
    assert list(exposed(tmp_path)) == []
    (folder / "link").symlink_to("/etc/passwd")
    folder.chmod(0o750)
    assert list(exposed(tmp_path)) == [folder, folder / "link"]


def test_the_folder_of_a_channel_below_the_releasers_is_closed_as_a_whole(tmp_path: Path) -> None:
    tokens = tmp_path / "releaser" / "x"
    tokens.mkdir(mode=0o700, parents=True)
    (tokens / "minato-x.me").touch(mode=0o644)
    (tmp_path / "releaser" / "12").touch(mode=0o644)
    assert list(exposed(tmp_path)) == []
    tokens.chmod(0o755)
    assert list(exposed(tmp_path)) == [tokens]
