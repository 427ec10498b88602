"""What lint says of duties, their intervals, what accounts begin with, and how people are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from north_city import Kita

from daemon.rulebook.lint import lint_office
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.notices import why_no_address


def said(folder: Path, old: str, new: str) -> list[str]:
    """What lint says of this office with that in its `rules.toml`."""
    rules = folder / "rules.toml"
    text = rules.read_text(encoding="utf-8")
    assert old in text
    rules.write_text(text.replace(old, new, 1), encoding="utf-8")
    return [f"{p.severity} {p.message} {p.message_en}" for p in lint_office(folder)]


@pytest.fixture
def office(tmp_path: Path, root: Path) -> Path:
    (tmp_path / "rules.toml").write_bytes((root / "rules.toml").read_bytes())
    return tmp_path


PASSWORD = 'duty = "minato/password"\nmonths = 6'
FOUNDING = "consulted = 2026-02-03"
GUIDELINE = 'guideline = "https://kunren.example/minato-x/youryou"'
SHIBATA = 'login = "shibata"\n'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (PASSWORD, 'duty = "minato/pasword"\nmonths = 6', "minato/password"),
        (PASSWORD, 'duty = "minato/password"\nmonths = 0', "間隔をなくすことはできません"),
        (PASSWORD, 'duty = "minato/password"\nmonths = -1', "負の数は不可"),
        (PASSWORD, 'duty = "minato/password"\nmonths = 6\ndays = 3', "どちらか一方"),
        (PASSWORD, 'duty = "drill"\nmonths = 6', "drill_months"),
        (PASSWORD, 'duty = "canaries"\ndays = 7', "番人は毎朝行われます"),
        (PASSWORD, f"{PASSWORD}\n\n[[duties]]\n{PASSWORD}", "前にもあります"),
        (PASSWORD, f"{PASSWORD}\nremind_days = -3", "0 以上の日数"),
        (FOUNDING, "consulted = 2026-02-03, comittee = '第4回'", "comittee"),
        (FOUNDING, "consulted = '2026-02-03'", "日付"),
        (FOUNDING, "consulted = 2026-02-03T10:00:00", "日付"),
        (GUIDELINE, 'guideline = "/etc/passwd"', "部署のフォルダの中"),
        (GUIDELINE, 'guideline = "guidelines/../../x.md"', "部署のフォルダの中"),
        (SHIBATA, f'{SHIBATA}mail = "a@example.jp\\nBcc: b@example.jp"\n', "一人分のメールアドレス"),
        (SHIBATA, f'{SHIBATA}mail = "a@example.jp, b@example.jp"\n', "一人分のメールアドレス"),
        (SHIBATA, f'{SHIBATA}mail = "-oQ/tmp@example.jp"\n', "一人分のメールアドレス"),
        (SHIBATA, f'{SHIBATA}mute = ["stopped"]\n', "止められません"),
        ("[office]\n", '[notices]\nhook = ["notify"]\n\n[office]\n', "/ から"),
        ("[office]\n", "[notices]\nseconds = 0\n\n[office]\n", "1〜300"),
        ("[office]\n", '[notices]\nfrom = "a b@example.jp"\n\n[office]\n', "from"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_write(office: Path, old: str, new: str, words: str) -> None:
    assert any(line.startswith("error") and words in line for line in said(office, old, new)), words


def test_a_document_that_is_not_there_is_a_warning_and_its_coming_is_noticed(office: Path) -> None:
    lines = said(office, GUIDELINE, 'guideline = "guidelines/x.md"')
    assert [line for line in lines if line.startswith("warning") and "guidelines/x.md" in line]
    before = load_rulebook(office)
    assert before.duties.absent == {"guidelines/x.md"}
    (office / "guidelines").mkdir()
    (office / "guidelines" / "x.md").touch()
    assert load_rulebook(office).duties.absent == {"guidelines/x.md"}  # empty is as good as none
    (office / "guidelines" / "x.md").write_text("運用要領", encoding="utf-8")
    after = load_rulebook(office)
    assert after.duties.absent == frozenset()
    assert after.hash != before.hash


def test_a_command_that_is_not_there_is_a_warning(office: Path) -> None:
    lines = said(office, "[office]\n", '[notices]\nsendmail = "/nowhere/sendmail"\n\n[office]\n')
    assert [line for line in lines if line.startswith("warning") and "/nowhere/sendmail" in line]
    assert not [line for line in lines if line.startswith("error")]


@pytest.mark.parametrize("mail", ["a@example.jp", "first.last+sns@city.example.lg.jp", "o_1-2@x.jp"])
def test_an_address_of_one_person_is_taken(mail: str) -> None:
    assert why_no_address(mail) is None


@pytest.mark.parametrize(
    "mail", ["", "a", "a@b", "@x.jp", "a@x.jp\r\nX: 1", "あ@x.jp", "a@x.jp;b@y.jp", "<a@x.jp>", "a@" + "x" * 300 + ".jp"]
)
def test_anything_else_is_not(mail: str) -> None:
    assert why_no_address(mail) is not None


def test_a_policy_of_another_office_names_its_own_duties_and_conditions(kita: Kita) -> None:
    policy = kita.folder / "policies" / "kita.toml"
    text = policy.read_text(encoding="utf-8")
    clause = text.split('id = "kita/', 1)[1].split('"', 1)[0]
    duty = (
        f'\n[[duty]]\nid = "licence"\nclause = "kita/{clause}"\ntitle = "免許の更新"\ntitle_en = "Renew the licence"\n'
        "every = { months = 12 }\n"
    )
    policy.write_text(text + duty, encoding="utf-8")
    assert [each.id for each in load_rulebook(kita.folder).policies["kita"].duties][:1] == ["licence"]
    rules = kita.folder / "rules.toml"
    rules.write_text(rules.read_text(encoding="utf-8") + '\n[[duties]]\nduty = "kita/licence"\nmonths = 24\n', encoding="utf-8")
    assert any("より長くできません" in p.message for p in lint_office(kita.folder))
