"""A search in the record: by words however they were written, by names, acts, drafts and days; further back each time it is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from daemon.desk.in_record import find, fold
from daemon.store import Store, to_db
from daemon.wire.recording import FindInRecord

NAMES = {"shibata": "柴田 課長", "akasaka": "赤坂 一郎"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    (tmp_path / "state").mkdir()
    async with await Store.open(tmp_path / "state") as opened:

        def op(tx: object) -> None:
            tx.record("shibata", "approve", 7, verdict="pass")  # type: ignore[attr-defined]
            tx.record("akasaka", "return", 8, reason="ＮＨＫの番組名を直してください")  # type: ignore[attr-defined]
            tx.record("daemon", "in_force", None, policy="minato")  # type: ignore[attr-defined]
            tx.record("shibata", "return", 7, reason="カタカナの語")  # type: ignore[attr-defined]

        await opened.write(op)
        yield opened


async def acts(store: Store, *words: str, **more: object) -> list[tuple[str, int | None]]:
    found = await find(store, FindInRecord(words=words, **more), NAMES)  # type: ignore[arg-type]
    assert found.reached == 1
    return [(line.act, line.draft) for line in found.entries]


async def test_the_newest_comes_first_and_no_word_finds_everything(store: Store) -> None:
    assert await acts(store) == [("return", 7), ("in_force", None), ("return", 8), ("approve", 7)]


@pytest.mark.parametrize("typed", ["NHK", "nhk", "ＮＨＫ", "番組名"])
async def test_width_and_case_do_not_matter_in_the_private_words_either(store: Store, typed: str) -> None:
    assert await acts(store, typed) == [("return", 8)]


async def test_kana_of_both_kinds_and_the_halves_are_one(store: Store) -> None:
    for typed in ("カタカナ", "かたかな", "ｶﾀｶﾅ"):
        assert await acts(store, typed) == [("return", 7)]
    assert fold("ヴァイオリンは〆切") == fold("ゔぁいおりんは〆切")


async def test_a_person_is_found_by_name_and_by_login(store: Store) -> None:
    assert await acts(store, "柴田") == await acts(store, "shibata") == [("return", 7), ("approve", 7)]


async def test_every_word_has_to_stand_there_and_a_word_for_an_act_is_one(store: Store) -> None:
    assert await acts(store, "柴田", "差戻し", acts=((), ("return",))) == [("return", 7)]
    assert await acts(store, "差戻し") == [], "the daemon knows no words of a console's"


async def test_a_draft_and_days_narrow_it(store: Store) -> None:
    today = datetime.now(UTC).astimezone().date()
    assert await acts(store, draft=7) == [("return", 7), ("approve", 7)]
    assert len(await acts(store, first=today - timedelta(days=1), last=today + timedelta(days=1))) == 4
    assert await acts(store, last=today - timedelta(days=2)) == []
    assert await acts(store, first=today + timedelta(days=2)) == []
    assert len(await acts(store, first=date.min, last=date.max)) == 4, "whoever means all days says so"


async def test_what_was_erased_is_not_found_any_more(store: Store) -> None:
    def op(tx: object) -> None:
        tx.db.execute("DELETE FROM audit_private WHERE seq = 2")  # type: ignore[attr-defined]

    await store.write(op)
    assert await acts(store, "番組名") == []


async def test_a_search_that_takes_too_long_says_how_far_it_came_and_goes_on_from_there(store: Store) -> None:
    def op(tx: object) -> None:
        tx.record_all("akasaka", "seen", [(None, {"n": n}) for n in range(1200)])  # type: ignore[attr-defined]

    await store.write(op)
    clock: Iterator[float] = iter(float(n) for n in range(1000))
    query, reached, found = FindInRecord(words=("番組名",)), [], []
    for _ in range(10):
        answer = await find(store, query, NAMES, lambda: next(clock))
        reached.append(answer.reached)
        found += answer.entries
        if answer.reached <= 1:
            break
        query = FindInRecord(words=("番組名",), before=answer.reached)
    assert reached == sorted(reached, reverse=True) and len(reached) > 2
    assert [line.draft for line in found] == [8]


def test_days_are_days_of_japan() -> None:
    assert to_db(datetime(2026, 11, 20, 15, 0, tzinfo=UTC)) == to_db(datetime.fromisoformat("2026-11-21T00:00:00+09:00"))
