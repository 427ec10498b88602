"""Everything that is wrong is said at once, with file and line and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest
from north_city import Kita

from daemon.rulebook.lint import lint_office, lint_policy
from daemon.rulebook.lint.office import NUMBERS
from daemon.rulebook.load import BUNDLED, bundled, load_policy, load_rulebook
from daemon.rulebook.model import Problem, RulebookError
from daemon.rulebook.office import Office


def errors(kita: Kita) -> list[tuple[str, int, str]]:
    """(file, line, sentence) of every error of the office; no loader takes what lint refuses."""
    problems = [p for p in lint_office(kita.folder) if p.severity == "error"]
    if problems:
        with pytest.raises(RulebookError):
            load_rulebook(kita.folder)
    return [(p.file, p.line, p.message) for p in problems]


def only(problems: list[tuple[str, int, str]]) -> tuple[str, int, str]:
    assert len(problems) == 1, problems
    return problems[0]


def warnings(kita: Kita) -> list[Problem]:
    """The warnings of the office, which do not keep it from being put in force."""
    load_rulebook(kita.folder)
    return [p for p in lint_office(kita.folder) if p.severity == "warning"]


def test_what_is_lost_of_an_account_keeps_nothing_else_of_it_from_being_checked(kita: Kita) -> None:
    rules = kita.folder / "rules.toml"
    rules.write_text(
        rules.read_text(encoding="utf-8") + '\n[[accounts]]\nid = "a/b"\npolicy = "nope"\nhandel = "x"\n', encoding="utf-8"
    )
    said = [message for _, _, message in errors(kita)]
    assert len(said) == 7, said
    for words in ("フォルダー名に使えません", "要綱「nope」はありません", "「handel」という項目はありません"):
        assert any(words in each for each in said), words
    assert [each for each in said if each.endswith("がありません。")] == [
        f"{key} がありません。" for key in ("platform", "handle", "name", "unit")
    ]


def test_an_office_in_order_has_nothing_to_say(kita: Kita) -> None:
    assert lint_office(kita.folder) == ()


@pytest.mark.parametrize("key", NUMBERS)
def test_a_number_of_the_office_that_means_nothing_is_refused_with_what_it_may_be(kita: Kita, key: str) -> None:
    rules = kita.folder / "rules.toml"
    before = rules.read_text(encoding="utf-8")
    for number in (-1, NUMBERS[key] + 1, 10**15):
        rules.write_text(before.replace("[office]\n", f"[office]\n{key} = {number}\n", 1), encoding="utf-8")
        assert only(errors(kita))[2] == f"{key} は 0〜{NUMBERS[key]} です。"
    for number in (0, NUMBERS[key]):
        rules.write_text(before.replace("[office]\n", f"[office]\n{key} = {number}\n", 1), encoding="utf-8")
        assert errors(kita) == []


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("line", 'channel = "line" は platform = "x" では使えません（使える媒体: line）'),
        ("lime", 'channel = "lime" はありません'),
        ("simulated", "訓練の部署（training = true）でだけ使えます"),
    ],
)
def test_a_channel_that_does_not_serve_the_account_is_refused(kita: Kita, channel: str, said: str) -> None:
    kita.edit(kita.rules, 'platform = "x"\n', f'platform = "x"\nchannel = "{channel}"\n')
    assert said in only(errors(kita))[2]


@pytest.mark.parametrize(
    ("named", "wrong"), [("rules.toml", 1), ("drafts/kita", 1), ("/var/lib/collector/kohoban.prom", 0), ("", 0)]
)
def test_the_numbers_for_the_collector_replace_no_other_file(kita: Kita, named: str, wrong: int) -> None:
    rules = kita.folder / "rules.toml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("[office]\n", f'[office]\nmetrics = "{named}"\n', 1), encoding="utf-8")
    found = errors(kita)
    assert len(found) == wrong and all(".prom" in message for _, _, message in found)


def test_every_number_of_the_office_has_its_bounds() -> None:
    numbers = {name for name, kind in get_type_hints(Office).items() if kind is int}
    assert numbers == NUMBERS.keys()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("budget = -1", "budget は 0〜1000000 です"),
        ("budget = nan", "budget は"),
        ("mentions_minutes = 1441", "mentions_minutes は 0〜1440 です"),
    ],
)
def test_a_number_of_an_account_that_means_nothing_is_refused(kita: Kita, line: str, said: str) -> None:
    rules = kita.folder / "rules.toml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("[[accounts]]\n", f"[[accounts]]\n{line}\n", 1), encoding="utf-8")
    assert said in only(errors(kita))[2]


@pytest.mark.parametrize("policy", bundled())
def test_the_policies_of_the_program_are_in_order(policy: str) -> None:
    assert lint_policy(BUNDLED / f"{policy}.toml") == ()


def test_the_training_office_is_in_order(root: Path) -> None:
    assert lint_office(root) == ()


ALARM = """
[[phrases]]
id = "emergency"
any = ['津波', '氾濫']
"""

IN_THE_POLICY = {
    "unknown clause": ('clause = "kita/2"', 'clause = "kita/22"', "「kita/2」のことですか"),
    "unknown key": ('lists = ["rude"]', 'list = ["rude"]', "「lists」のことですか"),
    "unknown level": ('level = "hold"\nlift = ["@approver"]', 'level = "halt"\nlift = ["@approver"]', "block、hold、warn"),
    "unknown check": ('check = "words"', 'check = "word"', "「words」のことですか"),
    "no check": ('check = "words"\n', "", "check は"),
    "wrong type": ('terms = ["ばか"]', "terms = [3]", "文字列で書いてください（今は整数）"),
    "no array": ('terms = ["ばか"]', 'terms = "ばか"', "[ ] の並びで書いてください（今は文字列）"),
    "time as text": ("open = 09:00:00", 'open = "9時"', "09:00:00"),
    "hours the wrong way round": ("close = 17:00:00", "close = 08:00:00", "open より後"),
    "hours with seconds": ("open = 09:00:00", "open = 09:00:30", "分まで"),
    "impossible closed day": ("close = 17:00:00", 'close = 17:00:00\nclosed = ["02-30"]', "02-30"),
    "two clauses with one id": ('id = "kita/9"', 'id = "kita/2"', "同じ id の条文"),
    "a clause of another policy": ('id = "kita/9"', 'id = "minato/9"', "kita/…"),
    "an empty text": ('text = "誹謗中傷をしない。"', 'text = " "', "text が空"),
    "an unknown class": ('class = "ASSIST"', 'class = "ASIST"', "AUTO、ASSIST"),
    "an unknown mechanism": ('cite = "第2条"', 'cite = "第2条"\nheld_by = ["gate.halt"]', "gate.halt"),
    "two rules with one id": ('id = "topics"', 'id = "hours"', "同じ id の規則"),
    "a list that is not there": ('lists = ["rude"]', 'lists = ["rudest"]', "rudest.txt"),
    "a list outside the folder": ('lists = ["rude"]', 'lists = ["../rude"]', "一覧の名前"),
    "no words at all": ('lists = ["rude"]\nterms = ["ばか"]\n', "", "語がありません"),
    "an empty term": ('terms = ["ばか"]', 'terms = ["ばか", ""]', "空の語"),
    "an exception that is no pattern": ('terms = ["ばか"]', "unless = ['(?!ばか)']", "先読み・後読み"),
    "a basis for an article": ('clause = "kita/2"', 'clause = "kita/2"\nbasis = "kita/9"', "basis は要りません"),
    "an unknown basis": ('clause = "kita/2"', 'clause = "office/abuse"\nbasis = "kita/8"', "kita/8"),
    "an unknown basis of the policy": ('basis = "kita/9"', 'basis = "kita/7"', "kita/7"),
    "an unknown further clause": ('clause = "kita/2"', 'clause = "kita/2"\nalso = ["kita/3"]', "kita/3"),
    "no message": ('message = "第2条に当たるか確認してください。"\n', "", "message がありません"),
    "no English": ('message_en = "Check against article 2."\n', "", "message_en がありません"),
    "a placeholder that is none": ('lift = ["@approver"]', 'lift = ["@aprover"]', "@aprover"),
    "a lift of what does not hold": ('level = "hold"\nlift = ["@approver"]', 'level = "block"\nlift = ["@approver"]', "lift は"),
    "a level of comments": ('level = "hold"\nlift = ["@approver"]', 'level = "act"', "block、hold、warn"),
    "hours for comments": (
        'level = "hold"\nlift = ["広報課長"]\nopen',
        'level = "look"\non = "comment"\nopen',
        'on = "comment" にできるのは',
    ),
    "a release left to no unit": ('check = "words"', 'check = "author"\nreleases = true', "units が空"),
    "a topic nobody has": ('terms = ["ばか"]', 'when = { topics = ["観光"] }', "観光"),
    "a platform it is not for": ('terms = ["ばか"]', 'when = { platforms = ["line"] }', "line"),
    "a condition that does not exist": ('terms = ["ばか"]', 'when = { kind = ["post"] }', "「kinds」のことですか"),
    "a condition that is no pattern": ('terms = ["ばか"]', "when = { text = ['('] }", "RE2"),
    "a set of phrases that is not there": (
        'terms = ["ばか"]',
        'when = { phrases = ["alarm"] }',
        "「alarm」はこのファイルにありません",
    ),
    "a set of phrases with a wrong name": (
        'terms = ["ばか"]',
        'when = { phrases = ["emergenzy"] }\n' + ALARM,
        "「emergency」のことですか",
    ),
    "a set with a pattern that is none": ("[[rule]]", '[[phrases]]\nid = "emergency"\nany = ["("]\n\n[[rule]]', "RE2"),
    "a set that meets every text": (
        "[[rule]]",
        '[[phrases]]\nid = "emergency"\nany = ["津波?|"]\n\n[[rule]]',
        "空の文にも当たります",
    ),
    "a set without a pattern": ("[[rule]]", '[[phrases]]\nid = "emergency"\nany = []\n\n[[rule]]', "パターンがありません"),
    "two sets with one name": ("[[rule]]", ALARM + ALARM + "\n[[rule]]", "同じ id の組"),
    "an unknown platform": ('platforms = ["x"]', 'platforms = ["mixi"]', "mixi"),
    "nobody who manages": ('manager = ["広報課長"]', "manager = []", "manager が空"),
    "nobody who approves": ('titles = ["広報課長"]', "titles = []", "titles が空"),
    "no text in hand": ("text = true\n", "", "text = true"),
    "an unknown table": ("[[version]]", "[[versions]]\n[[version]]", "「version」のことですか"),
    "a missing title": ('title = "北市公式X運用方針"\n', "", "title がありません"),
}


@pytest.mark.parametrize(("old", "new", "says"), IN_THE_POLICY.values(), ids=IN_THE_POLICY)
def test_a_policy_with_an_error_is_refused_with_a_sentence_that_names_it(kita: Kita, old: str, new: str, says: str) -> None:
    line = kita.edit(kita.policy, old, new)
    found = [(file, at) for file, at, message in errors(kita) if says in message]
    assert found, errors(kita)
    # The line named is in the table that was spoilt: no further from the edit than the table is long.
    assert all(file == str(kita.policy) and abs(at - line) <= 12 for file, at in found)


IN_RULES_TOML = {
    "an unknown key": ('name = "北市広報課"', 'name = "北市広報課"\ntrainig = true', 3, "「training」のことですか"),
    "an unknown policy": ('policy = "kita"', 'policy = "kitta"', 6, "「kita」のことですか"),
    "a platform it is not for": ('platform = "x"', 'platform = "line"', 7, "媒体は x です"),
    "a topic that the policy lacks": ('topic = "防災"', 'topic = "防犯"', 11, "防犯"),
    "an id that names no folder": ('id = "kita-x"', 'id = "../x"', 5, "フォルダー名"),
    "an unknown role": ('role = "manager"', 'role = "chief"', 17, "viewer、clerk、manager"),
    "an operator of no policy": ('policies = ["kita"]', 'policies = ["nishi"]', 18, "nishi"),
    "a nameless login": ('login = "tanaka"', 'login = " "', 14, "空"),
    "a date as text": ('name = "北市広報課"', 'name = "北市広報課"\nclosed = ["12月1日"]', 3, "日付は 2026-11-24"),
}


@pytest.mark.parametrize(("old", "new", "line", "says"), IN_RULES_TOML.values(), ids=IN_RULES_TOML)
def test_rules_toml_with_an_error_is_refused_with_file_and_line(kita: Kita, old: str, new: str, line: int, says: str) -> None:
    kita.edit(kita.rules, old, new)
    file, at, message = only(errors(kita))
    assert (file, at) == (str(kita.rules), line)
    assert says in message


def test_all_errors_of_all_files_come_at_once_each_with_its_line(kita: Kita) -> None:
    expected = {
        (str(kita.policy), kita.edit(kita.policy, "platforms =", "plattforms = 1\nplatforms =")),
        (str(kita.policy), kita.edit(kita.policy, 'class = "ASSIST"', 'class = "ASIST"')),
        (str(kita.policy), kita.edit(kita.policy, "open = 09:00:00", "open = 9") + 0),
        (str(kita.policy), kita.edit(kita.policy, 'clause = "kita/2"', 'clause = "kita/22"')),
        (str(kita.policy), kita.edit(kita.policy, 'terms = ["ばか"]', "unless = ['(', 'a*']")),
        (str(kita.rules), kita.edit(kita.rules, 'platform = "x"', 'platform = "mixi"')),
        (str(kita.rules), kita.edit(kita.rules, 'role = "manager"', 'role = "chief"')),
    }
    assert {(file, line) for file, line, _ in errors(kita)} == expected
    assert len(errors(kita)) == len(expected) + 1  # both patterns of the one line


def test_the_line_is_that_of_the_key_though_a_clause_quotes_a_table(kita: Kita) -> None:
    kita.edit(
        kita.policy, 'text = "誹謗中傷をしない。"', "text = '''\n[[rule]]\nid = \"quoted\"\nlevel = \"hold\" # no rule\n'''"
    )
    line = kita.edit(kita.policy, 'terms = ["ばか"]', "terms = [3]")
    assert only(errors(kita))[1] == line


def test_a_sub_table_counts_to_its_rule(kita: Kita) -> None:
    kita.edit(kita.policy, 'terms = ["ばか"]', "")
    kita.edit(kita.policy, 'message_en = "Check against article 2."', 'message_en = "Check."\n[rule.when]\nplatforms = ["line"]')
    line = kita.add(
        kita.policy,
        '[[rule]]\nid = "twice"\ncheck = "kinds"\nclause = "kita/2"\nlevel = "block"\nkinds = []\nmessage = "x"\nmessage_en = "x"\n',
    )
    assert [at for _, at, _ in errors(kita)][-1] == line + 5


def test_an_error_in_a_rule_that_is_added_to_all_policies_is_said_once(kita: Kita) -> None:
    added = kita.policy.parent / "office.toml"
    added.write_text(
        '[[rule]]\nid = "mine"\ncheck = "detector"\nclause = "kita/2"\nlevel = "hold"\nname = "blank"\noptions = { codes = ["nul"] }\n',
        encoding="utf-8",
    )
    found = errors(kita)
    assert {(file, line) for file, line, _ in found} == {(str(added), 4), (str(added), 6)}
    assert sum("「blanks」のことですか" in message for _, _, message in found) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ('name = "duplicate"\noptions = { similarity = "much" }', "similarity"),
        ('name = "duplicate"\noptions = { likeness = 0.9 }', "likeness"),
        ('name = "burst"\noptions = { count = 0 }', "count"),
        ('name = "reading"\noptions = { codes = ["encodings"] }', "「encoding」のことですか"),
        ('name = "phone"\noptions = { of = "privat" }', "「private」のことですか"),
        ('name = "links"\noptions = { of = ["shorten"] }', "「shortened」のことですか"),
        ('name = "links"', "of がありません"),
        ('name = "altered"', 'on = "comment"'),
    ],
)
def test_the_options_of_a_detector_are_checked(kita: Kita, options: str, says: str) -> None:
    kita.add(kita.policy, f'[[rule]]\nid = "d"\ncheck = "detector"\nclause = "kita/2"\nlevel = "warn"\n{options}\n')
    assert says in only(errors(kita))[2]


def test_the_published_handle_and_the_configured_one_must_be_the_same(kita: Kita) -> None:
    kita.add(
        kita.policy,
        '[[rule]]\nid = "handle"\ncheck = "handle"\nclause = "kita/2"\nlevel = "block"\nhandles = { x = "KitaHall" }\n',
    )
    file, line, message = only(errors(kita))
    assert (file, line) == (str(kita.rules), 8)
    assert "KitaHall" in message and "kitacity" in message and "kita/2" in message
    kita.edit(kita.rules, 'handle = "kitacity"', 'handle = "@kitaHALL"')
    assert errors(kita) == []


def test_two_accounts_or_operators_of_one_name_are_refused(kita: Kita) -> None:
    text = kita.rules.read_text(encoding="utf-8")
    kita.add(kita.rules, text[text.index("[[accounts]]") :])
    assert [message for _, _, message in errors(kita)] == ["アカウント kita-x が二つあります。", "担当者 tanaka が二つあります。"]


def test_a_file_of_another_name_than_its_policy_is_refused(kita: Kita) -> None:
    kita.policy.rename(kita.policy.with_name("north.toml"))
    file, line, message = only(errors(kita))
    assert (Path(file).name, line) == ("north.toml", 2)
    assert "kita.toml" in message


# ---- what is only doubtful --------------------------------------------------------------------------------------------------------


def test_an_approver_whom_nobody_on_the_register_is_is_a_warning_because_drafts_would_wait_for_ever(kita: Kita) -> None:
    register = kita.edit(kita.rules, 'titles = ["広報課長"]', 'titles = ["広報課"]')
    needed_first = kita.policy.read_text(encoding="utf-8").split("\n").index('lift = ["広報課長"]') + 1
    found = warnings(kita)
    assert {(p.file, p.line) for p in found} == {(str(kita.policy), needed_first), (str(kita.rules), register)}
    assert any("待つ下書きは出せません" in p.message for p in found)
    assert any("「広報課長」のことですか" in p.message for p in found if p.file == str(kita.rules))


def test_a_clerk_of_the_right_title_does_not_approve(kita: Kita) -> None:
    kita.edit(kita.rules, 'role = "manager"', 'role = "clerk"')
    assert any("広報課長" in p.message for p in warnings(kita))


def test_the_chief_of_a_unit_that_has_none_is_a_warning_at_the_account(kita: Kita) -> None:
    kita.edit(kita.policy, 'titles = ["広報課長"]', 'titles = ["@unit-chief"]')
    assert warnings(kita) == []
    kita.edit(kita.rules, 'unit = "広報課"\ntopic', 'unit = "防災課"\ntopic')
    (warning,) = warnings(kita)
    assert (warning.file, warning.line) == (str(kita.rules), 10)


def test_a_title_that_the_policy_never_names_is_a_warning_with_the_nearest_one(kita: Kita) -> None:
    kita.edit(kita.policy, 'lift = ["広報課長"]', 'lift = ["広報科長"]')
    assert any("「広報課長」のことですか" in p.message for p in warnings(kita))


def test_a_policy_whose_wording_is_not_yet_in_force_is_a_warning(kita: Kita) -> None:
    kita.edit(kita.policy, "from = 2020-04-01", "from = 2999-04-01")
    (warning,) = warnings(kita)
    assert "効力のある版の条文が手元にありません" in warning.message


def test_versions_out_of_order_are_an_error(kita: Kita) -> None:
    kita.edit(kita.policy, "[[version]]", '[[version]]\ncite = "改正"\nfrom = 2024-04-01\n\n[[version]]')
    assert "古い順" in only(errors(kita))[2]


def test_an_office_without_accounts_is_a_warning(kita: Kita) -> None:
    text = kita.rules.read_text(encoding="utf-8")
    kita.rules.write_text(text[: text.index("[[accounts]]")], encoding="utf-8")
    assert [p.message for p in warnings(kita)] == ["[[accounts]] がありません。"]


# ---- files that are no rules at all -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["rules", "policy", "words"])
def test_a_file_saved_as_shift_jis_is_refused_and_never_guessed(kita: Kita, which: str) -> None:
    path: Path = getattr(kita, which)
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp932"))
    assert any("UTF-8 ではありません" in message for _, _, message in errors(kita))


def test_a_syntax_error_gives_its_line_and_the_other_files_are_still_looked_at(kita: Kita) -> None:
    line = kita.edit(kita.rules, 'handle = "kitacity"', 'handle = "kitacity')
    other = kita.edit(kita.policy, 'clause = "kita/2"', 'clause = "kita/22"')
    assert [(file, at) for file, at, _ in errors(kita)] == [(str(kita.policy), other), (str(kita.rules), line)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\0",
        b"\xff\xfe[\0",
        b"a = " + b"[" * 5000,
        b"a = " + b"9" * 5000,
        b"office = 3\naccounts = 4\noperators = [5]",
        b"[office]\n" * 2,
    ],
    ids=["empty", "nul", "utf-16", "deep", "long number", "no tables", "twice"],
)
def test_nonsense_in_rules_toml_is_an_error_and_never_a_crash(kita: Kita, content: bytes) -> None:
    kita.rules.write_bytes(content)
    assert errors(kita)


def test_a_missing_rules_toml_is_an_error_that_says_so(kita: Kita) -> None:
    kita.rules.unlink()
    assert only(errors(kita)) == (str(kita.rules), 1, "ファイルがありません。")


def test_a_pipe_a_folder_and_a_huge_file_are_refused_without_reading_them(kita: Kita) -> None:
    kita.rules.unlink()
    os.mkfifo(kita.rules)
    assert only(errors(kita))[2] == "普通のファイルではありません。"
    kita.rules.unlink()
    kita.rules.mkdir()
    assert only(errors(kita))[2] == "普通のファイルではありません。"
    kita.rules.rmdir()
    with kita.rules.open("wb") as file:
        file.truncate(2 << 30)
    assert "大きすぎます" in only(errors(kita))[2]


def test_a_list_without_a_word_is_refused_because_it_would_hold_nothing_back(kita: Kita) -> None:
    kita.words.write_text("# まだ空です\n", encoding="utf-8")
    assert "語が1つもありません" in only(errors(kita))[2]


def test_a_rule_written_in_line_is_placed_at_its_key(kita: Kita) -> None:
    text = kita.policy.read_text(encoding="utf-8")
    kita.policy.write_text("rule = [{ id = 'a', check = 'wards' }]\n" + text[: text.index("[[rule]]")], encoding="utf-8")
    with pytest.raises(RulebookError) as refused:
        load_policy(kita.policy)
    assert [p.line for p in refused.value.problems] == [1]


def test_every_sentence_has_an_english_twin_without_japanese_of_its_own(kita: Kita) -> None:
    for old, new, _ in IN_THE_POLICY.values():
        fresh = kita.policy.read_text(encoding="utf-8")
        kita.edit(kita.policy, old, new)
        for problem in lint_policy(kita.policy):
            assert problem.message and problem.message_en
            assert "。" not in problem.message_en and "してください" not in problem.message_en
        kita.policy.write_text(fresh, encoding="utf-8")


def test_reading_the_rules_neither_imports_the_holiday_library_nor_the_console() -> None:
    code = (
        "import sys; from daemon.rulebook.load import load_policy, BUNDLED; load_policy(BUNDLED / 'saitama.toml');"
        "print([m for m in ('jpholiday', 'difflib', 'textual', 'asyncio', 'click', 'console') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_pattern_of_a_set_is_reported_once_where_it_stands_and_not_at_every_rule_that_names_the_set(kita: Kita) -> None:
    line = kita.add(kita.policy, "[[phrases]]\nid = \"emergency\"\nany = ['津波', '(']\n")
    for clause in ("kita/1", "kita/2"):
        kita.edit(kita.policy, f'clause = "{clause}"\n', f'clause = "{clause}"\nwhen = {{ phrases = ["emergency"] }}\n')
    problem = only(errors(kita))
    assert problem[:2] == (str(kita.policy), line + 2 + 2)
    assert problem[2].startswith("組 emergency: 「(」: 正規表現（RE2）として読めません")


def gaps(kita: Kita) -> list[str]:
    return [p.message for p in warnings(kita) if "承認" in p.message]


def test_a_kind_that_no_line_of_the_approver_table_names_is_a_warning_for_every_topic(kita: Kita) -> None:
    kita.edit(
        kita.policy,
        'titles = ["広報課長"]',
        'titles = ["広報課長"]\nwhen = { kinds = ["post", "poll", "correction", "delete", "profile"] }',
    )
    assert [message.split(" を")[0] for message in gaps(kita)] == [
        "規則 approvers: 分野「防災」の reply、repost、quote、follow、like、message、story、live",
        "規則 approvers: 分野「子育て」の reply、repost、quote、follow、like、message、story、live",
    ]


def test_a_line_for_posts_and_surveys_alike_beside_a_table_of_surveys_is_a_warning(kita: Kita) -> None:
    """The two tables (情報発信, 広聴) may name the same people today and others tomorrow."""
    polls = '\n[[rule]]\nid = "polls"\ncheck = "approvers"\nclause = "kita/9"\nlevel = "hold"\ntitles = ["広報課長"]\nwhen = {{ kinds = {kinds} }}\n'
    path = kita.folder / "policies" / "kita.toml"
    path.write_text(path.read_text(encoding="utf-8") + polls.format(kinds='["poll"]'), encoding="utf-8")
    assert not [p for p in warnings(kita) if "poll とほかの種別" in p.message]
    mixed = polls.format(kinds='["post", "poll"]').replace('"polls"', '"both"')
    path.write_text(path.read_text(encoding="utf-8") + mixed, encoding="utf-8")
    assert len([p for p in warnings(kita) if "poll とほかの種別" in p.message]) == 1


def test_a_topic_that_no_line_of_the_approver_table_names_is_a_warning(kita: Kita) -> None:
    kita.edit(kita.policy, 'titles = ["広報課長"]', 'titles = ["広報課長"]\nwhen = { topics = ["防災"] }')
    (message,) = gaps(kita)
    assert message.startswith("規則 approvers: 分野「子育て」の post、poll、")


@pytest.mark.parametrize("when", ["emergency = true", "images = false", "text = ['津波']"])
def test_a_line_that_may_not_apply_to_a_draft_leaves_a_gap(kita: Kita, when: str) -> None:
    kita.edit(kita.policy, 'titles = ["広報課長"]', f'titles = ["広報課長"]\nwhen = {{ {when} }}')
    assert len(gaps(kita)) == 2


def test_lines_that_together_cover_everything_leave_no_gap(kita: Kita) -> None:
    line = '[[rule]]\nid = "more"\ncheck = "approvers"\nclause = "kita/9"\nlevel = "hold"\ntitles = ["広報課長"]\nwhen = { emergency = true }\n'
    kita.edit(kita.policy, 'titles = ["広報課長"]', 'titles = ["広報課長"]\nwhen = { emergency = false }')
    kita.add(kita.policy, line)
    assert gaps(kita) == []


def test_a_kind_that_the_policy_never_allows_needs_nobody_to_approve_it(kita: Kita) -> None:
    kinds = '["post", "poll", "reply", "repost", "quote", "like", "message", "story", "live", "profile", "correction", "delete"]'
    kita.edit(kita.policy, 'titles = ["広報課長"]', f'titles = ["広報課長"]\nwhen = {{ kinds = {kinds} }}')
    assert len(gaps(kita)) == 2
    kita.add(
        kita.policy,
        '[[rule]]\nid = "follow"\ncheck = "kinds"\nclause = "kita/1"\nlevel = "block"\nkinds = ["follow"]\n'
        'message = "フォローはしません。"\nmessage_en = "No following."\n',
    )
    assert gaps(kita) == []


def test_a_policy_that_names_no_approver_at_all_says_that_its_managers_will_be_asked(kita: Kita) -> None:
    kita.edit(kita.policy, 'titles = ["広報課長"]', 'titles = ["@approver"]')
    assert gaps(kita) == ["承認者を定める規則（approvers）がありません。どの下書きも、管理者（広報課長）の承認を待ちます。"]


@pytest.mark.parametrize("policy", bundled())
def test_every_draft_of_the_four_policies_has_an_approver_whom_the_text_names(policy: str) -> None:
    assert [p for p in lint_policy(BUNDLED / f"{policy}.toml") if "承認" in p.message] == []
