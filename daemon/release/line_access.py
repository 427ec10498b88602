"""What is asked of LINE's Messaging API that changes nothing: whose token it is, how much is left of the month, whether a message is one.

`channel_access_token` is a long-lived channel access token of the account's Messaging API channel. Facts: LINE Messaging API reference and
line-openapi (messaging-api.yml), as of 2026-11.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import httpx2
import msgspec

from daemon.release.http import Answer, Lost, Unreachable, asked, safe_address, unreachable
from daemon.release.jobs import Held
from daemon.rulebook.published import same_handle, same_name

API = "https://api.line.me"
TOKEN, ADDRESS = "channel_access_token", "api"
KEYS = (TOKEN, ADDRESS)
"""What is read of an account's credentials. `api` only where the interface is reached at another address."""

ANSWER_WITHIN = 5.0
"""Seconds in which LINE has to answer a question: several come before each broadcast, and a job does not wait long."""
LATER = 60.0
"""Seconds until the next try where LINE limits the rate: it says no time, and counts broadcasts by the hour."""
MONTHLY = "monthly limit"
"""What LINE's 429 says where it is not the rate, but the month's messages that are used up."""
_LONGEST_SAID = 300


class Room(NamedTuple):
    """How many messages LINE lets the account send this month (None: it sets no limit), and how many are used."""

    limit: int | None
    used: int

    @property
    def left(self) -> int | None:
        """How many are left; None without a limit."""
        return None if self.limit is None else max(0, self.limit - self.used)


class Access:
    """The interface, with an account's right to it."""

    def __init__(self, credentials: Mapping[str, str]) -> None:
        """Raises Held where the credentials hold no token, or name an address to which none may go."""
        self._token = credentials.get(TOKEN, "").strip()
        if not self._token or not self._token.isascii() or any(c.isspace() for c in self._token):
            raise Held(
                "failed",
                f"認証情報に {TOKEN} がないか、トークンの形ではありません",
                f"the credentials hold no {TOKEN}, or one that is no token",
            )
        try:
            self._at = safe_address(credentials.get(ADDRESS, API))
        except ValueError:
            raise Held(
                "failed",
                f"認証情報の {ADDRESS} は https:// の URL ではありません",
                f"`{ADDRESS}` in the credentials is no https address",
            ) from None

    def request(self, path: str, content: bytes | None = None, key: str = "") -> httpx2.Request:
        """A request, GET or with content POST. `key` is LINE's retry key."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        if key:
            headers["X-Line-Retry-Key"] = key
        return httpx2.Request("GET" if content is None else "POST", f"{self._at}{path}", headers=headers, content=content)

    def account(self) -> dict[str, str]:
        """Whose token it is: `handle` (ベーシックID), `premium` (プレミアムID, where there is one), `name`, `number`. Raises Held."""
        said = _understood(self._answer("/v2/bot/info"), lambda body: {
            "handle": str(body["basicId"]),
            "premium": str(body.get("premiumId", "")),
            "name": str(body["displayName"]),
            "number": str(body["userId"]),
        })  # fmt: skip
        return {name: value for name, value in said.items() if value}

    def guard(self, handle: str) -> None:
        """Raises Held where the token is not that of the account of this handle (アカウントの取り違え)."""
        ours = self.account()
        ids = [ours[key] for key in ("handle", "premium") if key in ours]
        if any(same_handle(handle, one) for one in ids) or same_name(handle, ours["name"]):
            return
        whose = f"{_clean(ours['handle'])}「{_clean(ours['name'])}」"
        raise Held(
            "failed",
            f"このトークンは {whose} のもので、{handle} のものではありません。rules.toml の handle か、認証情報を直してください",
            f"this token is that of {whose}, and not of {handle}: mend the handle in rules.toml, or the credentials",
        )

    def room(self) -> Room:
        """What is left of the month. Raises Held."""
        limit = _understood(
            self._answer("/v2/bot/message/quota"),
            lambda body: None if body["type"] == "none" else int(body["value"]),
        )
        used = _understood(self._answer("/v2/bot/message/quota/consumption"), lambda body: int(body["totalUsage"]))
        return Room(limit, used)

    def validate(self, content: bytes) -> None:
        """Let LINE say whether it would take these messages. Raises Held (`failed`) with what it says where it would not."""
        self._answer("/v2/bot/message/validate/broadcast", content)

    def _answer(self, path: str, content: bytes | None = None) -> Answer:
        """The answer to a question. Raises Held: what LINE refuses waits for a person, what LINE cannot do now is tried again."""
        try:
            answer = asked(self.request(path, content), ANSWER_WITHIN)
        except Unreachable as error:
            raise unreachable("LINE", error) from None
        except Lost as error:
            raise _later(f"LINE の答えがありません（{error}）", f"no answer from LINE ({error})") from None
        if answer.status == 200:
            return answer
        raise refused(answer)


def refused(answer: Answer) -> Held:
    """What is said where LINE has certainly not taken something in."""
    said = said_by(answer)
    match answer.status:
        case 401:
            return Held(
                "failed",
                "LINE がトークンを認めません（401）。LINE Developers コンソールで channel access token を発行し直し、認証情報を書き換えてください",
                "LINE does not accept the token (401): issue a new channel access token in the LINE Developers console, and write it into "
                "the credentials",
            )
        case 403:
            return Held(
                "failed",
                f"LINE が許可しません（403{said}）。LINE Developers コンソールの権限と、接続を許す IP アドレスを確かめてください",
                f"LINE does not allow it (403{said}): see the role and the allowed IP addresses in the LINE Developers console",
            )
        case 429 if MONTHLY in said.lower():
            return used_up(f"429{said}")
        case 429:
            return _later(f"LINE の回数の上限に達しました（429{said}）", f"LINE's rate limit is reached (429{said})", LATER)
        case status if status >= 500:
            return _later(f"LINE の側で障害があります（{status}）", f"LINE fails ({status})")
        case status:
            return Held("failed", f"LINE が断りました（{status}{said}）", f"LINE refused it ({status}{said})")


def used_up(numbers: str) -> Held:
    """What is said where the month's messages do not suffice. LINE reserves those of a broadcast that is on its way, so that it may say so
    too early: a person sees whether another try is due."""
    return Held(
        "failed",
        f"今月 LINE で送れる通数が足りません（{numbers}）。プランを変えるか、翌月にもう一度発信してください。ほかの配信の途中なら、終わってからもう一度発信してください",
        f"what is left of this month's messages on LINE does not suffice ({numbers}): change the plan, or send it next month; if another "
        "broadcast is on its way, send it again once that is over",
    )


def said_by(answer: Answer) -> str:
    """What LINE says of an error, for people, with a colon before it; empty where it says nothing."""
    body = answer.body or {}
    details = body.get("details")
    more = [
        f"{one.get('property', '')}: {one.get('message', '')}" for one in details if isinstance(one, dict)
    ] if isinstance(details, list) else []  # fmt: skip
    said = _clean("; ".join([str(body.get("message", "")), *more]))
    return f": {said}" if said.strip("; ") else ""


def _later(why: str, why_en: str, after: float = 0.0) -> Held:
    return Held("prevented", why, why_en, again_at=time.time() + after)


def _understood(answer: Answer, read: Callable[[dict[str, Any]], Any]) -> Any:
    """What an answer says. Raises Held (it is asked again) where it is another than the interface's."""
    try:
        return read(answer.body or {})
    except (KeyError, TypeError, ValueError):
        raise _later("LINE の答えが読めません", "LINE's answer cannot be read") from None


def _clean(said: str) -> str:
    return "".join(c if c.isprintable() else " " for c in said)[:_LONGEST_SAID]


def content_of(messages: list[dict[str, str]]) -> bytes:
    """Message objects as the body of a request."""
    return msgspec.json.encode({"messages": messages})
