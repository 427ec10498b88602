"""Whom a draft waits for, in English: posts by the names that the office gives them, and nothing lost of what has none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from console.whom import whom
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook
from daemon.rulebook.whom import in_english
from daemon.wire import MissingSeen
from tests.service.live_office import ROOT

TITLES = {"課長": "section chief", "こども・教育担当課長": "Children and Education Section Chief", "部長": "director"}


@pytest.mark.parametrize(
    ("who", "english"),
    [
        ("課長（浦野 陽子）", "section chief (浦野 陽子)"),
        (
            "課長（浦野 陽子、代決 与野 隆） または 部長（名簿に該当者なし）",
            "section chief (浦野 陽子, deputy 与野 隆) or director (nobody on the register)",
        ),
        ("こども・教育担当課長（川端 明）", "Children and Education Section Chief (川端 明)"),
        ("課長・こども・教育担当課長（ほかに該当者なし）", "section chief, Children and Education Section Chief (nobody else)"),
        (
            "課長（作成者と、承認した人のほかに承認できる人がいません）",
            "section chief (nobody but the author and those who have approved it may)",
        ),
        ("課長、部長", "section chief, director"),
        ("広報課の課長（山田 花子）", "the chief of 広報課 (山田 花子)"),
        ("区長室・広報課の担当者", "区長室, a clerk of 広報課"),
        ("担当者", "a clerk"),
        ("係長（山田 花子）", "係長 (山田 花子)"),
        ("山田 花子", ""),
        ("", ""),
    ],
)
def test_whom_a_draft_waits_for_reads_in_english_as_far_as_there_are_names(who: str, english: str) -> None:
    assert in_english(who, TITLES) == english


def test_without_names_the_posts_stay_and_nothing_is_lost() -> None:
    assert in_english("係長（山田 花子）", {}) == "係長 (山田 花子)"
    assert in_english("市長", {}) == ""


@pytest.mark.parametrize(("lang", "said"), [("ja", "課長"), ("en", "section chief")])
def test_a_screen_says_it_in_its_own_language(monkeypatch: pytest.MonkeyPatch, lang: str, said: str) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", lang)
    line = MissingSeen(what="承認", what_en="approval", who="課長", who_en="section chief", clause="", act="approve")
    assert whom(line) == said
    nameless = MissingSeen(what="承認", what_en="approval", who="係長", clause="", act="approve")
    assert whom(nameless) == "係長"


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Rulebook]:
    def written(more: str) -> Rulebook:
        rules = (ROOT / "rules.toml").read_text(encoding="utf-8")
        (tmp_path / "rules.toml").write_text(
            rules.replace("[office.titles_en]\n", f"[office.titles_en]\n{more}\n", 1), encoding="utf-8"
        )
        return load_rulebook(tmp_path)

    return written


def test_every_post_of_the_training_office_has_its_english_name(written: Callable[[str], Rulebook]) -> None:
    book = written("")
    assert {title for who in book.operators.values() for title in who.titles} <= set(book.office.titles_en)


def test_a_name_for_a_post_that_there_is_not_is_warned_of(written: Callable[[str], Rulebook]) -> None:
    (warning,) = [each for each in written('"総務科長" = "x"').problems if "総務科長" in each.message]
    assert warning.severity == "warning"
    assert "総務課長" in warning.message
