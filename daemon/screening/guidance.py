"""案内: what a comment calls for besides moderation, by the patterns of the kinds that an office looks for. No finding, and it cites nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import re2

from daemon.rulebook.guidance import Guidance
from daemon.screening.fold import fold

ORDER = ("emergency", "help", "crime", "question")
"""The most urgent first: a comment has one mark."""
_HINT = re2.compile(
    "[?]|ですか|ますか|でしょうか|ましょうか|のかな|教えて|火|煙|燃え|救急|消防|助け|倒れ|意識|血が|閉じ込|流され|溺れ|埋ま|取り残|浸水|堤防|土砂|ガス|死|消えたい|生きて|殴|蹴|暴力|泣き声|悲鳴|虐待|dv|食べる|ひったくり|強盗|空き巣|痴漢|盗撮|通り魔|ひき逃げ|当て逃げ|不審者|刃物|包丁|詐欺|還付金|殺|刺|問い合わせ"
    "|呼吸|息が|息も|水が|救助|動け|割|壊|こじ開け|空き家|留守の家|の家|名乗る|装|かたる|泥棒|窃盗"
)
"""Something without which no kind is meant: most comments are done with it."""


class Marks:
    """The kinds of one office, compiled."""

    def __init__(self, kinds: Mapping[str, Guidance]) -> None:
        self._kinds = [
            (name, re2.compile("|".join(f"(?:{each})" for each in kinds[name].any)), _one(kinds[name].unless))
            for name in ORDER
            if name in kinds
        ]

    def of(self, text: str) -> str:
        """The mark of one comment; empty for none."""
        folded = fold(text)
        if _HINT.search(folded) is None:
            return ""
        for name, any_of, unless in self._kinds:
            if any_of.search(folded) is not None and (unless is None or unless.search(folded) is None):
                return name
        return ""

    def of_all(self, texts: Sequence[str]) -> list[str]:
        """The mark of each."""
        return [self.of(text) for text in texts]


def _one(patterns: tuple[str, ...]) -> re2._Regexp[str] | None:
    return re2.compile("|".join(f"(?:{each})" for each in patterns)) if patterns else None
