"""What a text must hold before a pattern can match: read off the pattern, and never more than what is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Pattern, Rulebook
from daemon.rulebook.required import required
from daemon.screening.patterns import ONE_BY_ONE, Patterns


@pytest.fixture(scope="module")
def bundled(root: Path) -> Rulebook:
    return load_rulebook(root)


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("懸賞", [[{"懸賞"}]]),
        ("応募.{0,4}当選", [[{"応募"}, {"当選"}]]),
        ("死ね|殺すぞ", [[{"死ね"}], [{"殺すぞ"}]]),
        ("(?:お前|貴様)[^。]{0,8}(?:馬鹿|阿呆)", [[{"貴様", "お前"}, {"馬鹿", "阿呆"}]]),
        ("公[約開]する?", [[{"公約す", "公開す", "公約する", "公開する"}]]),
        (r"\x{6B7B}ね\.", [[{"死ね."}]]),
        ("投票(?:所)+前", [[{"投票"}, {"所"}]]),
        ("あ{3,}", [[{"あああ"}]]),
        (r"\A(?:登録|応募)\z", [[{"登録", "応募"}]]),
        ("(?i)sms登録", [[{a + b + c + "登録" for a in "sSſ" for b in "mM" for c in "sSſ"}]]),
        ("(?i:ok)だよ", [[{a + b + "だよ" for a in "oO" for b in "kK\u212a"}]]),
        ("(?:(?i)[ab]c)x|死ね", [[{a + b + "x" for a in "aAbB" for b in "cC"}], [{"死ね"}]]),
        ("(?s:党.{0,40}員会)", [[{"員会"}, {"党"}]]),
    ],
)
def test_the_rarest_words_that_every_match_holds_are_read_off(pattern: str, needs: list[list[set[str]]]) -> None:
    assert sorted(map(sorted, (map(sorted, branch) for branch in required(pattern)))) == sorted(
        map(sorted, (map(sorted, branch) for branch in needs))
    )


@pytest.mark.parametrize(
    "pattern", [r"\d+円?", "(?i)é", "(?i)[Ａ]か", "[ぁ-ん]{3}", ".", "公約|[一-龥]{2}", "(?:懸賞)?", "い*", r"\QA+B\E", "が"]
)
def test_a_pattern_that_tells_nothing_is_asked_always(pattern: str) -> None:
    assert required(pattern) == ()


def test_the_patterns_of_the_bundled_policies_find_the_same_with_their_words_and_without(bundled: Rulebook, shared: Path) -> None:
    names = (
        "comments-open2ch-silver",
        "comments-citizen-voices",
        "comments-webads-silver",
        "comments-political",
        "drafts-municipal",
    )
    files = [shared / "data" / "dev" / f"{name}.jsonl" for name in names]
    if not all(file.exists() for file in files):
        pytest.skip("the texts of ../shared/data/dev are not here")
    texts = [json.loads(line)["text"] for file in files for line in file.read_text(encoding="utf-8").splitlines()[:250]]
    every = {p: (p,) for policy in bundled.policies.values() for r in policy.rules if isinstance(r, Pattern) for p in r.any}
    owners = dict(enumerate(every.values()))
    filtered = Patterns(owners)
    for _ in range(ONE_BY_ONE):
        filtered.owners("")
    for text in texts:
        assert filtered.owners(text) == Patterns(owners).owners(text), text
