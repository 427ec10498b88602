"""What every act is: the type that all of them share, in a module of its own so that each subject can bring its acts."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import Struct

Role = Literal["viewer", "clerk", "manager"]
Terminal = Literal["any", "designated"]


class Act(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="act"):
    """What every act has: the least role that may ask for it, and the terminal it needs where a policy has a terminal clause. What stands at its
    default is not sent, so that a daemon that does not know a field yet takes the act without it."""

    role: ClassVar[Role] = "clerk"
    terminal: ClassVar[Terminal] = "designated"
