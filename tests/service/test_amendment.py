"""An amendment begins at midnight while the daemon runs, or while none does: the queue is judged anew, and the record says under what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.folders import BUNDLED
from tests.service.live_office import Office, until

SAITAMA = {"author": "omiya", "topic": "施策・事業"}


def tomorrow() -> date:
    return datetime.now(TOKYO).date() + timedelta(days=1)


def amend(office: Office, day: date) -> None:
    """From this day さいたま市's policy forbids the word 「朝市」."""
    text = (BUNDLED / "saitama.toml").read_text(encoding="utf-8").replace("text = true", "", 1)
    head = f'\n[[version]]\ncite = "改正後の方針"\nfrom = {day}\ntext = true\n\n[[clause]]'
    rule = (
        '\n[[rule]]\nid = "market"\nclause = "saitama/1"\ncheck = "words"\nlevel = "block"\nterms = ["朝市"]\n'
        'message = "朝市は扱いません。"\nmessage_en = "No markets."\n'
    )
    path = office.folder / "policies" / f"saitama@{day}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.replace("\n[[clause]]", head, 1) + rule, encoding="utf-8")


def verdicts(office: Office) -> dict[str, str]:
    return {Path(row.path).name: row.verdict for row in office.rows()}


def to_midnight(day: date) -> float:
    """Seconds from now until three seconds after this day has begun in Japan."""
    return (datetime.combine(day, datetime.min.time(), TOKYO) - datetime.now(TOKYO)).total_seconds() + 3


def applied(office: Office) -> list[tuple[bytes]]:
    return office.database("SELECT record FROM audit WHERE act = 'in_force'")


@pytest.mark.parametrize("running", [True, False], ids=["while it runs", "while it does not"])
def test_at_midnight_the_amended_text_is_in_force_by_itself(found: Callable[..., Office], running: bool) -> None:
    office, day = found(), tomorrow()
    amend(office, day)
    office.drop("saitama-cvc", "a.txt", "駅前で朝市を開きます。", **SAITAMA)
    office.drop("saitama-cvc", "b.txt", "駅前で講座を開きます。", **SAITAMA)
    office.start()
    office.all_of(["a.txt", "b.txt"], "waiting")
    before = office.status().policy_hash
    until(lambda: office.database("SELECT 1 FROM meta WHERE key = 'policies'"), "the policies in force are noted")
    if running:
        office.ahead(to_midnight(day))
    else:
        office.stop()
        office.ahead(to_midnight(day))
        office.start()
    office.row("a.txt", "to_fix")
    assert verdicts(office)["b.txt"] != "block"
    assert office.status().policy_hash != before
    (entry,) = until(lambda: applied(office), "the change is in the record")
    assert b'"policy":"saitama"' in entry[0] and f'"version":"{day}"'.encode() in entry[0]
    assert "rejudge" in office.acts(office.row("a.txt").id)


def test_a_decision_names_the_version_under_which_it_was_made(found: Callable[..., Office]) -> None:
    office = found()
    office.drop("saitama-cvc", "a.txt", "駅前で講座を開きます。", **SAITAMA)
    office.start()
    row = office.approve("a.txt", "urano")
    ((entry,),) = office.database(f"SELECT record FROM audit WHERE act = 'approve' AND draft = {row.id}")
    assert b'"version":"2022-12-07"' in entry and b'"policy":"sha256:' in entry
