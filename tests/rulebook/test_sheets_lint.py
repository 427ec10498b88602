"""What may be wrong with the ways of deciding in rules.toml: said with its line, before anything is put in force."""

from __future__ import annotations

import pytest
from north_city import Kita

from daemon.rulebook.lint import lint_office
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Problem


def add(kita: Kita, *sheets: tuple[str, str]) -> None:
    rules = kita.folder / "rules.toml"
    tables = "".join(f'\n[[sheets]]\nlogin = "{login}"\nfolder = "{folder}"\n' for login, folder in sheets)
    rules.write_text(rules.read_text(encoding="utf-8") + tables, encoding="utf-8")


def said(kita: Kita, severity: str) -> list[Problem]:
    return [problem for problem in lint_office(kita.folder) if problem.severity == severity]


@pytest.fixture
def chief(kita: Kita) -> str:
    return next(who.login for who in load_rulebook(kita.folder).operators.values() if who.role == "manager")


def test_a_folder_of_a_chief_is_read_and_warned_of_where_no_account_allows_it(kita: Kita, chief: str) -> None:
    add(kita, (chief, "/srv/share/kessai"))
    assert [sheets.folder for sheets in load_rulebook(kita.folder).sheets] == ["/srv/share/kessai"]
    (warning,) = said(kita, "warning")
    assert "決裁フォルダを認めていません" in warning.message


@pytest.mark.parametrize(
    ("sheets", "words"),
    [
        ([("nobody", "/srv/a")], "担当者「nobody」はいません"),
        ([("{chief}", "share/a")], "/ で始まる"),
        ([("{chief}", "/srv/../etc")], "/ で始まる"),
        ([("{chief}", "{office}/drafts")], "部署のフォルダの中"),
        ([("{chief}", "/")], "部署のフォルダの中"),
        ([("{chief}", "/srv/a"), ("{chief}", "/srv/b")], "二つあります"),
        ([("{chief}", "/srv/a"), ("{chief}", "/srv/a/b")], "重なっています"),
    ],
)
def test_what_would_let_somebody_else_decide_is_refused(
    kita: Kita, chief: str, sheets: list[tuple[str, str]], words: str
) -> None:
    add(kita, *((login.format(chief=chief), folder.format(office=kita.folder)) for login, folder in sheets))
    assert any(words in problem.message for problem in said(kita, "error"))


def test_an_account_that_nobody_can_decide_is_refused(kita: Kita) -> None:
    rules = kita.folder / "rules.toml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("[[accounts]]\n", "[[accounts]]\ndecide = []\n", 1), encoding="utf-8"
    )
    assert any("decide が空です" in problem.message for problem in said(kita, "error"))


def test_an_account_whose_folders_nobody_has_is_warned_of(kita: Kita) -> None:
    rules = kita.folder / "rules.toml"
    text = rules.read_text(encoding="utf-8").replace("[[accounts]]\n", '[[accounts]]\ndecide = ["folder"]\n', 1)
    rules.write_text(text, encoding="utf-8")
    assert any("決裁フォルダを持つ決裁者がいません" in problem.message for problem in said(kita, "warning"))
