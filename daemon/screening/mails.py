"""Mail addresses, and whose they are: a private person's, an announced desk's, or an office's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Text
from daemon.screening.registered import Registered, under

_LABEL = r"[a-z0-9ぁ-んァ-ヶー一-鿿-]"
_ADDRESS = lazy_pattern(
    rf"(?<![a-z0-9._%+@/-])(?P<local>[a-z0-9][a-z0-9._%+-]{{0,63}})[ ]?(?:@|[\[(<{{](?:at|@|アットマーク)[\])>}}]|アットマーク|☆|★)[ ]?"
    rf"(?P<host>(?!-){_LABEL}{{1,63}}(?:\.{_LABEL}{{1,63}}){{0,4}}\.[a-z]{{2,24}})(?![a-z0-9-])"
)
_FREE = (
    *("gmail.com", "googlemail.com", "yahoo.co.jp", "yahoo.ne.jp", "yahoo.com", "ymail.ne.jp", "outlook.jp", "outlook.com"),
    *("hotmail.co.jp", "hotmail.com", "live.jp", "msn.com", "icloud.com", "me.com", "mac.com", "aol.com", "proton.me"),
    *("docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "vodafone.ne.jp", "ymobile.ne.jp"),
    *("uqmobile.jp", "rakumail.jp", "nifty.com", "biglobe.ne.jp", "ocn.ne.jp", "so-net.ne.jp", "plala.or.jp", "dion.ne.jp"),
)
"""Where private people have their mail: free mail, mobile carriers, access providers."""
_PUBLIC = ("lg.jp", "go.jp", "ed.jp", "ac.jp")
"""Where only public bodies and schools have theirs (JPRS, 属性型JPドメイン名)."""
_MUNICIPAL = lazy_pattern(r"(?:^|\.)(?:city|town|vill|pref|metro)\.(?:[a-z0-9-]+\.){0,2}jp$")
_ROLE = lazy_pattern(
    r"^(?:info|contact|support|office|jimukyoku|toiawase|otoiawase|inquiry|soumu|somu|kouhou?|koho|reserve|yoyaku|event|entry|mail|desk|help|npo|volunteer)"
)
_REACH = 40
"""Characters before an address in which it is said whose it is."""
_DESK = lazy_pattern(
    r"問い?合わ?せ|問合|お?申し?込|受付|受け付け|予約|窓口|相談|事務局|担当|主催|応募|提出|宛先|あて先|送付|連絡先|センター|[一-鿿](?:課|係|局|部|室|館|所|会|団)"
)
_PERSON = lazy_pattern(r"自宅|個人の|本人の|(?:さん|氏|くん|ちゃん)の|彼女?の|(?:あいつ|こいつ|やつ|奴)の|晒|さらし|特定し")


class Mail(NamedTuple):
    """An address in a text: its span in the folded text, and what is said of it there."""

    start: int
    end: int
    free: bool
    announced: bool
    personal: bool


def mails_in(text: Text, ours: Registered) -> Iterator[Mail]:
    """The mail addresses of the text that are neither a public body's nor the office's own."""
    folded = text.folded
    for match in _ADDRESS.finditer(folded):
        host, free = match["host"], under(match["host"], _FREE)
        if not free and "@" not in match[0]:
            continue  # 「a☆b.com」 is only an address where everybody knows the host
        if under(host, _PUBLIC) or _MUNICIPAL.search(host) or ours.owns(host) or match[0] in ours.mails:
            continue
        before = folded[max(0, match.start() - _REACH) : match.start()]
        if "://" in before.rpartition(" ")[2]:
            continue  # what an address of the web says before its host
        yield Mail(
            match.start(),
            match.end(),
            free=free,
            announced=_ROLE.match(match["local"]) is not None or _DESK.search(before) is not None,
            personal=_PERSON.search(before) is not None,
        )
