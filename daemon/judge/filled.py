"""Whether a front-matter field that a rule asks for is really filled in: not with blanks, and `source` not with what is no source.

「未確認」 or 「SNSの投稿」 in the place of the source says that there is none: whoever announces something in an emergency has a name.
"""

from __future__ import annotations

from typing import NamedTuple

from daemon.rulebook.item import OF_IMAGES, Item
from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.fold import fold

LONGEST = 100
"""Characters of a source that are looked at: what says that there is none is short."""

_NOTHING_SAID = r"[\W_]*|x+|[○〇◯]+"
_NOT_KNOWN = (
    r"(?:まだ|現在|ただいま|今は?|いま|詳細は?|出典は?|情報源は?|発表元は?)?(?:未確認|未確定|未定|未記入|未入力|未調査|不明|不詳|不確か|確認中|調査中|照会中|問い?合わせ中|"
    r"要確認|確認待ち|未|なし|無し?|ない|ありません|特に(?:なし|無し|ない)|(?:わから|分から)(?:ない|ず|ん)|(?:後日|後で|あとで|後ほど|のちほど|追って)(?:確認|記入|記載|書く|書きます|入れる|入れます)?|"
    r"none|null|nil|no|n/?a|unknown|unconfirmed|tbd|tba|todo)(?:です|の(?:情報|もの))?"
)
_SOMEWHERE = (
    r"(?:個人|誰か|だれか|知らない人|一般の人|ある人|どこか)?の?"
    r"(?:sns|x|旧?twitter|ツイッター|x旧?twitter|line|ライン|facebook|フェイスブック|instagram|インスタ(?:グラム)?|threads|スレッズ|tiktok|ティックトック|youtube|ユーチューブ|"
    r"ネット|インターネット|web|ウェブ|掲示板|[52]ちゃん(?:ねる)?|まとめ(?:サイト)?|ネットニュース|ブログ|タイムライン|tl|検索|google|グーグル|chatgpt|生成ai|ai)"
)
_SOMEBODY = (
    r"(?:友人|友達|友だち|ともだち|知人|知り合い|家族|親戚|親せき|隣人|隣の人|近所(?:の人|の方)?|ママ友|通りすがりの人|誰か|だれか|ある人|うわさ|噂|ウワサ|口コミ|クチコミ|"
    r"風の便り|伝聞|人づて|又聞き|また聞き|聞いた(?:話|こと)|人から聞いた(?:話)?|聞き伝え|拡散(?:されている|中の)?)"
)
_TELLS = r"(?:(?:で|から|上|に)?の?(?:投稿|書き?込み|ポスト|ツイート|つぶやき|情報|話|うわさ|噂|動画|画像|写真|記事|グループ|トーク|口コミ|連絡|通知|ストーリー)){0,2}"
_HEARD = r"(?:(?:で|から|に)?(?:見た|みた|見ました|聞いた|聞きました|読んだ|知った|回ってきた|流れてきた)(?:話|もの|情報)?|による|より|から|など|等|ほか)?"
_NO_SOURCE = lazy_pattern(rf"{_NOTHING_SAID}|{_NOT_KNOWN}|(?:{_SOMEWHERE}|{_SOMEBODY}){_TELLS}{_HEARD}")
_BETWEEN = lazy_pattern(r"[、,・/;+&＆]|および|及び|または|と(?=[a-zぁ-んァ-ヶ一-鿿])")
_AROUND = lazy_pattern(r"[\s()\[\]【】「」『』<>〈〉《》?!。.…~〜:＊*※-]+")


class Lacking(NamedTuple):
    """A field that is not filled in; `why` says so where something is written there all the same."""

    field: str
    why: str = ""
    why_en: str = ""


def lacking(item: Item, fields: tuple[str, ...]) -> tuple[Lacking, ...]:
    """Of these fields, those that are not filled in."""
    return tuple(found for name in fields if (found := _lacking(item, name)) is not None)


def _lacking(item: Item, name: str) -> Lacking | None:
    if name in OF_IMAGES:
        return None if all(getattr(image, name).strip() for image in item.images) else Lacking(name)
    if name == "emergency":  # 「いいえ」 is an answer too
        return None if name in item.declared else Lacking(name)
    value = getattr(item, name)
    if not (value.strip() if isinstance(value, str) else value):
        return Lacking(name)
    if name == "source" and no_source(value):
        return Lacking(
            name,
            f"「{value.strip()}」では、だれがいつ発表したかが分かりません。",
            f"“{value.strip()}” does not tell who announced it.",
        )
    return None


def no_source(written: str) -> bool:
    """True for what names nobody who announced anything: 未確認, 不明, なし, SNS, 友人から聞いた話."""
    if len(written) > LONGEST:
        return False
    whole = fold(written)
    return any(
        all(_NO_SOURCE.fullmatch(_AROUND.sub("", part)) is not None for part in parts)
        for parts in ([whole], _BETWEEN.split(whole))
    )
