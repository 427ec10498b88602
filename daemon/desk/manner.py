"""How a decision was made: at the console, in 決裁モード, by a sheet in the 決裁フォルダ, on paper. One way for all of them into `acts`."""

from __future__ import annotations

from msgspec import Struct

from daemon.refused import Refused
from daemon.rulebook.model import Account, Way

WORDS: dict[Way, tuple[str, str]] = {
    "console": ("コンソール", "the console"),
    "mode": ("決裁モード", "決裁モード (decide)"),
    "folder": ("決裁フォルダ", "the 決裁フォルダ (sheets)"),
    "paper": ("紙", "paper"),
}


class Manner(Struct, frozen=True):
    """How one decision was made. One on paper was entered by a clerk, `countersigned_by` another person, and is kept as scan `scan`
    (sha256) under the number `reference`, dated `on` by the one who decided."""

    how: Way = "console"
    entered_by: str = ""
    countersigned_by: str = ""
    reference: str = ""
    on: str = ""
    scan: str = ""

    @property
    def columns(self) -> tuple[str, str, str]:
        """What stands in the row of an approval: how, entered by whom, under which number."""
        return self.how, self.entered_by, self.reference

    @property
    def told(self) -> dict[str, str]:
        """What the record says of it: how, and whatever else there is to say."""
        more = {name: getattr(self, name) for name in ("entered_by", "countersigned_by", "reference", "on", "scan")}
        return {"how": self.how, **{name: value for name, value in more.items() if value}}


def allowed(manner: Manner, account: Account) -> None:
    """Raises Refused (`way`) where the account's drafts are not decided in this way (`[[accounts]] decide`)."""
    if manner.how in account.decide:
        return
    ja, en = zip(*(WORDS[way] for way in account.decide), strict=True)
    raise Refused(
        "way",
        f"アカウント {account.name} の決裁は {WORDS[manner.how][0]} ではできません。{'・'.join(ja)} で決裁してください（rules.toml の decide）。",
        f"Drafts of {account.id} are not decided by {WORDS[manner.how][1]}: use {', '.join(en)} (decide in rules.toml).",
    )
