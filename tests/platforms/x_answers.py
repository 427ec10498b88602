"""How X says no: the problems of its document, and those that the live platform is known to send beside it.

Live and not in the document: `about:blank` for 401, 403, 404, 405, 429 and 503 (akrherz/iembot#163 for the duplicate); 402 without credit
(tryethernal/ethernal#1324: status only, the words are from memory); 429 `usage-capped` (xdevplatform/xdk#25); gateways' pages for 502 and 504.
"""

from __future__ import annotations

import html
from http import HTTPStatus
from typing import Any

from tests.platforms.serving import Refused, Reply

PROBLEMS = "https://api.x.com/2/problems/"
LIVE = {
    "about:blank",
    "https://api.twitter.com/2/problems/usage-capped",
    "https://api.twitter.com/2/problems/credits",
    "https://api.twitter.com/2/problems/client-forbidden",
}
"""Types of problems that the document does not have."""
KIND = "application/problem+json"


def blank(status: int, detail: str | None = None, **headers: str) -> Reply:
    """A problem without a type of its own, as the live platform sends it."""
    title = HTTPStatus(status).phrase
    said = {"detail": detail or title, "type": "about:blank", "title": title, "status": status}
    return Reply(status, said, {name.replace("_", "-"): value for name, value in headers.items()}, KIND, free=True)


def forbidden(detail: str) -> Refused:
    return Refused(blank(403, detail))


def invalid(detail: str, where: str = "") -> Refused:
    said: dict[str, Any] = {
        "errors": [{"message": detail, "parameters": {where: []} if where else {}}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}invalid-request",
        "status": 400,
    }
    return Refused(Reply(400, said, {}, KIND))


def missing(kind: str, parameter: str, value: str) -> dict[str, Any]:
    """What a partial error says of a thing that is not there."""
    return {
        "value": value,
        "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": value,
        "type": f"{PROBLEMS}resource-not-found",
    }


def gone(kind: str, parameter: str, value: str) -> Refused:
    return Refused(Reply(404, {**missing(kind, parameter, value), "status": 404}, {}, KIND))


def needs_enterprise() -> Refused:
    """What ordinary plans lack (quotes, likes, follows, blocks since 2023 and 2026)."""
    said = {
        "title": "Client Forbidden",
        "detail": "This action is not available on your access level.",
        "reason": "client-not-enrolled",
        "required_enrollment": "Enterprise",
        "type": "https://api.twitter.com/2/problems/client-forbidden",
        "status": 403,
    }
    return Refused(Reply(403, said, {}, KIND, free=True))


def out_of_credit(account: str) -> Refused:
    said = {
        "account_id": int(account),
        "title": "CreditsDepleted",
        "detail": "Your enrolled account does not have any credits to fulfill this request.",
        "type": "https://api.twitter.com/2/problems/credits",
    }
    return Refused(Reply(402, said, {}, free=True))


def usage_capped(account: str) -> Refused:
    said = {
        "account_id": int(account),
        "product_name": "standard-basic",
        "title": "UsageCapExceeded",
        "period": "Monthly",
        "scope": "Product",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": "https://api.twitter.com/2/problems/usage-capped",
    }
    return Refused(Reply(429, said, {}, free=True))


def wrong_with_itself(status: int) -> Reply:
    if status == 500:
        said = {
            "title": "Internal Server Error",
            "detail": "Something is broken.",
            "type": f"{PROBLEMS}internal-error",
            "status": 500,
        }
        return Reply(500, said, {}, KIND)
    if status in (502, 504):
        page = f"<html><head><title>{status}</title></head><body>{html.escape(HTTPStatus(status).phrase)}</body></html>"
        return Reply(status, page, {}, "text/html", free=True)
    return blank(status)
