"""Postal addresses down to the lot (番地, 丁目-番-号), and whether the text names there a place that anybody may know.

Where somebody lives is private; where an event is held, where to send a form, and where an office stands is what an announcement is for.
A district (「港区芝」「2丁目の交差点」) is neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Text

_DASH = "[-‐‑‒–—―−ー─の]"
_NUMBER = "[1-9][0-9]{0,3}"
_KANJI_NUMBER = "[一二三四五六七八九十]{1,3}"
_PLACE = "[一-鿿々ぁ-んァ-ヶー]"
_PREFECTURE = (
    "(?:北海道|東京都|(?:大阪|京都)府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|"
    "兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県)"
)
_ROOM = rf"(?:[ ]?{_DASH}?[ ]?[0-9]{{1,4}}号?室?)?"
# What may stand behind a lot is another thing than what stands behind other numbers: units, results, dates.
_NOT_A_LOT = (
    r"(?![0-9]|[ ]?(?:年|月|日|時|分|人|名|件|円|回|歳|才|点|対|勝|敗|位|番組|個|本|枚|台|%|倍|ページ|頁|km|m|キロ|メートル|条|項|節|章|世帯|棟|戸|羽|匹|頭|kg|食|丁目|"
    r"[-‐−–/:][0-9]))"
)
_BLOCK = rf"(?:{_NUMBER}|[一二三四五六七八九十]{{1,3}})[ ]?丁目?"
# 「1丁目6番21号」「1丁目5-14」「1丁目32番17」; 「53-15」「2-7-26」; 「595番地」「17番20号」; a number alone.
_LOT = lazy_pattern(
    rf"(?<![0-9./:])(?:"
    rf"(?P<block>{_BLOCK}[ の]?{_NUMBER}(?:[ ]?番地?[ の]?(?:{_NUMBER}[ ]?号?)?|[ ]?{_DASH}[ ]?{_NUMBER}|(?![0-9]))(?:[ ]?{_DASH}[ ]?{_NUMBER})?)|"
    rf"(?P<dashes>{_NUMBER}(?:[ ]?{_DASH}[ ]?{_NUMBER}){{1,3}})|"
    rf"(?P<words>{_NUMBER}[ ]?番地(?:[ ]?の?{_NUMBER})?(?:[ ]?号)?|{_NUMBER}[ ]?番[ ]?{_NUMBER}[ ]?号?)|"
    rf"(?P<alone>{_NUMBER})(?!{_PLACE})"
    rf"){_NOT_A_LOT}{_ROOM}"
)
_ENDS = r"(?<![でにをはがともへやか、第約全計話号局])[ ]?\Z"
_LONGEST = 40
"""Characters of what stands before a lot: prefecture, city, town."""
_IN_PREFECTURE = lazy_pattern(rf"{_PREFECTURE}[ ]?{_PLACE}[{_PLACE[1:-1]} ]{{1,34}}{_ENDS}")
# Cities with hiragana in their names; kanji and katakana are known by themselves, particles are not taken for a name.
_HIRAGANA_CITY = (
    "さいたま|ふじみ野|つくば|つくばみらい|かすみがうら|ひたちなか|いわき|さくら|みどり|いすみ|あきる野|あわら|かほく|いなべ|たつの|えびの|うるま|むつ|つがる|にかほ|みやま|"
    "うきは|あま|みよし|さぬき|東かがわ|南あわじ|南さつま|いちき串木野|いの|まんのう|紀の川|おいらせ|みなかみ|ときがわ|つるぎ|みなべ|すさみ|かつらぎ"
)
_IN_CITY = lazy_pattern(rf"(?:[一-鿿々ァ-ヶー]{{1,7}}|{_HIRAGANA_CITY})[市区郡町村][ ]?{_PLACE}{{0,16}}{_ENDS}")
_IN_TOWN = lazy_pattern(rf"[一-鿿々ァ-ヶー]{{1,10}}{_ENDS}")
# A number alone is a lot only behind all the rest: 「東京都新宿区山吹町7」.
_BEFORE_ALONE = lazy_pattern(
    rf"{_PREFECTURE}[ ]?{_PLACE}{{0,16}}[市区郡町村][一-鿿々ァ-ヶーがの]{{1,10}}"
    r"(?<![道線号第約全計度のが])(?<!レベル)(?<!ルート)(?<!令和)(?<!平成)(?<!昭和)(?<!ステージ)[ ]?\Z"
)
# Found in every folded text that holds an address.
_MAY_HOLD = lazy_pattern(r"[0-9一二三四五六七八九十][ ]?丁|[0-9][ ]?番|[都道府県市区郡町村][^\n、。0-9]{1,24}[0-9]")
_SENTENCE = lazy_pattern(r"[。\n]")
_SCORE = lazy_pattern(r"スコア|得点|結果|試合|対戦|決勝|大会")
_TELEPHONE = lazy_pattern(r"[0-9]{4}[-‐−ー][0-9]{4}$|電話|tel|fax|内線")

_REACH = 40
_FACILITY = (
    r"役所|役場|庁舎|支所|出張所|センター|会館|公民館|集会所|ホール|プラザ|図書館|体育館|美術館|博物館|資料館|児童館|交流館|文学館|記念館|学校|学院|学園|大学|高校|"
    r"幼稚園|保育|こども園|公園|広場|庭園|動物園|植物園|農園|病院|医院|クリニック|歯科|薬局|保健所|警察署|交番|消防|郵便局|会議所|事務所|営業所|支店|本店|店舗|商店|工場|ビル|"
    r"タワー|モール|パーク|スクエア|ガーデン|テラス|ギャラリー|シアター|劇場|ホテル|旅館|カフェ|レストラン|食堂|銀行|アリーナ|スタジアム|ドーム|競技場|グラウンド|プール|キャンパス|"
    r"斎場|駅|株式会社|有限会社|法人|協会|組合|財団|社団|神社|寺院|教会|サロン|スタジオ|ステーション|デスク|避難所"
)
_PUBLIC_BEFORE = lazy_pattern(
    r"会場|場所|ところ|開催地|所在地|集合|アクセス|行き先|提出先|送付先|送り先|郵送|宛|あて先?|申込(?!者)|申し込み|応募(?:先|方法)|届出先|持参|問い?合わ?せ|問合|窓口|受付|事務局|"
    rf"住所[ ]?:|(?<!住)所[ ]?[:(]|コミュニティ|{_FACILITY}"
)
_PUBLIC_BEHIND = lazy_pattern(
    rf"^[^\n。]{{0,24}}?(?:{_FACILITY}|[0-9]階|店|[一-鿿](?:課|係|局|部|署|館|園|院)(?:[ 宛あ行まへに、。」)]|$)|付近|地内|地先|周辺|先路上|先の|交差点|コミュニティ|で[^\n。]{{0,8}}(?:火災|火事|出火|事故|漏水|断水|停電|陥没|倒木|冠水|開催|実施))"
)
_NEAR = 20
"""Characters before an address, of the same sentence, in which it is said that somebody lives there."""
_HOME = lazy_pattern(
    r"自宅|実家|住まい|住んで|に住む|(?<!皆)(?<!みな)(?<!客)(?<!者)(?:さん|氏|くん|ちゃん|様)(?:の(?:家|うち|住|ところ)|宅|[ ]?[(:]$|の?$)|"
    r"(?:あいつ|こいつ|やつ|奴|彼女?|本人|犯人)(?:の|は)|晒|さらす|特定し(?:た|ろ|よ|て|ま)|凸|(?:宅|家)は|表札"
)
_HOME_BEHIND = lazy_pattern(r"^[^\n。]{0,16}?(?:に住|在住|の自宅|に家|が(?:自宅|実家|家)|宅)")
_FORM = lazy_pattern(r"氏名|お?名前[ ]?:|生年月日|(?:当選|応募|申込|受賞)者(?!の)")
"""What a form, or a list of people, says before their addresses."""
_ADDRESS_SAID = lazy_pattern(r"住所|(?:の|お)(?:家|うち)")


class Address(NamedTuple):
    """An address in a text: its span in the folded text, and what is said of it there."""

    start: int
    end: int
    public: bool
    """A venue, a counter, a seat of an office; where to send something."""
    home: bool
    """Somebody lives there."""
    called: bool
    """It is called an address (住所), which a citizen says of people and an office of venues too."""


def addresses_in(text: Text) -> Iterator[Address]:
    """The addresses of the text that lead to a lot."""
    folded = text.folded
    if not _MAY_HOLD.search(folded):
        return
    reached = 0
    for lot in _LOT.finditer(folded):
        begins = max(reached, lot.start() - _LONGEST)
        area = _area(lot, folded[begins : lot.start()])
        if area is None:
            continue
        start, end = begins + area, lot.end()
        if _TELEPHONE.search(folded[start:end]) or (lot["dashes"] and _SCORE.search(folded[max(0, start - _NEAR) : lot.start()])):
            continue
        before, behind = folded[max(0, start - _REACH) : start], folded[end : end + _REACH]
        near = _SENTENCE.split(before)[-1][-_NEAR:]
        reached = end
        yield Address(
            start,
            end,
            public=bool(_PUBLIC_BEFORE.search(before) or _PUBLIC_BEHIND.search(behind)),
            home=bool(_HOME.search(near) or _FORM.search(before) or _HOME_BEHIND.search(behind)),
            called=_ADDRESS_SAID.search(near) is not None,
        )


def _area(lot: re.Match[str], before: str) -> int | None:
    """Where in what stands before a lot the name of its district begins; None where there is none, and so no address."""
    if lot["alone"]:
        found = _BEFORE_ALONE.search(before)
    else:
        found = _IN_PREFECTURE.search(before) or _IN_CITY.search(before) or (_IN_TOWN.search(before) if lot["block"] else None)
    # 「港区3-2品川区」 is a score: a ward or a city has towns before its lots.
    return found.start() if found and not (lot["dashes"] and found[0].endswith(("区", "市"))) else None
