"""Is it a drill or the real thing? A text must say so where it is read first, and must not say both.

Three cases: the words of an alarm with 訓練 somewhere but not at its head; a head that says 訓練 and a text that says it is none; a
drill that its front matter declares an emergency.
"""

from __future__ import annotations

from collections.abc import Iterator

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Hit, Text

_HEAD = lazy_pattern(
    r"\A[\s\W]{0,12}(?:(?:これは|この(?:放送|通報|投稿|配信)は)?(?P<drill>[ぁ-んァ-ヶ一-鿿a-z0-9]{0,12}訓練(?!では|でな)|テスト(?:配信|放送|送信|投稿)(?!では)))"
)
_DRILL = lazy_pattern(
    r"(?:訓練|テスト)(?:です|でした|放送|配信|送信|投稿|通報|電文|メール|用)|[【\[(<《]\s*[^】\])>》\n]{0,8}(?:訓練|テスト)[^】\])>》\n]{0,8}[】\])>》]|訓練[、。!\s]|"
    r"(?:配信|送信|放送|通報)試験|試験(?:配信|送信|放送|通報|電文|用の?(?:文|配信|送信|投稿))"
)
_DENIAL = lazy_pattern(r"(?:訓練|テスト)(?:放送|配信)?では(?:ありません|ございません|ない|なく)")
_ALARM = lazy_pattern(
    r"(?:ミサイル|飛翔体).{0,40}(?:発射|着弾|落下|通過|飛来)|(?:大規模|同時多発|無差別)?テロ.{0,16}(?:発生|起き|情報|攻撃)|"
    r"(?:武力攻撃|ゲリラ|特殊部隊).{0,20}(?:発生|攻撃|上陸)|(?:氾濫|土砂災害|大雨|津波|高潮|噴火|大津波)(?:危険|警戒|特別|発生)*(?:警報|情報)|"
    r"(?:避難指示|緊急安全確保|高齢者等避難|避難勧告|避難命令)|(?:ただちに|直ちに|今すぐ|すぐに|至急).{0,20}(?:避難|逃げ|高台|地下)|"
    r"(?:頑丈|丈夫)な建物|震度[0-9五六七].{0,16}(?:発生|観測)|緊急地震速報|命を守る|(?:決壊|越水|氾濫)(?:しました|しています|した模様)|"
    r"地震(?:により|で|が発生し).{0,30}(?:延焼|停電|断水|倒壊)(?:中|、|し、|して|が発生)|延焼中|(?:退去|退避)(?:を|せよ|して)"
)
# To say at the end, in brackets or in a note that it was all a drill needs no word of alarm to be too late.
_TOO_LATE = lazy_pattern(
    r"(?:これは|以上|ここまで|※)[^。\n]{0,10}(?:訓練|テスト(?:配信|放送|送信|投稿))(?:です|でした|である)?[。!\s]*\Z|[【\[(<《](?:これは)?訓練(?:です|用|放送|配信)?[】\])>》]"
)
# A notice of a drill to come speaks of alarms without raising one.
_NOTICE = lazy_pattern(
    r"訓練(?:放送|配信)?(?:の(?:お知らせ|案内|実施|参加|ため|一環|様子|模様)|を(?:実施|行|開催|おこな|予定)|に(?:参加|ご協力|伴)|が(?:行われ|実施|あり)|実施|参加者|日時|会場|、お疲れ)|を想定した"
)


def check_drill(text: Text, emergency: bool) -> Iterator[Hit]:
    """Where a reader could take a drill for the real thing, or the real thing for a drill."""
    folded = text.folded
    if "訓練" not in folded and "テスト" not in folded and "試験" not in folded:
        return
    head = _HEAD.match(folded)
    if head and (denial := _DENIAL.search(folded)):
        yield Hit(
            *text.span(*denial.span()),
            message="冒頭では訓練とし、ここでは訓練ではないとしています。どちらかに揃えてください。",
            message_en="Its head says that this is a drill, and here it says that it is none. Make them agree.",
        )
        return
    if head and emergency:
        yield Hit(
            *text.span(*head.span("drill")),
            message="訓練の文ですが、前書きでは緊急（emergency = true）としています。どちらかに揃えてください。",
            message_en="The text is a drill, but its front matter says `emergency = true`. Make them agree.",
        )
        return
    if head or _DENIAL.search(folded) or _NOTICE.search(folded):
        return
    place = _TOO_LATE.search(folded) or (_ALARM.search(folded) if _DRILL.search(folded) else None)
    if place is None:
        return
    start, end = text.span(*place.span())
    yield Hit(
        start,
        end,
        message=f"「{text.source[start:end]}」とありますが、訓練であることが冒頭に書かれていません。訓練なら冒頭に【訓練】と書いてください。",
        message_en="It is said to be a drill, but not at its head, where it is read first: begin a drill with 【訓練】.",
    )
