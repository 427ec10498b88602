"""The channel itself: what the releaser's protocol asks for, in X's terms."""

from __future__ import annotations

import time

from daemon.release.channel import Became, Here
from daemon.release.jobs import EARLIER, Ask, Held, Job, Look, Told, look_for, moment
from daemon.release.steps import Noted
from daemon.release.x import asking, looking
from daemon.release.x.access import Access
from daemon.release.x.acts import act_of
from daemon.release.x.media import Uploads, uploaded
from daemon.release.x.sending import Already, Sending
from daemon.rulebook.channels import BUILT_IN

LOOK_WITHIN = 14.0
"""Seconds that a look or a question may take in all: whoever asked waits a little longer."""
TWIN_WITHIN = 5.0
"""Seconds for a look at the timeline after X has called a post a duplicate."""

AGAIN = 10.0
"""Seconds after which a job is no longer the first try of its revision."""
POSTED = frozenset(("post", "poll", "reply", "correction"))


class X:
    """The channel. One object for all accounts."""

    can = BUILT_IN["x"]

    def prepare(self, job: Job, here: Here) -> Sending | Already:
        """Who we are is sure, no earlier try is out, what is attached is up, the line stands. Raises Held."""
        access = Access(here, job.account, job.handle, job.deadline)
        me = access.own()
        act = act_of(job, me, ())  # what cannot be posted uploads nothing
        now = time.time()
        look = look_for(job, (job.since or now) - EARLIER)
        tried_before = 0 < job.since < now - AGAIN
        # With images X takes the same words twice, and whoever has said that the first are not out may have looked too early.
        if tried_before and job.kind in POSTED and (place := looking.there(look, access)) is not None:
            return Already(place)
        uploads = uploaded(access, job.images) if job.images else Uploads()
        if job.images:
            act = act_of(job, me, uploads.numbers)

        def twin() -> str:
            return looking.twin(look, Access(here, job.account, job.handle, moment() + TWIN_WITHIN))

        return Sending(access, act, twin, uploads)

    def look(self, look: Look, noted: Noted | None, here: Here) -> Became:
        """A job without a note never began; any other is looked for. Raises Held."""
        if noted is None:
            return Became("not_released")
        access = Access(here, look.account, look.handle, moment() + LOOK_WITHIN)
        try:
            return looking.became(look, access)._replace(read=access.read)
        except Held as held:  # what came before the answer stayed away was paid for
            held.read = dict(access.read)
            raise

    def let_go(self, look: Look, here: Here) -> None:
        """Nothing was put aside."""

    def ask(self, ask: Ask, here: Here) -> Told:
        """Raises Held."""
        access = Access(here, ask.account, ask.handle, moment() + LOOK_WITHIN)
        if ask.what not in self.can.reads:
            raise Held("failed", f"X にこれ（{ask.what}）は尋ねられません", f"X cannot be asked for {ask.what}")
        return asking.answer(ask, access)


CHANNEL = X()
