"""Many comments at once: the same findings as one by one, whatever stands beside a text."""

from __future__ import annotations

import pytest
from hand_made import hand_made
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.judge import Situation, judge, judge_comments
from daemon.rulebook.item import Item
from daemon.rulebook.load import bare_rulebook
from daemon.rulebook.model import Detector, Pattern, Policy, RuleBase, When, Words
from daemon.screening import Facts, screen, screen_many
from daemon.screening.patterns import ONE_BY_ONE
from daemon.screening.screen import Screen

RULES: tuple[RuleBase, ...] = (
    Words(id="abuse", clause="north/1", on="comment", level="act", boundary="word", terms=("ばか", "死ね", "クズ")),
    Words(id="words", clause="north/1", on="comment", level="look", terms=("無料\nで", "ＮＰＯ")),
    Pattern(id="start", clause="north/1", on="comment", level="look", any=(r"^応募", r"\A登録", r"当選\z", "拡散$")),
    Pattern(
        id="wide",
        clause="north/1",
        on="comment",
        level="look",
        any=(r"(?s)懸賞.{0,6}口座", "抽選[^。]{1,4}発表"),
        unless=("懸賞論文",),
    ),
    Pattern(
        id="x-only", clause="north/1", on="comment", level="look", any=("限定",), when=When(platforms=("x",), text=("今だけ",))
    ),
    *(
        Detector(id=name, clause="north/1", on="comment", level="look", name=name, options=options)
        for name, options in (
            ("phone", {"of": "any"}),
            ("mail", {"of": "any"}),
            ("address", {"of": "any"}),
            ("my-number", {}),
            ("card", {}),
            ("bank-account", {"of": "any"}),
            ("links", {"of": ("shortened", "credentials", "mixed", "http", "ip")}),
            ("invisible", {}),
            ("mixed-script", {}),
            ("altered", {}),
        )
    ),
)
FACTS = Facts(Item(text=""), "", ("x",))

PIECES = [
    *(
        "ばか",
        "ば・か",
        "死○",
        "○ね",
        "タヒね",
        "死ねよ",
        "クズ入れ",
        "バカンス",
        "無料",
        "\n",
        "で",
        "ｎｐｏ",
        "応募",
        "登録",
        "当選",
        "拡散",
        "懸賞",
    ),
    *(
        "論文",
        "口座",
        "抽選",
        "の",
        "発表",
        "。",
        "限定",
        "今だけ",
        "090-1234-5678",
        "０９０１２３４５６７８",
        "+81 90 1234 5678",
        "a@docomo.ne.jp",
    ),
    *(
        "鶴見区緑3-5-7",
        "鶴見区緑三丁目",
        "1234 5678 9018",
        "4111-1111-1111-1111",
        "ゆうちょ銀行 普通 1234567",
        "https://bit.ly/3",
        "bit.ly/a",
    ),
    *("マイナンバー", "\u200b", "pаypal", "、", " ", "！", "ｶﾞ", "か\u3099", "\ud800", "\x00", "笑", "です"),
]
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), max_size=8)


def warm(policy: Policy) -> Policy:
    """Past its first texts, which are asked without the sieve."""
    for _ in range(ONE_BY_ONE + 1):
        screen(policy, FACTS, "comment")
    return policy


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_many_texts_say_what_each_of_them_says_alone(texts: list[str]) -> None:
    fresh, used = hand_made(*RULES), warm(hand_made(*RULES))
    found = screen_many(used, texts, FACTS)
    for number, text in enumerate(texts):
        facts = FACTS._replace(item=Item(text=text))
        alone = screen(used, facts, "comment")
        assert found.get(number, ()) == alone
        assert Screen(fresh, "comment").findings(facts) == alone


def test_the_judge_says_of_many_comments_what_it_says_of_each() -> None:
    policy = hand_made(*RULES)
    book, situation = bare_rulebook(policy), Situation(content_only=True)
    texts = ["公園がきれいでした。", "お前は死ねよ", "", "拡散", "登録して", "電話は090-1234-5678まで"]
    each = [judge(Item(text=text), situation, book, policy=policy, on="comment") for text in texts]
    assert judge_comments(texts, situation, book, policy=policy) == each
    assert [said.verdict for said in each] == ["pass", "act", "pass", "look", "look", "look"]


@pytest.mark.parametrize("count", [0, 1, 2000])
def test_a_batch_may_be_empty_or_long(count: int) -> None:
    texts = ["公園"] * count + ["死ね"]
    assert list(screen_many(hand_made(*RULES), texts, FACTS)) == [count]
