"""A release card as plain files: what lies there, and for how long."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from daemon.gate import Gate
from daemon.wire import Done, Released, Settle, Take, Taken
from tests.intake.made_pictures import jpeg
from tests.service.live_office import MINATO, NOTICE, Office, until

URL = "https://x.com/minato_kunren/status/1"


def lying(office: Office) -> list[str]:
    """The cards that lie there."""
    folder = office.folder / "cards" / "minato-x"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def taken(office: Office, name: str, text: str, **front: object) -> Taken:
    office.drop("minato-x", name, text, **{**MINATO, **front})
    return office.take(office.approve(name, "shibata"))


def test_the_text_and_the_images_lie_beside_each_other_until_the_release_is_on_record(office: Office) -> None:
    picture = jpeg()
    path = office.path("minato-x", "a.jpg")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)
    office.drop("minato-x", "card.txt", NOTICE)
    head = (
        'author = "akasaka"\ntopic = "区政情報"\nimages = [{ file = "a.jpg", alt = "書架", rights = "own", consent = "なし" }]\n'
    )
    office.path("minato-x", "card.txt").write_text(f"+++\n{head}+++\n{NOTICE}\n")
    card = office.take(office.approve("card.txt", "shibata"))
    place = Path(card.folder)
    assert sorted(os.listdir(place)) == ["01-a.jpg", "card.toml", "post.txt"]
    assert (place / "post.txt").read_text() == card.text
    assert (place / "01-a.jpg").read_bytes() == picture
    assert tomllib.loads((place / "card.toml").read_text())["handle"] == "minato_kunren"
    office.caller("akasaka").ask(Released(draft=card.draft, url=URL), Done)
    assert lying(office) == []


def test_files_that_cannot_be_laid_out_are_told_and_the_card_on_the_screen_is_good(fresh: Office) -> None:
    """An image that is not there cannot be the reason any more: such a draft is not approved (test_sealed_drafts)."""
    (fresh.folder / "cards").mkdir(exist_ok=True)
    (fresh.folder / "cards" / "minato-x").write_text("a file in the place of the folder")
    fresh.drop("minato-x", "card.txt", NOTICE, **MINATO)
    card = fresh.take(fresh.approve("card.txt", "shibata"))
    assert (card.folder, card.text.strip()) == ("", NOTICE)
    until(lambda: any("発信カードのファイル" in alarm for alarm in fresh.status().alarms), "an alarm")


def test_a_card_that_ran_out_or_was_not_used_leaves_no_files(fresh: Office) -> None:
    card = taken(fresh, "late.txt", "夜間の窓口は、今月から2階に移ります。")
    assert len(lying(fresh)) == 1
    fresh.ahead(601)
    fresh.row("late.txt", "unknown")
    until(lambda: lying(fresh) == [], "no files of it")
    fresh.ahead(0)
    card = taken(fresh, "unused.txt", "公園の水遊び場は、修理のため使えません。")
    fresh.caller("akasaka").ask(Settle(draft=card.draft, outcome="not_released", note="出していない"), Done)
    assert lying(fresh) == []


def test_a_stop_takes_the_files_away_from_other_desks(fresh: Office) -> None:
    card = taken(fresh, "stopped.txt", "地下駐輪場の出入口を替えました。")
    assert len(lying(fresh)) == 1
    Gate(fresh.state).shut("minato-x")
    until(lambda: lying(fresh) == [], "no files of it")
    assert [flight.draft for flight in fresh.status().gate.in_flight] == [card.draft]
    fresh.caller("akasaka").ask(Released(draft=card.draft, url=URL), Done)


def test_what_a_killed_daemon_left_is_cleared_but_for_the_cards_that_are_held(fresh: Office) -> None:
    taken(fresh, "held.txt", "粗大ごみの受付時間を延ばします。")
    held = lying(fresh)
    (fresh.folder / "cards" / "minato-x" / "9999-of-old").mkdir()
    fresh.kill()
    fresh.start()
    until(lambda: lying(fresh) == held, "the held one alone")


def test_somebody_else_gets_no_second_card(office: Office) -> None:
    office.drop("minato-x", "mine.txt", "自転車の置き場を広げました。", **MINATO)
    row = office.approve("mine.txt", "shibata")
    office.take(row)
    office.caller("shibata").refused(Take(draft=row.id, hash=row.hash, handle="minato_kunren"), "state")
