"""訂正と削除: the draft that is to correct or to delete a post of one's own."""

from __future__ import annotations

from typing import Literal

from daemon.wire.act import Act


class Prepare(Act, frozen=True, kw_only=True, tag="prepare"):
    """訂正・削除の下書きを用意する: a new file in the account's folder that names the released draft as its target, with blanks that keep it
    in until somebody has filled them. The original is not touched."""

    draft: int
    what: Literal["correction", "delete"] = "correction"
