"""The account guard of a session: before the first thing that one lets out for an account, its handle is typed.

What a person posts goes out with the release card; what the machine sends goes out with the approval that was missing. So the handle is
asked for at the first card, or at the first approval for an account of the machine's, of each connection (decision 0016).
"""

from __future__ import annotations

from daemon.refused import Refused
from daemon.rulebook.model import Account, Handle, Rulebook
from daemon.rulebook.platforms import NAMES
from daemon.rulebook.published import same_handle


def confirmed(handles: set[str], account: Account, typed: str) -> bool:
    """Whether this session knows where it sends: `typed` is what a person typed just now ("": nothing), `handles` what they have typed
    before (`account@handle`: another handle has to be typed again). Raises Refused where it is another account's."""
    mark = f"{account.id}@{account.handle}"
    if typed:
        if not same_handle(typed, account.handle):
            said, wanted = typed.strip().lstrip("@"), account.handle.lstrip("@")
            raise Refused(
                "handle",
                f"入力された @{said} は、この下書きの投稿先 @{wanted} と違います。投稿先を確かめてください。",
                f"@{said} is not the account of this draft, @{wanted}: look again where it goes.",
            )
        handles.add(mark)
    return mark in handles


def ask(account: Account, book: Rulebook) -> Refused:
    """The question for the handle, with the account in words."""
    rules = (rule for rule in book.policies[account.policy].rules if isinstance(rule, Handle))
    city, handle = book.policies[account.policy].municipality, account.handle.lstrip("@")
    end = ("。取り消せません", ", which cannot be taken back") if account.irreversible else ("", "")
    return Refused(
        "handle",
        f"投稿先は {city} の {account.name}（@{handle}、{NAMES[account.platform]}）です{end[0]}。確認のため @ユーザー名を入力してください。",
        f"This goes out as @{handle} on {NAMES[account.platform]} ({account.name}, {city}){end[1]}: type the handle to confirm.",
        clause=next((rule.clause for rule in rules), ""),
    )
