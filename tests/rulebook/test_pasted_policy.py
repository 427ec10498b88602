"""要綱取り込み: a pasted text becomes the clauses that a person would have cut out of it, its page says what the text says, and what is
wrong with the text is pointed out."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from console.launch import run
from daemon.papers.as_text import as_text
from daemon.papers.policy_page import policy_page
from daemon.rulebook.coverage import coverage
from daemon.rulebook.lint import lint_policy
from daemon.rulebook.load import resolve_policy
from daemon.rulebook.model import Policy
from daemon.rulebook.pasted import Unreadable, defects, policy_file, text_of, tree_of
from daemon.rulebook.pasted.years import days

POLICIES = ("taisho", "saitama", "minato", "shinagawa")
LEAST = {"taisho": (4, 19), "saitama": (35, 0), "minato": (35, 0), "shinagawa": (26, 0)}
"""Of the rows of each policy, how many come out with the very id and words, and how many more with the very words under another id. Of
138 rows 4 say what a text does not say, and the others are cut otherwise by a person (two paragraphs as one row, a sentence apart)."""


def folded(text: str) -> str:
    return "".join(text.split())


def pasted(text: str, folder: Path, name: str = "town") -> Policy:
    """The policy that comes of a pasted text, loaded as an office would."""
    tree = tree_of(text)
    (folder / "policies").mkdir(exist_ok=True)
    path = folder / "policies" / f"{name}.toml"
    path.write_text(policy_file(tree, name, defects(tree)), encoding="utf-8")
    assert [p.message for p in lint_policy(path) if p.severity == "error"] == []
    return resolve_policy(str(path), None)


@pytest.mark.parametrize("policy_id", POLICIES)
def test_the_clauses_of_the_four_texts_are_those_that_people_have_cut_out(shared: Path, policy_id: str) -> None:
    tree = tree_of((shared / f"policies/{policy_id}.txt").read_text(encoding="utf-8"))
    words = {leaf.id: folded(leaf.text) for leaf in tree.leaves}
    rows = [c for c in resolve_policy(policy_id, None).clauses.values() if not c.absent]
    same = [c for c in rows if words.get(c.id.partition("/")[2]) == folded(c.text)]
    only_words = [c for c in rows if c not in same and folded(c.text) in words.values()]
    assert (len(same), len(only_words)) >= LEAST[policy_id], [c.id for c in rows if c not in same]


@pytest.mark.parametrize("policy_id", POLICIES)
def test_the_page_of_the_result_says_every_word_of_the_source_and_nothing_is_mapped(
    shared: Path, tmp_path: Path, policy_id: str
) -> None:
    text = (shared / f"policies/{policy_id}.txt").read_text(encoding="utf-8")
    policy = pasted(text, tmp_path)
    page = "\n".join(line for line in as_text(policy_page(policy, policy.version)).split("\n") if not line.startswith("［注］"))
    assert folded(page) == folded(text)
    assert {clause.status for clause in coverage(policy)} == {"unmapped"}
    assert [v.from_ for v in policy.versions] == [v.from_ for v in resolve_policy(policy_id, None).versions]


@pytest.mark.parametrize(
    ("policy_id", "said"),
    [
        (
            "minato",
            ["第3条の見出しがありません", "「意志」は「意思」", "「原則」の例外をだれが認めるか", "「運用責任者」がだれか"],
        ),
        (
            "shinagawa",
            ["「試行」は「思想」", "「虚像」は「虚偽」", "「現著作」は「原著作」", "「リツイート」と「リポスト」", "制定日"],
        ),
        ("saitama", ["「恊働」は「協働」"]),
        ("taisho", ["施行日の記載がありません"]),
    ],
)
def test_the_known_defects_of_the_four_texts_are_pointed_out(shared: Path, policy_id: str, said: list[str]) -> None:
    found = defects(tree_of((shared / f"policies/{policy_id}.txt").read_text(encoding="utf-8")))
    for each in said:
        assert any(each in defect.message for defect in found), each
    assert all(defect.message_en for defect in found)


INVENTED = """○架空町公式SNS運用要領
制定 令和5年3月1日
(目的)
第１条　この要領は、架空町（以下「町」という。）の公式アカウントの運用について必要な事項を定める。
(体制)
第２条　運営管理者は企画課長とする。
２　投稿は、平日の９時から17時半までとする。ただし、企画課長が必要と認める場合はこの限りでない。
(禁止)
第３条　次の情報は発信しない。
　（１）　個人情報
　（２）　政治活動に関する情報
　　ア　選挙
　　イ　政党
(委任)
第４条　この要領に定めるもののほか、第９条第２項に定めるものを除き、企画課長が定める。
附　則
この要領は、令和5年4月1日から施行する。
"""


def test_digits_and_brackets_of_any_width_and_tabs_make_the_same_clauses(tmp_path: Path) -> None:
    wide = tree_of(INVENTED)
    narrow = tree_of(INVENTED.translate(str.maketrans("０１２３４５６７８９（）　", "0123456789()\t")))
    assert [leaf.id for leaf in wide.leaves] == [leaf.id for leaf in narrow.leaves]
    ids = [leaf.id for leaf in wide.leaves]
    assert ids == ["制定改正", "1", "2-1", "2-2", "2-2.ただし書", "3.柱書", "3(1)", "3(2).柱書", "3(2)ア", "3(2)イ", "4", "付則"]
    cites = {leaf.id: leaf.cite for leaf in wide.leaves}
    assert cites["3(2)ア"] == "第3条第2号ア"
    assert cites["2-2"] == "第2条第2項"
    policy = pasted(INVENTED, tmp_path)
    assert policy.manager == ("企画課長",)
    assert policy.version.from_ == date(2023, 4, 1)


def test_chapters_stand_above_articles_and_belong_to_none() -> None:
    text = INVENTED.replace("(目的)", "第１章　総則\n(目的)").replace("(禁止)", "第２章　運用\n(禁止)")
    assert [(leaf.id, leaf.text) for leaf in tree_of(text).leaves] == [(leaf.id, leaf.text) for leaf in tree_of(INVENTED).leaves]


def test_a_text_of_numbered_headings_is_read_by_its_headings(tmp_path: Path) -> None:
    text = """架空市図書館SNS運用方針
１．目的
市民に図書館の情報を届けます。
２．運用時間
平日9:00〜17:00とします。
　(1) 休館日を除きます。
　(2) 緊急時はこの限りではありません。
３．返信
原則として返信は行いません。
４．適用
この方針は、2025年4月1日から適用します。
"""
    assert [leaf.id for leaf in tree_of(text).leaves] == ["1", "2.柱書", "2(1)", "2(2)", "3", "4"]
    policy = pasted(text, tmp_path)
    assert policy.municipality == "架空市"
    assert policy.version.from_ == date(2025, 4, 1)
    assert any("「原則」の例外" in defect.message for defect in defects(tree_of(text)))


def test_what_a_rule_could_be_stands_in_comments_and_never_in_a_rule(tmp_path: Path) -> None:
    policy = pasted(INVENTED, tmp_path)
    source = (tmp_path / "policies/town.toml").read_text(encoding="utf-8")
    assert '# 案: check = "hours"、open = 09:00:00、close = 17:30:00、days = "weekdays"' in source
    assert "条文では「企画課長」" in source
    assert "\n[[rule]]" not in source
    assert not [rule for rule in policy.rules if not rule.clause.startswith("office/")]


def test_lines_that_a_copy_has_broken_inside_words_are_put_together_again() -> None:
    width = 24
    broken = []
    for row in INVENTED.split("\n"):
        broken += [row[at : at + width] for at in range(0, max(1, len(row)), width)]
    whole, again = tree_of(INVENTED), tree_of("\n".join(broken))
    assert [(leaf.id, folded(leaf.text)) for leaf in again.leaves] == [(leaf.id, folded(leaf.text)) for leaf in whole.leaves]


def test_page_numbers_of_a_printed_text_are_no_clause() -> None:
    text = INVENTED.replace("(体制)", "- 1 -\n(体制)").replace("(委任)", "2/3\n\n(委任)")
    assert [leaf.text for leaf in tree_of(text).leaves] == [leaf.text for leaf in tree_of(INVENTED).leaves]


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "utf-8-sig", "utf-16"])
def test_a_file_in_the_encoding_of_any_office_is_read(encoding: str) -> None:
    assert text_of(INVENTED.encode(encoding)) == INVENTED


def docx(*paragraphs: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{escape(p)}</w:t></w:r></w:p>" for p in paragraphs)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{name}"><w:body>{body}</w:body></w:document>')
    return out.getvalue()


def test_a_word_document_is_read_by_its_paragraphs() -> None:
    assert text_of(docx(*INVENTED.rstrip("\n").split("\n"))) + "\n" == INVENTED


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04 broken", "Word"),
        (b"", "本文がありません"),
        (b"\xff\x81\x00\x9f\xfd\xfe", "文字コード"),
        (b" " * ((4 << 20) + 1), "大きすぎます"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        text_of(data)
    assert said in refused.value.message


def test_a_document_that_would_blow_up_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "<a>" + " " * (8 << 20) + "</a>")
    with pytest.raises(Unreadable):
        text_of(out.getvalue())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (INVENTED.replace("第４条", "第６条"), ["第4条がありません", "第5条がありません"]),
        (INVENTED.replace("第３条　次", "第２条　次"), ["第2条が2回あります", "第3条がありません"]),
        (INVENTED, ["「第９条第２項」に当たる条文がありません"]),
        (INVENTED.replace("（２）", "（３）"), ["(2)がありません"]),
        (INVENTED.replace("令和5年4月1日から", "令和5年2月30日から"), ["「令和5年2月30日」という日はありません"]),
        (INVENTED.replace("令和5年4月1日から", "令和5年2月1日から"), ["制定日（令和5年3月1日）より前"]),
        (INVENTED.replace("企画課長が必要と認める", "特別な"), ["「ただし書」の例外をだれが認めるか"]),
        (INVENTED.replace("政治活動に関する情報", "個人情報"), ["同じ文の条文がほかにもあります"]),
        (INVENTED.replace("運営管理者は企画課長とする。", "運営管理者が監督する。"), ["「運営管理者」がだれかの定め"]),
        (INVENTED.replace("この要領は、架空町", "前条の規定により、架空町"), ["前の条はありません"]),
    ],
)
def test_a_defect_that_is_put_into_a_sound_text_is_found(text: str, said: list[str]) -> None:
    found = [defect.message for defect in defects(tree_of(text))]
    for each in said:
        assert any(each in message for message in found), (each, found)


def test_a_reference_to_another_law_is_none_into_the_void() -> None:
    text = INVENTED.replace(
        "第９条第２項に定めるものを除き、", "地方公務員法（昭和25年法律第261号）第34条及び町規則第9条に従い、"
    )
    assert not [d for d in defects(tree_of(text)) if "当たる条文がありません" in d.message]


def test_days_of_every_era_and_form_are_the_days_that_they_are() -> None:
    text = "平成31年4月30日、令和元年5月1日、昭和六十四年一月七日、令和４年１２月７日、2026年4月1日、平成23年11月 8日、令和5年2月30日"
    assert [day.day for day in days(text)] == [
        date(2019, 4, 30), date(2019, 5, 1), date(1989, 1, 7), date(2022, 12, 7), date(2026, 4, 1), date(2011, 11, 8), None,
    ]  # fmt: skip


def test_the_same_text_gives_the_same_file(shared: Path) -> None:
    text = (shared / "policies/minato.txt").read_text(encoding="utf-8")
    one, other = tree_of(text), tree_of(text)
    assert policy_file(one, "a", defects(one)) == policy_file(other, "a", defects(other))


@pytest.mark.parametrize(
    "text",
    ["x", "第1条", "(1)", "。" * 5000, "[[clause]]\nid = \"'''\"\n{a}", "第一条 '''\\u0000 \"\"\" {minato/1}", "・\n・\n※\nア"],
)
def test_whatever_is_pasted_the_result_loads_and_loses_nothing(text: str, tmp_path: Path) -> None:
    policy = pasted(text, tmp_path)
    page = "\n".join(line for line in as_text(policy_page(policy, policy.version)).split("\n") if not line.startswith("［注］"))
    assert folded(page) == folded(text.replace("{", "｛").replace("}", "｝"))


def test_the_command_says_the_defects_and_writes_a_new_file_only(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "ja")
    source, target = tmp_path / "要領.txt", tmp_path / "town.toml"
    source.write_bytes(INVENTED.encode("cp932"))
    assert run(["policy", "import", str(source), "--out", str(target)]) == 0
    assert "「第９条第２項」に当たる条文がありません" in capfd.readouterr().err
    assert run(["policy", "lint", str(target)]) == 0
    assert run(["policy", "import", str(source), "--out", str(target)]) == 2
    assert run(["policy", "import", str(source), "--id", "../x"]) == 2
    assert run(["policy", "import", str(tmp_path / "none.txt")]) == 2
