"""A draft that is edited while its release is in flight: the one who holds the card hears of it before they post."""

from __future__ import annotations

from daemon.intake.names import notice_name
from daemon.wire import Done, Settle
from tests.service.live_office import MINATO, NOTICE, Office, until

PARK = "公園の改修のため、駐輪場の出入口が変わりました。新しい出入口は"


def lines(office: Office, draft: int) -> list[str]:
    return [line.act for line in office.show(draft).row.waiting]


def test_whoever_holds_the_card_is_told_and_the_new_revision_comes_when_the_release_has_ended(office: Office) -> None:
    office.drop("minato-x", "edited.txt", NOTICE, **MINATO)
    row = office.approve("edited.txt", "shibata")
    office.take(row)
    holder = office.caller("akasaka", events=True)
    office.drop("minato-x", "edited.txt", f"訂正: {NOTICE}", **MINATO)
    event = holder.event(lambda event: event.draft == row.id)
    assert event.state == "releasing"
    until(lambda: lines(office, row.id) == ["settle"], "a word of the edit")  # the event may have been the card's own
    assert office.show(row.id).text.strip() == NOTICE, "what is in flight is what was approved"
    verdict = office.path("minato-x", notice_name(b"edited.txt"))
    until(lambda: verdict.exists() and "直されています" in verdict.read_text("utf-8-sig"), "a word beside the file")
    assert office.acts(row.id).count("edit_in_flight") == 1
    settled = office.caller("akasaka").ask(Settle(draft=row.id, outcome="not_released", note="直しを待つ"), Done)
    assert settled.state == "held"
    revised = office.row("edited.txt", revision=2)
    assert (revised.id, revised.state) == (row.id, "waiting")
    assert lines(office, row.id) != ["settle"]


def test_an_edit_that_is_taken_back_is_no_longer_told(office: Office) -> None:
    office.drop("minato-x", "back.txt", f"{PARK}5番出口です。", **MINATO)
    row = office.approve("back.txt", "shibata")
    office.take(row)
    office.drop("minato-x", "back.txt", f"{PARK}6番出口です。", **MINATO)
    until(lambda: lines(office, row.id) == ["settle"], "a word of the edit")
    office.drop("minato-x", "back.txt", f"{PARK}5番出口です。", **MINATO)
    until(lambda: lines(office, row.id) == [], "that it is as it was approved")
