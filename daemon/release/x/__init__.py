"""The channel to X, over its API v2: what an ordinary plan can do there, by an application that acts for the account.

`acts` says which request a job is, `sending` carries it out, `looking` finds out what became of it, `asking` reads; `access` is the account's
way in (`oauth1`, `oauth2`), `problems` what X says when it says no.
"""

from __future__ import annotations

from daemon.release.x.channel import CHANNEL

__all__ = ["CHANNEL"]
