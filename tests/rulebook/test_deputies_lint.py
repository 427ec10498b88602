"""What lint says of `[[deputies]]` and of exceptions that no clause grants."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from north_city import Kita

from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.coverage import coverage
from daemon.rulebook.lint import lint_office, lint_policy
from daemon.rulebook.load import BUNDLED, bundled, load_policy, load_rulebook
from daemon.rulebook.model import Problem, RulebookError

PEOPLE = """
[[operators]]
login = "sato"
name = "佐藤"
unit = "広報課"
role = "clerk"
policies = ["kita"]

[[operators]]
login = "kato"
name = "加藤"
unit = "広報課"
role = "manager"
policies = ["kita"]
titles = ["広報課長"]

[[operators]]
login = "kansa"
name = "監査"
unit = "監査"
role = "viewer"
policies = ["kita"]
"""
TODAY = datetime.now(TOKYO).date()
FROM, UNTIL = TODAY - timedelta(days=1), TODAY + timedelta(days=30)


def deputy(
    name: str = "one", login: str = "sato", person: str = "tanaka", *, start: date = FROM, end: date = UNTIL, more: str = ""
) -> str:
    who = f'person = "{person}"\n' if person else ""
    return f'\n[[deputies]]\nid = "{name}"\nlogin = "{login}"\n{who}from = {start}\nuntil = {end}\n{more or BASIS}'


BASIS = 'basis = "北市事務代決規程 第3条"\n'


def said(kita: Kita, more: str) -> tuple[list[Problem], list[Problem]]:
    """Errors and warnings, once these entries stand in rules.toml."""
    kita.add(kita.rules, PEOPLE + more)
    problems = lint_office(kita.folder)
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        with pytest.raises(RulebookError):
            load_rulebook(kita.folder)
    return errors, [p for p in problems if p.severity == "warning"]


def test_an_entry_in_order_is_in_force(kita: Kita) -> None:
    assert said(kita, deputy()) == ([], [])
    (entry,) = load_rulebook(kita.folder).deputies
    assert (entry.login, entry.person, entry.emergencies) == ("sato", "tanaka", "also")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (deputy(login="satoo"), ("satoo は担当者の名簿にいません", "sato」のことですか")),
        (deputy(person="yamada"), ("yamada は担当者の名簿にいません", "この代決も外してください")),
        (deputy(person=""), ("だれの代わりか",)),
        (deputy(person="sato", login="kato"), ("代わる職名がありません",)),
        (deputy(more='title = "部長"\n' + BASIS), ("代わる職名がありません",)),
        (deputy(person="sato"), ("自分の代決",)),
        (deputy(login="kansa"), ("閲覧者",)),
        (deputy(start=UNTIL, end=FROM), ("until が from より前",)),
        (deputy(more='accounts = ["kita-y"]\n' + BASIS), ("アカウント「kita-y」はありません",)),
        (deputy(more='topics = ["防犯"]\n' + BASIS), ("分野「防犯」はありません",)),
        (deputy(more='basis = "kita/99"\n'), ("条文「kita/99」はありません",)),
        (deputy() + deputy(), ("同じ id",)),
        (deputy(more='emergencies = "sometimes"\n' + BASIS), ("also、only、never",)),
    ],
    ids=[
        "an unknown deputy", "a manager who left", "nobody", "nothing to stand in for", "another's title", "oneself", "a viewer",
        "backwards", "no such account", "no such topic", "no such clause", "twice", "a wrong word",
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_file_line_and_what_to_do(kita: Kita, more: str, words: tuple[str, ...]) -> None:
    errors, _ = said(kita, more)
    assert errors
    text = " ".join(p.message for p in errors)
    assert all(word in text for word in words), text
    lines = kita.rules.read_text(encoding="utf-8").splitlines()
    assert all(p.file.endswith("rules.toml") and p.line > lines.index("[[deputies]]") for p in errors)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (deputy(login="kato") + deputy("two", login="tanaka", person="kato"), "代決が輪になります"),
        (deputy(login="kato") + deputy("two", login="sato", person="kato"), "代決の代決になります"),
        (
            deputy(login="kato", person="", more='title = "広報課長"\n' + BASIS) + deputy("two", login="tanaka", person="kato"),
            "代決が輪になります",
        ),
    ],
    ids=["a loop", "a deputy of a deputy", "a loop through a post"],
)
def test_a_chain_of_deputies_is_refused(kita: Kita, more: str, words: str) -> None:
    errors, _ = said(kita, more)
    assert any(words in p.message for p in errors), [p.message for p in errors]


def test_one_after_the_other_is_no_chain(kita: Kita) -> None:
    later = deputy("two", login="tanaka", person="kato", start=UNTIL + timedelta(days=1), end=UNTIL + timedelta(days=9))
    assert said(kita, deputy(login="kato") + later) == ([], [])


def test_what_is_over_overlaps_has_no_basis_or_no_holder_is_a_warning(kita: Kita) -> None:
    ended = deputy(start=TODAY - timedelta(days=9), end=TODAY - timedelta(days=1))
    vacant = deputy("four", person="", more='title = "広報係長"\n' + BASIS)
    errors, warnings = said(kita, ended + deputy("two") + deputy("three", login="kato", more='emergencies = "never"\n') + vacant)
    assert errors == []
    text = " ".join(p.message for p in warnings)
    for words in ("期間（", "two と期間が重なります", "根拠規定なし", "「広報係長」の人が名簿にいません"):
        assert words in text


AUTO = '\n[[rule]]\nid = "no-replies"\ncheck = "kinds"\nclause = "kita/3"\nlevel = "hold"\nlift = ["広報課長"]\nkinds = ["reply"]\nmessage = "返信"\nmessage_en = "reply"\n'


def clause(text: str, clause_id: str = "kita/3", more: str = "") -> str:
    return f'\n[[clause]]\nid = "{clause_id}"\ncite = "第3条"\nclass = "AUTO"\ntext = "{text}"\n{more}'


@pytest.mark.clause("saitama/6-1")
def test_a_lift_stands_only_where_a_clause_leaves_something_to_somebody(kita: Kita) -> None:
    kita.add(kita.policy, clause("返信はしない。") + AUTO)
    (problem,) = lint_policy(kita.policy)
    assert problem.severity == "warning", "a policy that was in force yesterday stays in force"
    assert "「原則」もただし書も読み取れません" in problem.message
    kita.edit(kita.policy, "返信はしない。", "返信は原則としてしない。")
    assert not lint_policy(kita.policy)


@pytest.mark.parametrize(
    ("exception", "words"),
    [("kita/9", ""), ("kita/2", "「原則」もただし書も読み取れません"), ("kita/8", "例外の条文「kita/8」はこの要綱にありません")],
    ids=["a stated power", "no power", "no such clause"],
)
def test_another_clause_grants_it_only_where_it_says_so(kita: Kita, exception: str, words: str) -> None:
    kita.add(kita.policy, clause("返信はしない。") + AUTO + f'exception = "{exception}"\n')
    kita.edit(kita.policy, "必要な事項は広報課長が定める。", "必要な事項は広報課長が別に定める。")
    found = " ".join(p.message for p in lint_policy(kita.policy))
    assert (words in found) if words else not found, found


@pytest.mark.parametrize("policy_id", bundled())
def test_every_lift_of_the_four_policies_rests_on_a_clause_that_grants_it(policy_id: str) -> None:
    assert [p.message for p in lint_policy(BUNDLED / f"{policy_id}.toml") if "ただし書" in p.message] == []


@pytest.mark.clause("minato/7-2(8)カ", "minato/7-2(8)キ")
def test_no_rule_suggests_a_catch_all(kita: Kita) -> None:
    kita.add(
        kita.policy,
        clause("その他公序良俗に反する情報", more="never_suggested = true\n") + AUTO.replace('lift = ["広報課長"]\n', ""),
    )
    errors = [p.message for p in lint_policy(kita.policy) if p.severity == "error"]
    assert any("包括の条項" in message for message in errors), errors
    minato = load_policy(BUNDLED / "minato.toml")
    assert {c.id for c in minato.clauses.values() if c.never_suggested} == {"minato/7-2(8)カ", "minato/7-2(8)キ"}


@pytest.mark.clause("saitama/12", "minato/9", "shinagawa/9")
@pytest.mark.parametrize("policy_id", ["saitama", "minato", "shinagawa"])
def test_an_office_rule_stands_under_the_clause_that_lets_the_office_make_it(policy_id: str, tmp_path: Path) -> None:
    """委任: what the office adds names that clause; one that the policy does not have is refused, none at all is said (根拠規定なし)."""
    policy = load_policy(BUNDLED / f"{policy_id}.toml")
    basis = {"saitama": "saitama/12", "minato": "minato/9", "shinagawa": "shinagawa/9"}[policy_id]
    added = [rule for rule in policy.rules if rule.clause.startswith("office/")]
    assert added
    assert {rule.basis for rule in added} == {basis}
    copy = tmp_path / f"{policy_id}.toml"
    text = (BUNDLED / copy.name).read_text(encoding="utf-8")
    copy.write_text(text.replace(f'basis = "{basis}"', f'basis = "{policy_id}/999"'), encoding="utf-8")
    errors = [p.message for p in lint_policy(copy, words_dir=BUNDLED / "words") if p.severity == "error"]
    assert any(f"{policy_id}/999" in message for message in errors), "an office rule under a clause that is not there is refused"
    (covered,) = [c for c in coverage(policy) if c.id == basis]
    assert covered.held_by == ("rulebook.basis",)
