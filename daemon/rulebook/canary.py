"""Canaries (番人): for each clause that a rule holds, one known item at which that rule must fire. They lie beside the policies, in
`canaries/<id>.toml` (of an amendment: `canaries/<id>@<day>.toml`, else those of the id), and are judged every morning before the first post.

They decide nothing: they are no part of a policy's hash, and never come near the queue.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Canary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One known item. `draft` is written as a draft is, front matter and all. `rule` must fire, under `clause`.

    `author`: `known` is somebody of the account's unit on the register, `other` somebody of another unit, `unknown` nobody whom it has. `handle` stands in the place of the
    account's; `hours` is a moment at which the account is open or closed; `again`: the very same text was released an hour ago;
    `post`: this one was.
    """

    clause: str
    rule: str
    draft: str
    on: Literal["draft", "comment"] = "draft"
    author: Literal["known", "other", "unknown"] = "known"
    handle: str = ""
    hours: Literal["open", "closed"] = "open"
    again: bool = False
    post: str = ""
