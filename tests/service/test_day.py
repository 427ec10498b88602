"""One draft's whole day, told in order: judged, approved, taken, released, stopped, resumed, confirmed."""

from __future__ import annotations

from pathlib import Path

from daemon.gate import Gate
from daemon.wire import Approve, Done, FindDraft, Named, Released, Stopped, StopState, Take
from tests.service.live_office import FACEBOOK, MINATO, NOTICE, Office, until


def released_into(office: Office, name: str) -> list[Path]:
    """The releases of this draft that lie complete in the outbox."""
    outbox = office.folder / "outbox" / "minato-facebook"
    return [folder for folder in outbox.iterdir() if folder.name.endswith(f"-{name}")] if outbox.is_dir() else []


def test_a_draft_from_the_folder_to_its_url_and_the_next_one_through_a_stop(office: Office) -> None:
    author, chief = office.caller("akasaka"), office.caller("shibata")

    # Dropped, it is judged against the account's own policy, and its author reads there what to change.
    file = office.drop("minato-x", "お知らせ.txt", "○月○日○時から断水します。", **MINATO)
    row = office.row("お知らせ.txt", "to_fix")
    assert row.clauses
    chief.refused(Approve(draft=row.id, hash=row.hash), "state")
    verdict = file.with_name("お知らせ.判定.txt")
    until(lambda: verdict.is_file() and "要修正" in verdict.read_text("utf-8-sig"), "a verdict file")
    assert office.show(row.id).findings[0].cite in verdict.read_text("utf-8-sig")

    # Mended, it waits for the chief of its own unit, and for nobody else.
    office.drop("minato-x", "お知らせ.txt", NOTICE, **MINATO)
    row = office.row("お知らせ.txt", "waiting", revision=2)
    assert any(line.act == "approve" and line.clause == "minato/7-1" for line in row.waiting)
    office.caller("takanawa").refused(Approve(draft=row.id, hash=row.hash), "not_approver")
    assert chief.ask(Approve(draft=row.id, hash=row.hash), Done).state == "approved"

    # A person takes its card, once they have said where it goes, and brings back the address.
    author.refused(Take(draft=row.id, hash=row.hash), "handle")
    office.take(row)
    author.refused(Released(draft=row.id, url="https://x.com/shinagawacity/status/1"), "url")
    done = author.ask(Released(draft=row.id, url="https://x.com/minato_kunren/status/1"), Done)
    assert done.state == "released"
    assert office.show(row.id).url == "https://x.com/minato_kunren/status/1"
    until(lambda: not file.exists() and any((file.parent / "done").iterdir()), "the file in done/")

    # The next one meets a stop: nothing goes out, and the refusal says why and who can resume.
    office.drop("minato-x", "次.txt", "区民センターの駐輪場を広げました。どなたも使えます。", **MINATO)
    other = office.approve("次.txt", "shibata")
    assert office.caller("kansa").ask(Stopped(reason="誤って投稿した疑い"), StopState).stopped is True
    refusal = author.refused(Take(draft=other.id, hash=other.hash, handle="minato_kunren"), "stopped")
    assert "再開" in refusal.message and "resume" in refusal.message_en

    # Resumed, everything is held until a person has confirmed it.
    office.resume()
    held = office.row("次.txt", "held")
    author.refused(Take(draft=held.id, hash=held.hash, handle="minato_kunren"), "state")
    assert chief.ask(Approve(draft=held.id, hash=held.hash), Done).state == "approved"
    office.take(held)
    author.ask(Released(draft=held.id, url="https://x.com/minato_kunren/status/2"), Done)
    assert office.acts(held.id) == ["receive", "approve", "approve", "begin", "take", "released"]
    office.record_is_whole()


def test_what_is_approved_for_an_outbox_appears_there_whole_and_once(office: Office) -> None:
    office.drop("minato-facebook", "駐輪場.txt", **FACEBOOK)
    office.approve("駐輪場.txt", "azabu")
    row = office.row("駐輪場.txt", "released")
    (folder,) = released_into(office, "駐輪場")
    assert (folder / "post.txt").read_text("utf-8").strip() == NOTICE
    assert row.hash in (folder / "card.toml").read_text("utf-8")
    assert office.acts(row.id) == ["receive", "approve", "begin", "released"]


def test_a_stop_keeps_an_outbox_empty_and_after_the_resume_a_person_confirms_again(office: Office) -> None:
    office.caller("kansa").ask(Stopped(), StopState)
    office.drop("minato-facebook", "朝市.txt", "商店街の朝市は雨でも開きます。", **FACEBOOK)
    office.approve("朝市.txt", "azabu")
    assert not released_into(office, "朝市")
    office.resume()
    assert office.row("朝市.txt").state == "held"
    assert not released_into(office, "朝市")
    office.approve("朝市.txt", "azabu", "held")
    office.row("朝市.txt", "released")
    assert len(released_into(office, "朝市")) == 1


def test_a_stop_made_by_hand_right_after_a_resume_bears_nobodys_name(office: Office) -> None:
    assert Gate(office.state).shut(by="azabu").stopped
    office.caller("azabu").ask(Stopped(scope="all", reason=""), StopState)
    assert office.status().gate.by == "azabu"
    office.resume()
    (office.state / "gate" / "STOP").touch()
    until(lambda: office.status().gate.stopped, "the stop")
    assert office.status().gate.by == ""
    office.resume()


def test_a_number_that_no_draft_can_have_is_no_draft(office: Office) -> None:
    assert office.caller().ask(FindDraft(name="9" * 20), Named).drafts == ()
