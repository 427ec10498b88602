"""What a platform can really do about a comment: 要綱上の措置 on the left, 実施できる措置 on the right, and by whose hands.

X: an account can hide others' replies only, in its own conversations, and they can still be read; blocking and reporting are for a person on
ordinary plans. Facebook: a hidden comment stays visible to its author and their friends. LINE has no comments. Sources:
research/platforms-and-tooling and research/anchors of the commission; facts as of 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from daemon.rulebook.model import Account, Platform
from daemon.rulebook.moderation import Action

WORDS: Mapping[str, tuple[str, str]] = {
    "hide": ("非表示", "hide"),
    "delete": ("削除", "delete"),
    "block": ("ブロック", "block"),
    "mute": ("ミュート", "mute"),
    "report": ("媒体への通報", "report to the platform"),
    "unhide": ("非表示の解除", "show again"),
    "unblock": ("ブロックの解除", "unblock"),
    "unmute": ("ミュートの解除", "unmute"),
    "": ("できない", "not possible"),
}
"""Every measure, in both languages."""

BACK: Mapping[str, str] = {"hide": "unhide", "block": "unblock", "mute": "unmute"}
"""What reverses what. A deletion and a report cannot be taken back."""

Steps = tuple[tuple[str, str], ...]


class Means(NamedTuple):
    """What one action comes to on a platform: what is really done (empty: nothing), what has to be known of it, the steps for a person, and
    what confirms it. `in_own`: only under one's own posts."""

    really: str
    what: tuple[str, str]
    steps: Steps = ()
    confirm: tuple[str, str] = (
        "画面でそうなっていることを見て、見たままを書いてください。",
        "Look at it on the platform, and write what you see.",
    )
    in_own: bool = False

    @property
    def final(self) -> bool:
        """Whether it cannot be taken back."""
        return self.really in ("delete", "report")


def _open(where: str, where_en: str) -> tuple[str, str]:
    return f"{where}を、{{handle}} のアカウントで開く: {{url}}", f"Open {where_en} as {{handle}}: {{url}}"


_REPLY = _open("その返信", "the reply")
_COMMENT = _open("そのコメント", "the comment")
_PROFILE = (
    "投稿者 {author} のプロフィールを開き、名前と ID が合っているか見る",
    "Open the profile of {author} and compare name and id",
)
_SEEN_READABLE = (
    "Xでは他人の返信を削除できません。自分のポストの会話に付いた返信だけ、非表示にできます。非表示にしても、読もうとする人は読めます。",
    "On X nobody can delete another's reply. Only replies in one's own conversations can be hidden, and whoever wants to can still read them.",
)

_X_HIDE = Means(
    "hide",
    _SEEN_READABLE,
    (
        _REPLY,
        (
            "…を開き「返信を非表示にする」を選ぶ。出てくるブロックの誘いには答えない",
            "Choose “Hide reply” under …; leave the offer to block alone",
        ),
    ),
    ("返信の並びから消え、「非表示の返信」の中にあることを見る", "It has left the replies and stands among the hidden ones"),
    in_own=True,
)
_NOTHING = Means("", ("この媒体には、その操作がありません。", "This platform has nothing of the kind."))
_LINE = Means("", ("LINE公式アカウントには、公開のコメントがありません。", "A LINE official account has no public comments."))

_BLOCK_X = Means(
    "block",
    (
        "ブロックは人が行います（一般の契約の API ではできません）。相手はこのアカウントの投稿を見るだけになり、返信できなくなります。",
        "A person blocks (ordinary API plans cannot). The other can still read what the account posts, and not reply.",
    ),
    (_PROFILE, ("…から「@{author}さんをブロック」を選ぶ", "Choose “Block @{author}” under …")),
    ("設定の「ブロックしたアカウント」に載っていることを見る", "It stands in the list of blocked accounts (settings)"),
)
_REPORT = Means(
    "report",
    (
        "媒体に通報します。どうするかは媒体が決めます。取り消せません。",
        "The platform is told and decides itself. It cannot be taken back.",
    ),
    (_REPLY, ("「報告する」を選び、当てはまる理由を選ぶ", "Choose “Report” and the reason that fits")),
    ("媒体の受付の画面または控えの番号を書く", "Write down what the platform confirmed, or its number"),
)
_MUTE = Means(
    "mute",
    (
        "このアカウントの画面に出なくなるだけです。投稿は残り、ほかの人には見えます。相手には知らされません。",
        "It only leaves this account's own screens: the comment stays, others see it, its author is not told.",
    ),
    (_PROFILE, ("…から「ミュート」を選ぶ", "Choose “Mute” under …")),
    ("プロフィールに「ミュートしています」と出ることを見る", "The profile says that it is muted"),
)
_HIDE_FB = Means(
    "hide",
    (
        "Facebookでは、非表示にしても、書いた人とその友達には見えたままです。",
        "On Facebook a hidden comment stays visible to its author and their friends.",
    ),
    (_COMMENT, ("…から「コメントを非表示」を選ぶ", "Choose “Hide comment” under …")),
    ("コメントが薄く表示されることを見る", "The comment is shown greyed"),
)
_DELETE = Means(
    "delete",
    ("このページに付いたコメントを削除します。元に戻せません。", "A comment on the page is deleted. It cannot be brought back."),
    (
        (
            "証拠がこの画面に残っていることを確かめる（本文、日時、投稿者）",
            "See that the evidence is kept here (words, time, author)",
        ),
        _COMMENT,
        ("…から「削除」を選ぶ", "Choose “Delete” under …"),
    ),
    ("開き直して、無くなっていることを見る", "Open it again: it is gone"),
)
_BLOCK = Means(
    "block",
    ("ブロックは人が行います。", "A person blocks."),
    (_PROFILE, ("管理の画面から、このページでのブロックを選ぶ", "Block it for this page in the administration")),
    ("ブロックした一覧に載っていることを見る", "It stands in the list of those blocked"),
)

_MEANS: Mapping[Platform, Mapping[Action, Means]] = {
    "x": {"delete": _X_HIDE, "hide": _X_HIDE, "mute": _MUTE, "block": _BLOCK_X, "report": _REPORT},
    "facebook": {"delete": _DELETE, "hide": _HIDE_FB, "mute": _NOTHING, "block": _BLOCK, "report": _REPORT},
    "line": dict.fromkeys(("delete", "hide", "mute", "block", "report"), _LINE),
    "instagram": {"delete": _DELETE, "hide": _NOTHING, "mute": _MUTE, "block": _BLOCK, "report": _REPORT},
    "threads": {"delete": _X_HIDE, "hide": _X_HIDE, "mute": _MUTE, "block": _BLOCK, "report": _REPORT},
    "youtube": {"delete": _DELETE, "hide": _NOTHING, "mute": _NOTHING, "block": _BLOCK, "report": _REPORT},
    "tiktok": {"delete": _DELETE, "hide": _NOTHING, "mute": _MUTE, "block": _BLOCK, "report": _REPORT},
    "bluesky": {"delete": _X_HIDE, "hide": _X_HIDE, "mute": _MUTE, "block": _BLOCK_X, "report": _REPORT},
    "other": {"delete": _DELETE, "hide": _HIDE_FB, "mute": _MUTE, "block": _BLOCK, "report": _REPORT},
}

_UNDO: Mapping[str, Means] = {
    "unhide": Means(
        "unhide",
        ("非表示を解いて、また見えるようにします。", "It is shown again."),
        (_COMMENT, ("…から非表示の解除を選ぶ", "Choose to show it again under …")),
    ),
    "unmute": Means(
        "unmute", ("ミュートを解きます。", "It is no longer muted."), (_PROFILE, ("ミュートの解除を選ぶ", "Choose “Unmute”"))
    ),
    "unblock": Means(
        "unblock",
        ("ブロックを解きます。相手はまた返信できます。", "The block is lifted: the other can reply again."),
        (_PROFILE, ("ブロックの解除を選ぶ", "Choose “Unblock”")),
        ("ブロックした一覧から消えたことを見る", "It has left the list of those blocked"),
    ),
}

_ELSEWHERE = (
    "このコメントは、このアカウントの投稿に付いたものではありません。Xで非表示にできるのは、自分の会話の返信だけです。",
    "This comment does not stand under a post of the account: on X only replies in one's own conversations can be hidden.",
)


def means(platform: Platform, action: str, *, own: bool | None = True) -> Means:
    """What this action, or the reversal of one, comes to on this platform. `own`: whether the comment stands under a post of the account's
    own; None where nobody knows, which is for the person to see."""
    if action in _UNDO:
        return _UNDO[action]
    found = next(each for name, each in _MEANS[platform].items() if name == action)
    if found.in_own and own is False:
        return Means("", _ELSEWHERE)
    return found


def is_own(account: Account, conversation: str) -> bool | None:
    """Whether a conversation is one of the account's own, by its address; None where that does not tell."""
    address = conversation.casefold()
    if "://" not in address:
        return None
    parts = address.split("://", 1)[1].split("/")
    return None if len(parts) < 3 else parts[1].lstrip("@") == account.handle.casefold().lstrip("@")
