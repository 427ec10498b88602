"""What the office has published of itself (`public` of rules.toml) is nobody's private data."""

from __future__ import annotations

from north_city import Kita

from daemon.judge import Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.load import load_policy, load_rulebook

DESK = "当日の連絡先は 090-1234-5678 です。"
OTHER = "当日の連絡先は 090-1234-5679 です。"
COPY = "手続きは https://www.town-kita.exampel.jp/ から。"


def rules(kita: Kita, text: str) -> set[str]:
    book = load_rulebook(kita.folder)
    situation = Situation(account=book.accounts["kita-x"], content_only=True)
    return {finding.rule for finding in judge(Item(text=text), situation, book).findings}


def publish(kita: Kita, *public: str) -> None:
    kita.edit(kita.rules, "[office]\n", f"[office]\npublic = {list(public)!r}\n")


def test_a_number_that_the_office_has_published_passes_and_another_does_not(kita: Kita) -> None:
    assert "office.phone" in rules(kita, DESK)
    publish(kita, "広報課当番 090-1234-5678")
    assert "office.phone" not in rules(kita, DESK)
    assert "office.phone" in rules(kita, OTHER)


def test_what_stands_with_an_account_as_its_contact_is_public_too(kita: Kita) -> None:
    kita.edit(kita.rules, 'handle = "kitacity"', 'handle = "kitacity"\ncontact = "北市広報課 090-1234-5678"')
    assert "office.phone" not in rules(kita, DESK)


def test_what_looks_like_the_offices_own_domain_waits_for_a_look(kita: Kita) -> None:
    assert "office.link" not in rules(kita, COPY)
    publish(kita, "https://www.town-kita.example.jp/")
    assert "office.link" in rules(kita, COPY)
    assert "office.link" not in rules(kita, "手続きは https://www.town-kita.example.jp/a から。")


def test_it_is_part_of_what_is_judged_by_and_so_of_the_hash(kita: Kita) -> None:
    bare = load_rulebook(kita.folder).policies["kita"].hash
    assert bare == load_policy(kita.policy, office_dir=kita.folder).hash
    publish(kita, "090-1234-5678")
    one = load_rulebook(kita.folder).policies["kita"]
    assert one.hash != bare
    assert one.public == ("090-1234-5678",)
    assert load_rulebook(kita.folder).policies["kita"].hash == one.hash
