"""An emergency of 大正区 goes to all accounts of the policy; out on some and not on others is a fault that every screen shows."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.wire import (
    Approve,
    DecideSet,
    Done,
    DraftDetail,
    ExcuseMember,
    FanOutList,
    FanOuts,
    FanOutSeen,
    Prepare,
    Released,
    Return,
)
from tests.service.live_office import HANDLES, Office, draft, until

TEXT = "大津波警報が発表されました。ただちに高い建物へ避難してください。\n（大阪市危機管理室 発表）"
FRONT = {
    "author": "okajima",
    "topic": "行政情報（全般）",
    "emergency": True,
    "source": "大阪市危機管理室 22日10時発表",
}
ACCOUNTS = ("taisho-chiiki", "taisho-fukushi", "taisho-gyosei", "taisho-kosodate", "taisho-madoguchi", "taisho-somu")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "office")
    office.start()
    yield office
    office.stop()


def the_set(office: Office) -> FanOutSeen:
    """The set under way, once it is there with a draft for each account."""

    def look() -> FanOutSeen | None:
        with office.caller("kitamura") as caller:
            found = caller.ask(FanOuts(), FanOutList).fan_outs
        return found[0] if found and len(found[0].members) == len(ACCOUNTS) else None

    return until(look, "the set is made")


@pytest.mark.clause("taisho/3.分野※")
def test_one_emergency_becomes_a_draft_for_every_account_each_under_its_own_topic_with_the_same_text(office: Office) -> None:
    office.drop("taisho-gyosei", "tsunami.txt", TEXT, **FRONT)
    found = the_set(office)
    assert tuple(each.account for each in found.members) == ACCOUNTS
    assert found.clause == "taisho/3.分野※"
    assert not found.broken

    def shows() -> dict[str, DraftDetail]:
        return {each.account: office.show(each.draft) for each in found.members if each.draft is not None}

    until(
        lambda: all(any("一斉" in mark for mark in detail.row.marks) for detail in shows().values()),
        "each is marked as one of a set",
    )
    shown = shows()
    assert {detail.text.strip() for detail in shown.values()} == {TEXT}
    assert len({detail.item["topic"] for detail in shown.values()}) == len(ACCOUNTS)
    assert not any(finding.verdict == "block" for detail in shown.values() for finding in detail.findings)
    assert any("一斉発信" in line.what for line in shown["taisho-somu"].row.waiting)
    assert all((office.folder / "drafts" / account / "tsunami.txt").exists() for account in ACCOUNTS)


@pytest.mark.clause("taisho/3.分野※")
def test_the_chief_of_all_approves_once_and_a_field_chief_only_what_is_theirs(office: Office) -> None:
    office.drop("taisho-chiiki", "tsunami.txt", TEXT, **{**FRONT, "topic": "地域活動・地域活動支援情報"})
    found = the_set(office)
    first = next(each.draft for each in found.members if each.account == "taisho-chiiki")
    assert first is not None
    row = office.show(first).row
    with office.caller("shimizu") as shimizu:  # 地域協働課長
        said = shimizu.ask(DecideSet(draft=row.id, hash=row.hash), Done)
    assert "6 件のうち 1 件" in said.message
    with office.caller("kitamura") as kitamura:  # 統括
        said = kitamura.ask(DecideSet(draft=row.id, hash=row.hash), Done)
    assert "6 件のうち 6 件" in said.message
    assert all(office.acts(each.draft).count("approve") >= 1 for each in found.members if each.draft is not None)


def out_in_part(office: Office) -> tuple[FanOutSeen, int]:
    """A set that is out on two of its accounts, on one by a person's hand; and the draft of that one."""
    office.drop("taisho-gyosei", "tsunami.txt", TEXT, **FRONT)
    found = the_set(office)
    drafts = {each.account: each.draft for each in found.members}
    first = drafts["taisho-gyosei"]
    assert first is not None
    row = office.show(first).row
    with office.caller("kitamura") as kitamura:
        kitamura.ask(DecideSet(draft=row.id, hash=row.hash, what="declare", reason="大津波警報のため"), Done)
        kitamura.ask(DecideSet(draft=row.id, hash=row.hash), Done)
    with office.caller("tsuruta") as tsuruta:  # 発信確認者: the second person
        for draft in drafts.values():
            assert draft is not None
            each = office.show(draft).row
            if each.state == "waiting":
                tsuruta.ask(Approve(draft=each.id, hash=each.hash, handle=HANDLES[each.account]), Done)
    row = until(lambda: (r := office.show(first).row).state == "approved" and r or None, "approved")
    office.take(row, "okajima", "taisho_kunren_1")
    with office.caller("okajima") as okajima:
        okajima.ask(Released(draft=first, url="https://x.com/taisho_kunren_1/status/1"), Done)
    return found, first


@pytest.mark.clause("taisho/3.分野※")
def test_out_in_part_is_a_fault_on_every_screen_until_the_rest_is_out_or_excused(office: Office) -> None:
    found, _ = out_in_part(office)

    def the_rest(alarm: str) -> bool:  # the fault is said from the moment the first is on its way, and again when it is out
        return "一斉発信" in alarm and "taisho-somu" in alarm and "taisho-gyosei" not in alarm

    until(lambda: any(the_rest(alarm) for alarm in office.status().alarms), "the fault names the rest alone")
    assert office.status().broken_sets == (found.id,)
    office.stop()
    office.start()  # a fault outlives the daemon
    until(lambda: any(the_rest(alarm) for alarm in office.status().alarms), "the fault is still said")
    with office.caller("omiya") as omiya:
        omiya.refused(ExcuseMember(fan_out=found.id, account="taisho-somu", reason="x"), "role")
    with office.caller("kitamura") as kitamura:
        kitamura.refused(ExcuseMember(fan_out=found.id, account="taisho-somu", reason=" "), "reason")
        kitamura.refused(ExcuseMember(fan_out=found.id, account="minato-x", reason="よそ"), "no_such")
        for account in ACCOUNTS:
            if account not in ("taisho-gyosei", "taisho-kosodate"):
                kitamura.ask(ExcuseMember(fan_out=found.id, account=account, reason="媒体の障害のため"), Done)
    until(lambda: not [a for a in office.status().alarms if "一斉発信" in a], "the fault is over")
    assert office.record_is_whole()


def test_an_edit_of_the_origin_goes_to_all_and_voids_what_was_approved(office: Office) -> None:
    office.drop("taisho-gyosei", "tsunami.txt", TEXT, **FRONT)
    found = the_set(office)
    other = next(each.draft for each in found.members if each.account == "taisho-somu")
    assert other is not None
    before = office.show(other).row.hash
    office.drop("taisho-gyosei", "tsunami.txt", TEXT.replace("ただちに", "いますぐ"), **FRONT)
    detail = until(lambda: (d := office.show(other)).row.hash != before and d or None, "the text has followed")
    assert "いますぐ" in detail.text
    assert the_set(office).id == found.id


def test_what_is_no_emergency_stays_alone(office: Office) -> None:
    office.drop("taisho-gyosei", "plain.txt", TEXT, **{**FRONT, "emergency": False})
    row = office.row("plain.txt")
    assert row.marks == ()
    with office.caller("kitamura") as kitamura:
        assert kitamura.ask(FanOuts(), FanOutList).fan_outs == ()
        kitamura.refused(DecideSet(draft=row.id, hash=row.hash), "no_such")
        kitamura.ask(Return(draft=row.id, hash=row.hash, reason="見直し"), Done)


def test_whoever_wrote_the_emergency_approves_none_of_its_copies(tmp_path: Path) -> None:
    office = Office(tmp_path / "office")
    rules = office.folder / "rules.toml"
    me = getpass.getuser()
    rules.write_text(rules.read_text().replace('"kitamura"', f'"{me}"'))  # the chief of all, whose own file it is
    office.start()
    try:
        office.drop("taisho-gyosei", "tsunami.txt", TEXT, **FRONT)
        row = office.row("tsunami.txt")

        def members() -> list[tuple[object, ...]]:
            return office.database("SELECT id, author, author_verified, hands FROM drafts ORDER BY id")

        until(lambda: len(members()) == len(ACCOUNTS), "a draft for each account")
        assert {(author, verified) for _, author, verified, _ in members()} == {(me, 1)}
        with office.caller(me) as chief:
            for number, *_ in members():
                shown = office.show(int(str(number))).row
                chief.refused(Approve(draft=shown.id, hash=shown.hash), "own_draft")
            assert "approve" not in office.acts(row.id)
    finally:
        office.stop()


def test_hands_that_may_have_written_the_emergency_are_in_its_copies_too(tmp_path: Path) -> None:
    office = Office(tmp_path / "office")
    rules = office.folder / "rules.toml"
    me = getpass.getuser()
    rules.write_text(rules.read_text().replace('"kitamura"', f'"{me}"'))
    office.start()
    try:
        elsewhere = office.folder / "aside.txt"
        elsewhere.write_bytes(draft(TEXT, **FRONT))
        (office.folder / "drafts" / "taisho-gyosei").mkdir(parents=True, exist_ok=True)
        office.path("taisho-gyosei", "tsunami.txt").hardlink_to(elsewhere)  # two names: its owner proves nothing

        def members() -> list[tuple[object, ...]]:
            return office.database("SELECT author, author_verified, hands FROM drafts")

        until(lambda: len(members()) == len(ACCOUNTS), "a draft for each account")
        assert set(members()) == {("okajima", 0, f'["{me}"]'.encode())}
    finally:
        office.stop()


def test_an_account_that_leaves_the_rules_keeps_the_others_from_nothing(office: Office) -> None:
    office.drop("taisho-gyosei", "tsunami.txt", TEXT, **FRONT)
    found = the_set(office)
    rules = office.folder / "rules.toml"
    whole = rules.read_text()
    start = whole.index('[[accounts]]\nid = "taisho-somu"')
    rules.write_text(whole[:start] + whole[whole.index("[[", start + 5) :])
    until(lambda: "taisho-somu" not in {a.id for a in office.status().accounts}, "the account is gone")
    first = next(each.draft for each in found.members if each.account == "taisho-gyosei")
    assert first is not None
    row = office.show(first).row
    with office.caller("kitamura") as kitamura:
        said = kitamura.ask(DecideSet(draft=row.id, hash=row.hash), Done)
        assert "5 件のうち 5 件" in said.message
        kitamura.ask(ExcuseMember(fan_out=found.id, account="taisho-somu", reason="アカウントを廃止したため"), Done)
    with office.caller("shibata") as shibata:
        shibata.refused(ExcuseMember(fan_out=found.id, account="taisho-somu", reason="よそ"), "role")


def of(office: Office, draft: int) -> FanOutSeen | None:
    with office.caller("kitamura") as caller:
        found = caller.ask(FanOuts(draft=draft), FanOutList).fan_outs
    return found[0] if found else None


@pytest.mark.clause("taisho/3.分野※")
def test_a_correction_goes_to_the_accounts_that_are_out_each_to_its_own_post_and_a_deletion_to_none(office: Office) -> None:
    _, first = out_in_part(office)
    with office.caller("okajima") as okajima:
        until(lambda: office.show(first).row.state == "released", "it is out")
        other = until(
            lambda: (one := of(office, first)) and [m for m in one.members if m.account == "taisho-kosodate"][0], "its set"
        )
        assert other.draft is not None
        until(lambda: office.show(other.draft or 0).row.state == "released", "the machine has sent its own")
        okajima.ask(Prepare(draft=first), Done)
        okajima.ask(Prepare(draft=first, what="delete"), Done)
    correction, deletion = office.row("tsunami-訂正.txt"), office.row("tsunami-削除.txt")
    found = until(lambda: of(office, correction.id), "the set of the correction")
    assert [each.account for each in found.members] == ["taisho-gyosei", "taisho-kosodate"]
    with office.caller("kitamura") as kitamura:
        first_listed = kitamura.ask(FanOuts(), FanOutList).fan_outs[0]
    assert first_listed.broken and first_listed.id != found.id  # what is out in part stands before what is newer
    copy = next(each.draft for each in found.members if each.account == "taisho-kosodate")
    assert copy is not None
    assert office.show(copy).item["target"] == office.show(other.draft).url
    until(lambda: "#" in "".join(office.show(copy).row.marks), "it is tied to its own post")
    assert of(office, deletion.id) is None
    assert not [line for line in office.show(deletion.id).row.waiting if "一斉発信" in line.what]
