"""An office whose account goes out by X, with its daemon and its hand: from a draft in a folder to a post, and to its deletion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.wire import Approve, Done, Except, QueueRow
from tests.faults.office_at_x import ACCOUNTS, HANDLE, OfficeAtX
from tests.platforms.at_hand import fake_x, x_document
from tests.platforms.faults import Fault
from tests.platforms.x import FakeX
from tests.service.live_office import contents

__all__ = ["fake_x", "x_document"]

ACCOUNT = ACCOUNTS[0]
CHIEF = "azabu"


@pytest.fixture
def office(tmp_path: Path, fake_x: FakeX) -> Iterator[OfficeAtX]:
    office = OfficeAtX(tmp_path / "office", fake_x)
    office.start()
    yield office
    office.stop()


def approve(office: OfficeAtX, name: str) -> QueueRow:
    row = office.row(name, "waiting", "held")
    with office.caller(CHIEF) as caller:
        caller.ask(Approve(draft=row.id, hash=row.hash, handle=HANDLE[ACCOUNT], reason="内容を確かめた"), Done)
        caller.answer(caller.put(Except(draft=row.id, hash=row.hash, rule="office.burst", reason="試験のため")))
    return row


def post(office: OfficeAtX, name: str, text: str, **front: object) -> QueueRow:
    office.drop(ACCOUNT, name, text, author="konan", topic="区政情報", **front)
    return approve(office, name)


def test_an_approved_draft_is_on_x_and_its_address_in_the_journal(office: OfficeAtX, fake_x: FakeX) -> None:
    post(office, "a.txt", "図書館の開館時間を延ばしました。")
    row = office.row("a.txt", "released")
    (there,) = fake_x.posts(HANDLE[ACCOUNT])
    assert there["text"] == "図書館の開館時間を延ばしました。"
    assert office.show(row.id).url == f"https://x.com/{HANDLE[ACCOUNT]}/status/{there['id']}"


@pytest.mark.parametrize("by", ["number", "address"])
def test_a_post_is_deleted_by_the_number_of_its_draft_or_by_its_address(office: OfficeAtX, fake_x: FakeX, by: str) -> None:
    post(office, "a.txt", "図書館の開館時間を延ばしました。")
    row = office.row("a.txt", "released")
    target = f"#{row.id}" if by == "number" else office.show(row.id).url
    post(office, "b.txt", "誤りがあったため削除します。", kind="delete", target=target)
    office.row("b.txt", "released")
    assert fake_x.texts(HANDLE[ACCOUNT]) == []
    assert len(fake_x.posts(HANDLE[ACCOUNT], deleted=True)) == 1


def test_what_x_refuses_comes_back_to_people_and_is_not_tried_by_itself(office: OfficeAtX, fake_x: FakeX) -> None:
    fake_x.fault(Fault("status", taken=False, status=400).on("POST", "/2/tweets", times=None))
    post(office, "a.txt", "図書館の開館時間を延ばしました。")
    office.row("a.txt", "held")
    ((detail,),) = office.database("SELECT detail FROM releases WHERE state = 'failed'")
    assert "400" in detail
    assert len(fake_x.log("POST", "/2/tweets")) == 1


def test_what_x_took_in_without_an_answer_is_found_by_itself(office: OfficeAtX, fake_x: FakeX) -> None:
    fake_x.fault(Fault("drop", lag=0.5).on("POST", "/2/tweets"))
    post(office, "a.txt", "図書館の開館時間を延ばしました。")
    row = office.row("a.txt", "released")
    (there,) = fake_x.posts(HANDLE[ACCOUNT])
    assert office.show(row.id).url.endswith(there["id"])
    assert len(fake_x.log("POST", "/2/tweets")) == 1
    assert [act for (act,) in office.database("SELECT act FROM audit WHERE act IN ('unknown', 'released') ORDER BY seq")] == [
        "unknown",
        "released",
    ]


def test_nothing_that_lets_in_lies_anywhere_but_with_the_releaser(office: OfficeAtX, fake_x: FakeX) -> None:
    post(office, "a.txt", "図書館の開館時間を延ばしました。")
    office.row("a.txt", "released")
    secrets = [
        line.partition("= ")[2].strip('"').encode()
        for place in (office.state / "releaser" / "secrets").iterdir()
        for line in place.read_text().splitlines()
        if not line.startswith("api =")
    ]
    assert len(secrets) == 4 * len(ACCOUNTS)
    for place, data in contents(office.folder):
        if "secrets" not in place.parts:
            assert not [secret for secret in secrets if secret in data], place
