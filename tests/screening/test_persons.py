"""Names of persons: only beside what speaks of one, and only as a hint."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from detected import NASTY, found
from hypothesis import given
from hypothesis import strategies as st

from daemon.screening.hit import Text
from daemon.screening.names import beginning, ending
from daemon.screening.persons import MAY_NAME, persons_in
from daemon.screening.registered import Registered


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("講師は山田花子さんです。", ["山田花子"]),
        ("髙橋さくら様から寄付をいただきました。", ["髙橋さくら"]),
        ("山﨑氏の講演", ["山﨑"]),
        ("優勝したさとうたろう君", ["さとうたろう"]),
        ("ヤマダ先生の教室", ["ヤマダ"]),
        ("田中心愛ちゃんを探しています", ["田中心愛"]),
        ("平井さんと大島会長が話します。", ["平井", "大島"]),
        ("アデム・デマツィ選手が来ます。", ["アデム・デマツィ"]),
        ("講師：佐藤　花子（元教諭）", ["佐藤　花子"]),
        ("担当 鈴木", ["鈴木"]),
        ("市長 山田太郎", ["山田太郎"]),
        ("会長の山田太郎が挨拶します。", ["山田太郎"]),
        ("朗読は山田花子（やまだはなこ）。", ["山田花子"]),
        ("男性会社員、山田太郎（42）が見つかりました。", ["山田太郎"]),
        ("山田（42歳）が見つかりました。", ["山田"]),
        ("村山実会長", ["村山実"]),
        ("ｼﾐｽﾞさんと、す\u200bずきさん", ["ｼﾐｽﾞ", "す\u200bずき"]),
    ],
)
def test_a_name_beside_what_speaks_of_a_person_is_found_with_its_span(text: str, names: list[str]) -> None:
    assert found("person", text) == names


@pytest.mark.parametrize(
    "text",
    [
        "山口県庁を会場とします。",
        "川崎市長が訪れました。",
        "中村区長の挨拶",
        "埼玉県知事と一都三県知事の会談",
        "区民の皆様、お客様、お子様、妊婦の皆さん、みなさん",
        "申請の様式、同様の扱い、氏名と住所、君主、たくさん、さんま",
        "店員さん、お医者さん、パン屋さん、おかあさん",
        "講師：山口大学の教授",
        "代表：福島医師会",
        "福島医師会会長",
        "選手会と全選手",
        "対象は（１）から（１５）、専門家（テレワークマネージャー）",
        "東京（23）、東京（とうきょう）",
        "山田太郎",
        "松本へ行く道",
    ],
)
def test_places_offices_and_everybody_are_nobodys_name(text: str) -> None:
    assert found("person", text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("犯人は山田花子だよ", ["山田花子"]),
        ("こいつの本名は、山田　花子", ["山田　花子"]),
        ("山田花子の勤務先は駅前の店", ["山田花子"]),
        ("山田さんの自宅の前", ["山田"]),
        ("山形の実家に帰る", []),
        ("犯人は逃げた。被害者の名前は伏せます", []),
        ("山田花子さんの講演", []),
        ("市長の自宅", []),
    ],
)
def test_who_is_told_to_be_the_one_or_with_a_home_is_exposed(text: str, names: list[str]) -> None:
    assert found("exposed", text) == names


def test_whom_the_office_names_itself_is_not_hinted_at() -> None:
    public = ("市長 山田 太郎", "03-3578-2111", "city.example.lg.jp")
    text = "山田太郎市長、山田市長、山田　太郎さん、山田花子市長、山田さん"
    assert found("person", text, public=public) == ["山田花子", "山田"]
    assert found("person", "副市長 山田太郎", public=("山田太郎",)) == []


def test_a_name_is_found_once_however_many_signs_stand_with_it() -> None:
    assert found("person", "講師：山田花子さん（やまだはなこ、42歳）と、司会の山田花子さん") == ["山田花子", "山田花子"]


def test_a_clause_without_a_sign_is_no_question_for_the_dictionary() -> None:
    """In a process of its own: texts without any sign of a person, then one with a sign."""
    program = """
import sys
from daemon.screening.hit import Text
from daemon.screening.persons import persons_in
from daemon.screening.registered import Registered
for text in ("図書館は月曜日に休みます。", "区民の皆様へ。申請の様式と氏名", "お客様は（１）の窓口へ", "山田太郎"):
    assert not list(persons_in(Text(text), Registered()))
print("sudachipy" in sys.modules)
assert list(persons_in(Text("山田さん"), Registered())) == [(0, 2)]
print("sudachipy" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@given(
    st.lists(
        st.sampled_from((*NASTY, "山田", "花子", "さん", "会長", "講師：", "（42）", "（やまだ）", " ", "・", "様")), max_size=12
    )
)
def test_whatever_stands_there_every_name_lies_in_the_text_and_has_its_sign(parts: list[str]) -> None:
    text = Text("".join(parts).encode(errors="replace").decode())
    reached = 0
    for start, end in persons_in(text, Registered()):
        assert reached <= start < end <= len(text.folded)
        reached = end
    if reached:
        import re2

        assert re2.search(MAY_NAME, text.folded)


def test_a_name_is_told_from_a_surname_alone() -> None:
    assert (found_at := ending("会員の山田花子")) and (found_at.start, found_at.full) == (3, True)
    assert (alone := beginning("山田が話します")) and (alone.end, alone.full) == (2, False)
    assert beginning("山口大学") is beginning("カンヌ国際映画祭") is ending("大阪") is None


def test_hardly_any_municipal_draft_is_hinted_at_and_most_names_that_are_called_so_are(shared: Path) -> None:
    def rows(name: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in (shared / f"data/dev/{name}.jsonl").read_text(encoding="utf-8").splitlines()]

    drafts = [str(row["text"]) for row in rows("drafts-municipal")]
    assert sum(bool(found("person", text)) for text in drafts) <= len(drafts) * 0.01
    names = sorted({person[1] for row in rows("pii-person-names") for person in row["persons"]})  # type: ignore[attr-defined]
    for frame in ("本日は{}さんが話します。", "本日は{}会長が話します。", "講師：{}"):
        assert sum(bool(found("person", frame.format(name))) for name in names) >= len(names) * 0.8, frame
