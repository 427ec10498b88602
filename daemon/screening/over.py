"""Is what the text invites to already over? 「12月19日(土)に開催します」, read on the 21st.

Only what can be told from the text is told: it invites, it names days with their dates, and every one of them has gone by. Days that open
a period (「1日から」), days of which it only reports (「19日に開いた」), and any other word of time (「毎週」「随時」) leave it open.
"""

from __future__ import annotations

from datetime import date

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.dates import Named, dates_in, may_hold_date
from daemon.screening.hit import Hit, Text

_INVITES = lazy_pattern(
    r"(?:開催|実施|上映|公演|販売|配布|出店|募集|放送|配信)(?:し|いたし)ます|(?:開き|開館し|行い|始まり)ます|募集(?:しています|しております|中)|"
    r"お待ちして|お越し(?:ください|下さい)|ご(?:参加|来場|来館|応募)(?:ください|下さい|をお待ち)|お?申し?込み?(?:ください|下さい|は)|"
    r"締め?切り?は|まで募集|"
    r"(?:^|[\s\W])(?:(?:申し?込み?|応募|受付|提出|募集|エントリー)?(?:締め?切り?日?|期限)|(?:開催|実施|公演|上映)日時?)[】\])>》〕]?[ ]?:?[ ]?(?=[0-9令])|"
    r"受け?付け?(?:中|しています|ています|ます)"
)
_OTHER_TIME = lazy_pattern(
    r"本日|今日|明日|あす|あさって|今週|来週|今月|来月|来年|今後|次回|毎[日週月年朝晩]|随時|当面|当分|常時|期間|延期|順延|終了|通年|以降|以後|(?<!午)後(?:に|、|日|の|各)"
)
_OPENS = lazy_pattern(r"[)\]>〉〕】曜日祝振替休・ ]*(?:から|より|以降|以後|[~〜–—―-]|[・、,と](?=[ ]?[0-9]))")
_TOLD = lazy_pattern(
    r"[)\]>〉〕】曜日祝 ]*(?:付け?|現在|時点|に?(?:改正|施行|制定|発行|撮影|生まれ|締結|開館|開園|開業))|[^。!?\n]{0,30}(?:ました|[しされっいきえ]た(?=[。、 とがのをはもに一-鿿]|$))"
)
_JOINS = lazy_pattern(r"[)\]>〉〕】曜日祝振替休 ・/]*[0-9:時分半午前後 ]*(?:から|より|まで|及び|および|と|[~〜–—―・,、/&-])?[ ]?")


def check_over(text: Text, today: date) -> Hit | None:
    """The last of the days, where all that the text invites to has gone by."""
    folded = text.folded
    if not may_hold_date(text) or not _INVITES.search(folded) or _OTHER_TIME.search(folded):
        return None
    named = dates_in(text, today)
    for day, after in zip(named, (*named[1:], None), strict=False):
        if max(day.days) >= today or _open(folded, day, after):
            return None
    meant = [day for day in named if not _TOLD.match(folded, day.end)]
    if not meant:
        return None
    last = max(meant, key=lambda day: max(day.days))
    when = max(last.days)
    bracket = folded[last.end : last.end + 1] in tuple(")]>〉〕】")
    return Hit(
        *text.span(last.start, last.end + bracket),
        message=f"{_year(when, today)}{when.month}月{when.day}日はもう過ぎています。今でも出すべきか確かめ、日付を直すか、承認者が理由を付けて例外としてください。",
        message_en=f"{when.isoformat()} has gone by. Find out whether this should still go out; mend the date, or let the approver clear it with a reason.",
    )


def _open(folded: str, day: Named, after: Named | None) -> bool:
    """True where a period begins at this day, and what ends it is no date that was read."""
    if not _OPENS.match(folded, day.end):
        return False
    return after is None or not _JOINS.fullmatch(folded, day.end, after.start)


def _year(when: date, today: date) -> str:
    return "" if when.year == today.year else f"{when.year}年"
