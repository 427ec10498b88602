"""The channel to LINE: one broadcast to all friends of an official account, which nothing takes back.

LINE takes a request with the same `X-Line-Retry-Key` once, for 24 hours: one that stayed unanswered is sent again, through the gate each
time, until LINE has answered or the job's time is over. 409 says that it had been taken in before. What was sent cannot be asked for.
"""

from __future__ import annotations

import time

from daemon.release.channel import Became, Here
from daemon.release.channel import Sending as AnySending
from daemon.release.http import Answer, Lost, Parted, Unreachable, cleaned, unreachable
from daemon.release.jobs import Ask, Held, Job, Look, Told, moment
from daemon.release.line_access import Access, content_of, refused, used_up
from daemon.release.steps import Noted
from daemon.rulebook.channels import BUILT_IN

LONGEST = 5_000
"""UTF-16 code units of a text message."""
ANSWER_WITHIN = 6.0
"""Seconds in which LINE has to answer one try: there is time for several."""
PAUSE = 0.5
"""Seconds before the second try; doubled before each further one."""
LONGEST_PAUSE = 4.0
AT_THE_END = 2.0
"""Seconds before the job's deadline in which no try is under way any more: whoever gave the job waits no longer than that."""
LEAST = 1.0
"""Seconds without which no try is begun."""

REQUEST, ACCEPTED = "x-line-request-id", "x-line-accepted-request-id"

SEE_YOURSELF = (
    "LINE には送ったものを尋ねられません。LINE Official Account Manager の配信履歴を見て、不明を決着してください。最初の送信から24時間のうちなら、"
    "同じ下書きをもう一度発信しても二度は届きません（再試行キーが同じで、出ていれば LINE が「受付済み」と答えます）"
)
SEE_YOURSELF_EN = (
    "LINE cannot be asked what was sent. Look at the history in LINE Official Account Manager, and settle it. Within 24 hours of the first "
    "try the same draft may be sent again and arrives once (its retry key is the same: if it is out, LINE answers so)"
)


class Line:
    """The channel."""

    can = BUILT_IN["line"]

    def prepare(self, job: Job, here: Here) -> Sending:
        """See that it is the right account, that LINE would take the message and that something is left of the month; connect. Raises
        Held."""
        content = content_of([_message(job)])
        access = Access(here.credentials(job.account))
        access.guard(job.handle)
        access.validate(content)
        room = access.room()
        if room.left == 0:
            raise used_up(f"{room.used} / {room.limit}")
        try:
            return Sending(job, access, content)
        except Unreachable as error:
            raise unreachable("LINE", error) from None

    def look(self, look: Look, noted: Noted | None, here: Here) -> Became:
        """A job without a note never began. Of any other nobody can say: a look must not send, and only sending would tell."""
        if noted is None:
            return Became("not_released")
        return Became("unknown", "", SEE_YOURSELF, SEE_YOURSELF_EN)

    def let_go(self, look: Look, here: Here) -> None:
        """Nothing was put aside."""

    def ask(self, ask: Ask, here: Here) -> Told:
        """Whose token it is, or what is left of the month. Raises Held."""
        access = Access(here.credentials(ask.account))
        match ask.what:
            case "account":
                return Told(job=ask.id, ok=True, facts=access.account())
            case "quota":
                room = access.room()
                facts = {"used": str(room.used)}
                if room.left is not None:
                    facts |= {"limit": str(room.limit), "left": str(room.left)}
                return Told(
                    job=ask.id,
                    ok=True,
                    facts=facts,
                    why="一斉配信は友だち一人につき1通と数えます。友だちの人数は尋ねられないので、足りるかどうかは分かりません",
                    why_en="a broadcast counts one message a friend; how many friends there are is not known here, nor whether it suffices",
                )
        raise Held("failed", "この媒体への道には尋ねられません", "this channel cannot be asked that")


class Sending:
    """One try to broadcast: connected, and everything but its leave is there."""

    def __init__(self, job: Job, access: Access, content: bytes, turn: int = 1) -> None:
        """Connect. Raises Unreachable."""
        self._job, self._access, self._content, self._turn = job, access, content, turn
        self._lost: Lost | None = None
        within = min(ANSWER_WITHIN, max(LEAST, self._left()))
        self._parted = Parted(access.request("/v2/bot/message/broadcast", content, job.key), within, connect=within)

    def write(self) -> None:
        """Let the request leave. Raises Held where the line was hung up before the first try, so that nothing has left."""
        try:
            self._parted.go()
        except Unreachable as error:
            if self._turn == 1:
                raise unreachable("LINE", error) from None
            self._lost = Lost(str(error))
        except Lost as lost:  # some of it may have left: the key tells, with the next try
            self._lost = lost

    def finish(self) -> Became | AnySending:
        """What LINE answers; another try where it does not, or where somebody else answers in its place. Raises Held."""
        try:
            answer = self._answer()
        except Lost as lost:
            return self._once_more(f"LINE の答えがありません（{lost}）", f"no answer from LINE ({lost})")
        if answer.status == 200 and answer.body is not None and REQUEST in answer.headers:
            number = cleaned(answer.headers[REQUEST])
            return Became("released", "", f"LINE の受付番号 {number}", f"LINE took it under request {number}")
        if answer.status == 409:
            number = cleaned(answer.headers.get(ACCEPTED, "-"))
            return Became(
                "released",
                "",
                f"LINE は同じ再試行キーのものを受付済みです（受付番号 {number}）",
                f"LINE had accepted it already, with the same retry key (request {number})",
            )
        if 400 <= answer.status < 500 and answer.status != 408 and REQUEST in answer.headers:
            held = refused(answer)
            if self._turn == 1:
                raise held
            return self._unknown(held.why, held.why_en)
        why = f"LINE の側で障害があります（{answer.status}）"
        return self._once_more(why, f"LINE fails ({answer.status})")

    def abandon(self) -> None:
        """Not a byte has left."""
        self._parted.abandon()

    def _answer(self) -> Answer:
        if self._lost is not None:
            raise self._lost
        return self._parted.answer()

    def _left(self) -> float:
        return self._job.deadline - AT_THE_END - moment()

    def _once_more(self, why: str, why_en: str) -> AnySending:
        """The same with the same key, once there is a line. Raises Held where the time is over."""
        pause = min(PAUSE * 2.0 ** (self._turn - 1), LONGEST_PAUSE)
        while self._left() > pause + LEAST:
            time.sleep(pause)
            try:
                return Sending(self._job, self._access, self._content, self._turn + 1)
            except Unreachable:
                pause = min(pause * 2, LONGEST_PAUSE)
        return self._unknown(why, why_en)

    def _unknown(self, why: str, why_en: str) -> AnySending:
        raise Held("unknown", f"{why}。{SEE_YOURSELF}", f"{why_en}. {SEE_YOURSELF_EN}")


def _message(job: Job) -> dict[str, str]:
    """The text message object of a job. Raises Held (`failed`) for what is no text message of LINE's."""
    if job.kind not in Line.can.kinds:
        raise Held("failed", f"LINE では自動で行えません（{job.kind}）", f"this is not done on LINE by itself ({job.kind})")
    if job.images:
        raise Held(
            "failed",
            "LINE は公開の URL にある画像しか受け取らないため、画像のある下書きは人が発信します",
            "LINE takes images only from a public address: a person sends a draft with images",
        )
    text = job.body.decode()
    if not 0 < (length := len(text.encode("utf-16-le")) // 2) <= LONGEST:
        raise Held(
            "failed",
            f"LINE の1通は{LONGEST}字（UTF-16）までです（この本文は{length}字）。分けて発信することはしません",
            f"a LINE message has at most {LONGEST} UTF-16 units (this one has {length}), and it is not cut into several",
        )
    return {"type": "text", "text": text}


CHANNEL = Line()
