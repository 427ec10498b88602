"""How X says no, and what that means for us. Read leniently: the live platform sends problems that its document does not have.

Whatever is not plainly a refusal leaves open what became of a request.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from daemon.release.http import Answer, cleaned
from daemon.release.jobs import Held

PAUSE = 900.0
"""Seconds until the next try where X says that there were too many requests, and not until when."""
LEAST_PAUSE, LONGEST_PAUSE = 5.0, 86_400.0
SOON = 30.0
"""Seconds until the next try after a failure of X's own."""

_LIMITS = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")
_REFUSALS = ("resource-not-found", "not-authorized-for", "invalid-request", "disallowed-resource", "client-forbidden")
"""Problems of a 200 without data that say for certain that nothing was done."""


class Refusal(Exception):
    """X did not do it, and said so. `kind`: `duplicate` (the same text is there), `gone` (what it is about is not there), `token` (it does
    not know us), `media` (it does not know what is attached), `other`. `held` is what that means for a job."""

    def __init__(self, kind: str, held: Held) -> None:
        super().__init__(held.why_en)
        self.kind, self.held = kind, held


def problem_of(answer: Answer) -> dict[str, Any]:
    """What an answer says that is wrong: its own words, or the first of its `errors`."""
    body = answer.body or {}
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return {name: body.get(name) or first.get(name) for name in ("title", "detail", "type", "reason")} | {
        "message": first.get("message"),
        "parameters": first.get("parameters"),
    }


def detail_of(answer: Answer) -> str:
    """X's own words, for people: never more than a line."""
    said = problem_of(answer)
    detail = next((str(said[name]) for name in ("detail", "message", "title") if said[name]), "")
    first = said["message"]
    if first and str(first) not in detail:
        detail = f"{detail} ({first})" if detail else str(first)
    return cleaned(detail)


def judged(answer: Answer) -> dict[str, Any]:
    """The body of an answer that says that it was done. Raises Refusal where X did not do it; Held (`prevented`) where there were too many
    requests; Held (`unknown`) for everything else."""
    status = answer.status
    if 200 <= status < 300:
        return _done(answer)
    if status == 429:
        raise _too_many(answer)
    if status in (408, 499) or not 400 <= status < 500:
        raise Held(
            "unknown",
            f"X の側で障害がありました（{status}）{_said(answer, ja=True)}",
            f"X failed ({status}){_said(answer)}",
        )
    raise _refused(answer)


def _done(answer: Answer) -> dict[str, Any]:
    body = answer.body or {}
    if isinstance(body.get("data"), dict | list) or ("errors" not in body and isinstance(body.get("meta"), dict)):
        return body
    if "errors" in body and any(kind in str(problem_of(answer)["type"]) for kind in _REFUSALS):
        raise _refused(answer)
    why, why_en = "X の答えが読めません", "X's answer cannot be read"
    raise Held("unknown", f"{why}（{answer.status}）{_said(answer, ja=True)}", f"{why_en} ({answer.status}){_said(answer)}")


def _too_many(answer: Answer) -> Exception:
    if _spent(answer):
        return _out_of_credit(answer)
    again_at = later(answer.headers)
    return Held(
        "prevented",
        "X の利用回数の上限に達しました（429）",
        "X takes no more requests for now (429)",
        again_at=again_at,
    )


def later(headers: Mapping[str, str]) -> float:
    """When there may be requests again (seconds since 1970), by the latest of the limits that X says are used up."""
    now, found = time.time(), []
    for limit in _LIMITS:
        reset, left = headers.get(f"{limit}-reset", ""), headers.get(f"{limit}-remaining", "0")
        if _number(reset) and left == "0":
            found.append(float(reset))
    wait = headers.get("retry-after", "")
    if _number(wait):
        found.append(now + int(wait))
    at = max(found, default=now + PAUSE)
    return min(max(at, now + LEAST_PAUSE), now + LONGEST_PAUSE)


def _number(said: str) -> bool:
    return said.isascii() and said.isdigit() and len(said) < 12


def _spent(answer: Answer) -> bool:
    said = problem_of(answer)
    words = f"{said['type']} {said['title']} {said['detail']}".lower()
    return any(
        word in words
        for word in ("usage-capped", "usagecap", "usage cap", "problems/credits", "creditsdepleted", "spending limit")
    )


def _out_of_credit(answer: Answer) -> Refusal:
    why = "X の利用枠（残高・月間上限）を使い切っています。開発者コンソールで確かめ、補充してから、もう一度承認してください"
    why_en = "the credit or the monthly cap at X is used up: see the developer console, then approve it again"
    return Refusal(
        "other",
        Held("failed", f"{why}（{answer.status}）{_said(answer, ja=True)}", f"{why_en} ({answer.status}){_said(answer)}"),
    )


def _refused(answer: Answer) -> Refusal:
    status, said = answer.status, problem_of(answer)
    words = f"{said['type']} {said['title']} {said['detail']} {said['reason']}".lower()
    kind, why, why_en = "other", "X が断りました", "X refused it"
    if status == 402 or _spent(answer):
        return _out_of_credit(answer)
    if status == 401:
        kind = "token"
        why = "X がこの認証情報を認めません。kohoban secrets で登録し直してください（この機械の時計も確かめてください）"
        why_en = "X does not accept these credentials: register them again with kohoban secrets (and see that the clock is right)"
    elif "duplicate content" in words:
        kind, why, why_en = "duplicate", "X に同じ内容の投稿があります", "X has a post with the same words"
    elif status == 400 and "media" in f"{detail_of(answer)} {said['parameters']}".lower():
        kind, why, why_en = "media", "X が画像を認めません", "X does not accept what is attached"
    elif answer.body is None:  # also a 404: whoever says it, a post that it does not know may well be there
        why = "X ではない何か（中継サーバなど）が断ったようです"
        why_en = "something that is not X, perhaps a proxy on the way, refused it"
    elif status == 404 or "resource-not-found" in words or "could not find" in words:
        kind, why, why_en = "gone", "X に見当たりません", "it is not there on X"
    elif "client-forbidden" in words or "access level" in words or "not-enrolled" in words or "enrollment" in words:
        why = "X の契約プランではこの操作ができません。人が X で行ってください"
        why_en = "the plan at X does not include this: a person has to do it on X"
    elif "mentioned or otherwise engaged" in words or "reply to this conversation" in words:
        why = "X は、相手がこのアカウントに言及か引用をした投稿にしか、自動の返信を認めません。人が X で返信してください"
        why_en = "X takes replies by program only to posts that mention or quote the account: a person has to reply on X"
    elif "suspended" in words or "locked" in words:
        why = "X がアカウントを凍結・制限しています。X にログインして確かめてください"
        why_en = "X has suspended or locked the account: log in on X and see"
    return Refusal(kind, Held("failed", f"{why}（{status}）{_said(answer, ja=True)}", f"{why_en} ({status}){_said(answer)}"))


def _said(answer: Answer, *, ja: bool = False) -> str:
    detail = detail_of(answer)
    if not detail:
        return ""
    return f"「{detail}」" if ja else f": {detail}"
