"""An office becomes one rulebook: what it is made of, what its hash covers, and how a policy is found by name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from north_city import Kita

from daemon.rulebook.load import BUNDLED, bare_rulebook, bundled, load_policy, load_rulebook, resolve_policy
from daemon.rulebook.model import Hours, RulebookError, Words
from daemon.rulebook.versions import version_on


def test_an_office_has_its_own_policy_beside_those_of_the_program(kita: Kita) -> None:
    book = load_rulebook(kita.folder)
    assert set(book.policies) == {"kita", *bundled()}
    assert book.office.name == "北市広報課"
    assert book.policy_of("kita-x").title == "北市公式X運用方針"
    assert book.operators["tanaka"].titles == ("広報課長",)
    assert book.problems == ()


def test_the_words_of_a_list_join_the_terms_of_its_rule_without_comments_and_blank_lines(kita: Kita) -> None:
    abuse = next(rule for rule in load_policy(kita.policy).rules if isinstance(rule, Words) and rule.id == "abuse")
    assert abuse.terms == ("ばか", "あほ", "まぬけ")


def test_a_list_of_the_office_goes_before_one_of_the_program_with_the_same_name(kita: Kita) -> None:
    theirs = next((BUNDLED / "words").glob("*.txt")).stem
    (kita.words.parent / f"{theirs}.txt").write_text("北市だけの語\n", encoding="utf-8")
    kita.edit(kita.policy, 'lists = ["rude"]', f'lists = ["{theirs}"]')
    abuse = next(rule for rule in load_policy(kita.policy).rules if rule.id == "abuse")
    assert isinstance(abuse, Words)
    assert "北市だけの語" in abuse.terms


def test_a_policy_of_the_office_takes_the_place_of_the_one_of_the_same_name(kita: Kita) -> None:
    amended = (BUNDLED / "saitama.toml").read_text(encoding="utf-8").replace("17:15:00", "18:00:00")
    (kita.policy.parent / "saitama.toml").write_text(amended, encoding="utf-8")
    for policy in (load_rulebook(kita.folder).policies["saitama"], resolve_policy("saitama", kita.folder)):
        assert next(rule.close.hour for rule in policy.rules if isinstance(rule, Hours)) == 18
    assert next(rule.close.hour for rule in resolve_policy("saitama", None).rules if isinstance(rule, Hours)) == 17


def test_every_policy_gets_the_rules_of_office_toml_under_its_own_basis(kita: Kita) -> None:
    book = load_rulebook(kita.folder)
    bases = {
        policy_id: {r.basis for r in policy.rules if r.clause.startswith("office/")}
        for policy_id, policy in book.policies.items()
    }
    assert bases == {
        "saitama": {"saitama/12"},
        "minato": {"minato/9"},
        "shinagawa": {"shinagawa/9"},
        "taisho": {""},
        "kita": {"kita/9"},
    }


def test_an_added_rule_cites_the_article_of_the_policies_that_have_one(kita: Kita) -> None:
    more = kita.policy.parent / "office.toml"
    more.write_text(
        """
[[rule]]
id = "office.dates"
check = "pattern"
clause = "office/dates"
clauses = { kita = "kita/2" }
level = "warn"
any = ['\\d月32日']
message = "日付を確認してください。"
message_en = "Check the date."
""",
        encoding="utf-8",
    )
    book = load_rulebook(kita.folder)
    dates = {policy_id: next(r for r in policy.rules if r.id == "office.dates") for policy_id, policy in book.policies.items()}
    assert (dates["kita"].clause, dates["kita"].basis) == ("kita/2", "")
    assert (dates["taisho"].clause, dates["taisho"].basis) == ("office/dates", "")
    assert (dates["saitama"].clause, dates["saitama"].basis) == ("office/dates", "saitama/12")
    assert resolve_policy("saitama", kita.folder).hash == book.policies["saitama"].hash


@pytest.mark.clause("taisho/3.方針変更")
def test_the_hash_of_a_policy_covers_its_file_its_words_and_the_added_rules(kita: Kita) -> None:
    hashes = [load_policy(kita.policy).hash]
    kita.edit(kita.words, "あほ", "あほう")
    hashes.append(load_policy(kita.policy).hash)
    kita.edit(kita.policy, "誹謗中傷をしない。", "誹謗中傷を行わない。")
    hashes.append(load_policy(kita.policy).hash)
    (kita.policy.parent / "office.toml").write_text("# 何も足さない\n", encoding="utf-8")
    hashes.append(load_policy(kita.policy).hash)
    assert len(set(hashes)) == 4
    assert all(h.startswith("sha256:") and len(h) == 71 for h in hashes)


def test_the_hash_of_the_rulebook_covers_the_register_and_not_the_folder(kita: Kita, tmp_path: Path) -> None:
    before = load_rulebook(kita.folder).hash
    moved = kita.folder.rename(tmp_path / "elsewhere")
    assert load_rulebook(moved).hash == before
    rules = moved / "rules.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("田中 一郎", "田中 二郎"), encoding="utf-8")
    assert load_rulebook(moved).hash != before


def test_a_policy_is_found_by_its_id_or_by_the_path_of_its_file(kita: Kita) -> None:
    assert resolve_policy("minato", None).id == "minato"
    assert resolve_policy("kita", kita.folder).id == "kita"
    assert resolve_policy(str(kita.policy), None).id == "kita"


@pytest.mark.parametrize(
    ("wrong", "hint"), [("saitma", "saitama"), ("office", "minato"), ("", "minato"), ("../kita", "ファイル")]
)
def test_a_policy_that_is_not_there_is_refused_with_what_there_is(wrong: str, hint: str) -> None:
    with pytest.raises(RulebookError) as refused:
        resolve_policy(wrong if "/" not in wrong else f"{wrong}.toml", None)
    assert hint in refused.value.problems[0].message


def test_a_policy_alone_makes_a_rulebook_without_an_office() -> None:
    policy = resolve_policy("minato", None)
    book = bare_rulebook(policy)
    assert (dict(book.policies), dict(book.accounts), dict(book.operators)) == ({"minato": policy}, {}, {})


def test_files_with_a_bom_and_crlf_are_read_like_any_other(kita: Kita) -> None:
    plain = load_rulebook(kita.folder)
    for path in (kita.rules, kita.policy, kita.words):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_text(encoding="utf-8").replace("\n", "\r\n").encode())
    marked = load_rulebook(kita.folder)
    assert marked.policies["kita"].rules == plain.policies["kita"].rules
    assert marked.accounts == plain.accounts


@pytest.mark.clause("minato/付則", "shinagawa/付則", "saitama/13")
def test_the_version_in_force_is_told_by_the_day() -> None:
    minato, shinagawa, saitama = (resolve_policy(p, None) for p in ("minato", "shinagawa", "saitama"))
    day = date(2024, 3, 31)
    before = version_on(minato.versions, day)
    assert before is not None and (before.from_, before.text) == (date(2020, 8, 25), False)
    assert version_on(minato.versions, date(2024, 4, 1)) == minato.version
    assert shinagawa.version.from_ == date(2026, 4, 1)
    assert version_on(saitama.versions, date(2022, 12, 6)) is None
    assert saitama.version.from_ == date(2022, 12, 7)


def test_a_named_set_of_phrases_stands_for_its_patterns_in_every_rule_that_names_it(kita: Kita) -> None:
    kita.add(kita.policy, "[[phrases]]\nid = \"alarm\"\nany = ['津波', '氾濫']\n")
    kita.edit(kita.policy, 'terms = ["ばか"]', "when = { text = ['至急', '津波'], phrases = [\"alarm\"] }")
    kita.edit(kita.policy, 'titles = ["広報課長"]', 'titles = ["広報課長"]\nwhen = { phrases = ["alarm"] }')
    asked = {rule.id: rule.when.text for rule in load_policy(kita.policy).rules if rule.when.phrases}
    assert (asked["abuse"], asked["approvers"]) == (("至急", "津波", "氾濫"), ("津波", "氾濫"))
