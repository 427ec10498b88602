"""紙の決裁: entered by one person, countersigned by another, and only for the revision that the paper shows."""

from __future__ import annotations

import msgspec
import pytest

from daemon.desk import on_paper
from daemon.rulebook.model import Way
from daemon.store import to_db
from daemon.wire import Countersign, Done, EnterPaper, Refusal
from tests.desk.conftest import Desk, refused

NOTICE = "区立図書館の児童書コーナーを2階に移しました。館内の案内板をご覧ください。"
MINATO = {"author": "akasaka", "topic": "区政情報"}
SCAN = b"%PDF-1.7 a scan"


@pytest.fixture(autouse=True)
def on_paper_too(desk: Desk) -> None:
    """minato-x is decided on paper, too."""
    ways: tuple[Way, ...] = ("console", "paper")
    account = msgspec.structs.replace(desk.book.accounts["minato-x"], decide=ways)
    desk.book = msgspec.structs.replace(desk.book, accounts={**desk.book.accounts, "minato-x": account})


async def waiting(desk: Desk) -> int:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    assert landed.state == "waiting"
    came = to_db(desk.now)  # the store's clock is the machine's; the desk's is the test's
    await desk.store.write(lambda tx: tx.db.execute("UPDATE drafts SET received_at = ?", (came,)).rowcount)
    return landed.draft


async def enter(desk: Desk, draft: int, clerk: str = "konan", **more: object) -> Done | Refusal:
    said = {"decided_by": "shibata", "decision": "approve", "reference": "7港広第12号", "on": "2026-11-24", "scan": SCAN, **more}
    said.setdefault("check", (await desk.case(draft)).hash[:12])
    return await desk.do(on_paper.enter, EnterPaper(draft=draft, **said), clerk)  # type: ignore[arg-type]


async def sign(desk: Desk, draft: int, who: str = "mita", **more: object) -> Done | Refusal:
    act = Countersign(draft=draft, hash=(await desk.case(draft)).hash, **more)  # type: ignore[arg-type]
    return await desk.do(on_paper.countersign, act, who)


async def test_it_counts_only_when_another_person_has_countersigned(desk: Desk) -> None:
    draft = await waiting(desk)
    assert isinstance(await enter(desk, draft), Done)
    assert (await desk.case(draft)).state == "waiting"
    assert ("countersign", "") in await desk.missing(draft)
    done = await sign(desk, draft)
    assert isinstance(done, Done)
    case = await desk.case(draft)
    assert case.state in ("approved", "scheduled")
    (approval,) = case.approvals
    assert (approval.login, approval.how, approval.entered_by, approval.reference) == ("shibata", "paper", "konan", "7港広第12号")
    (entry,) = await rows(desk)
    assert entry["state"] == "counted"
    assert await desk.store.bytes_of(entry["scan"]) == SCAN


async def rows(desk: Desk) -> list[dict[str, str]]:
    return [dict(row) for row in await desk.store.fetch("SELECT scan, state FROM paper_entries ORDER BY id", ())]


@pytest.mark.parametrize("who", ["konan", "akasaka"])
async def test_neither_the_clerk_nor_the_author_countersigns(desk: Desk, who: str) -> None:
    draft = await waiting(desk)
    await enter(desk, draft)
    assert refused(await sign(desk, draft, who), "own_draft")
    assert (await desk.case(draft)).approvals == ()


async def test_a_return_on_paper_needs_its_reason_and_its_countersignature(desk: Desk) -> None:
    draft = await waiting(desk)
    assert refused(await enter(desk, draft, decision="return"), "reason")
    assert isinstance(await enter(desk, draft, decision="return", reason="会場を書くこと"), Done)
    assert isinstance(await sign(desk, draft), Done)
    case = await desk.case(draft)
    assert (case.state, case.returned) == ("returned", "会場を書くこと")


async def test_the_paper_of_a_replaced_revision_is_refused_and_an_entry_ends_with_its_revision(desk: Desk) -> None:
    draft = await waiting(desk)
    old = (await desk.case(draft)).hash
    assert isinstance(await enter(desk, draft), Done)
    await desk.drop("minato-x", f"{NOTICE}お待ちしています。", **MINATO)
    assert refused(await enter(desk, draft, check=old[:12]), "stale")
    assert refused(await sign(desk, draft), "no_such")
    await desk.drop("minato-x", NOTICE, **MINATO)  # the first bytes once more
    assert refused(await sign(desk, draft), "no_such")
    assert (await desk.case(draft)).approvals == ()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"check": "00000000"}, "stale"),
        ({"check": ""}, "stale"),
        ({"decided_by": "nobody"}, "not_approver"),
        ({"decided_by": "takanawa"}, "not_approver"),
        ({"decided_by": "konan"}, "own_draft"),
        ({"reference": " "}, "missing"),
        ({"on": "昨日"}, "time"),
        ({"on": "2026-11-25"}, "time"),
        ({"on": "2026-11-20"}, "time"),
        ({"scan": b""}, "missing"),
        ({"scan": b"MZ an executable"}, "missing"),
        ({"scan": b"%PDF-" + b" " * (700 << 10)}, "missing"),
    ],
)
async def test_what_does_not_belong_to_this_paper_is_refused(desk: Desk, more: dict[str, object], code: str) -> None:
    draft = await waiting(desk)
    assert refused(await enter(desk, draft, **more), code)
    assert await rows(desk) == []


async def test_one_scan_is_not_used_for_two_drafts(desk: Desk) -> None:
    first = await waiting(desk)
    await enter(desk, first)
    second = (await desk.drop("minato-x", "総合支所の窓口は、11月28日も開いています。", name="b.txt", **MINATO)).draft
    assert refused(await enter(desk, second), "stale")


async def test_an_entry_is_struck_out_with_a_reason_and_made_again(desk: Desk) -> None:
    draft = await waiting(desk)
    await enter(desk, draft)
    assert refused(await sign(desk, draft, agrees=False), "reason")
    assert isinstance(await sign(desk, draft, agrees=False, reason="写しが違う"), Done)
    assert refused(await sign(desk, draft), "no_such")
    assert isinstance(await enter(desk, draft), Done)
    assert isinstance(await sign(desk, draft), Done)


async def test_an_account_that_is_not_decided_on_paper_takes_no_paper(desk: Desk) -> None:
    landed = await desk.drop("minato-facebook", NOTICE, author="konan", topic="区政情報")
    assert refused(await enter(desk, landed.draft, "akasaka", decided_by="azabu"), "way")


async def test_the_record_names_who_decided_entered_and_countersigned(desk: Desk) -> None:
    draft = await waiting(desk)
    await enter(desk, draft)
    await sign(desk, draft)
    found = await desk.store.fetch("SELECT act, actor FROM audit WHERE draft = ? ORDER BY seq", (draft,))
    assert [(row["act"], row["actor"]) for row in found][1:] == [
        ("enter_paper", "konan"),
        ("countersign", "mita"),
        ("approve", "shibata"),
    ]
