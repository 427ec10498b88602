"""「なぜまだ出ないか」 for a draft in its state: what the judge says is missing, or the confirmation, the edit, the reopening it waits for."""

from __future__ import annotations

from msgspec.structs import asdict

from daemon.desk.case import Case, Setting
from daemon.desk.closing import closed_words
from daemon.desk.passed import passed, said
from daemon.desk.states import IN_HAND
from daemon.judge import Judgement, approvers_asked
from daemon.rulebook.model import Rulebook
from daemon.rulebook.published import profile
from daemon.rulebook.verdict import Missing
from daemon.rulebook.whom import in_english
from daemon.wire.seen import MissingSeen


def why_not_yet(case: Case, judgement: Judgement, setting: Setting) -> tuple[Missing, ...]:
    """「なぜまだ出ないか」 for a draft in its state: what the judge says is missing, or the confirmation or the edit it waits for."""
    if case.state in ("releasing", "unknown") and case.edited:
        return (_edited(),)
    if case.state == "unknown":
        return (_unsettled(case),)
    if case.state not in IN_HAND:
        return ()
    if case.state == "returned":
        return (_at_author(case, setting),)
    if case.state == "expired":
        return (_run_out(),)
    lines = judgement.missing
    if case.state == "held":
        return (_confirm(case, setting), *(line for line in lines if line.act not in ("take", "wait", "approve")))
    if case.state == "waiting" and (moment := _moment(case, setting)) is not None:
        return (*lines, moment)
    return lines


def _moment(case: Case, setting: Setting) -> Missing | None:
    """That the moment of a draft that waits for approval has passed meanwhile, or is closed by now: whoever approves has to see it."""
    if (over := passed(case, setting.now)) is not None:
        ja, en = said(over)
        what = f"{ja}。今からでも出してよければ、理由を添えて承認してください。別の日時にするなら下書きの release_at を直してください"
        what_en = f"{en}: if it may still go out, approve it with a reason; for another time, mend the draft's release_at"
    elif (shut := closed_words(case, setting)) is not None:
        what, what_en = shut
    else:
        return None
    whom = approvers_asked(case.item, case.situation(setting), setting.book)
    return Missing(what=what, what_en=what_en, who=whom.who, clause="", act="approve", logins=whom.logins)


def _edited() -> Missing:
    return Missing(
        what="発信が始まったあとに、ファイルが直されています。まだ投稿していなければ投稿せず、「未発信」と記録して新しい版を承認してください",
        what_en="its file was edited after the release had begun: if it is not posted yet, do not; settle it as not released",
        who="発信カードを持つ人",
        clause="",
        act="settle",
    )


def _unsettled(case: Case) -> Missing:
    what = "発信されたかどうか分かりません。媒体を見て、出ていれば URL を、出ていなければ「未発信」と記録してください"
    what_en = "whether it went out is not known: look at the platform, and record its URL, or that it did not go out"
    if case.account.platform == "line":  # what is sent there stands on no page
        page = profile("line", case.account.handle)
        what = (
            "発信されたかどうか分かりません。LINE Official Account Manager の配信履歴を見て、出ていればアカウントのページの "
            f"URL（{page}）を、出ていなければ「未発信」と記録してください"
        )
        what_en = (
            "whether it went out is not known: look at the history in LINE Official Account Manager, and record the address of the "
            f"account's page ({page}), or that it did not go out"
        )
    return Missing(
        what=what,
        what_en=what_en,
        who="担当者",
        clause="",
        act="settle",
    )


def _confirm(case: Case, setting: Setting) -> Missing:
    what = (
        "再開、時機の経過、または人の判断（理由は経過にあります）で保留になりました。今も出してよいか確認し、承認し直してください"
    )
    what_en = (
        "held by a resume, a passed moment or a person (history: why): confirm that it may still go out by approving it again"
    )
    if (over := passed(case, setting.now)) is not None:
        ja, en = said(over)
        what = f"{ja}。今からでも出してよいか確認し、理由を添えて承認し直してください"
        what_en = f"{en}: confirm that it may still go out by approving it again, with a reason"
    elif (shut := closed_words(case, setting)) is not None:
        what, what_en = shut
    whom = approvers_asked(case.item, case.situation(setting), setting.book)
    return Missing(what=what, what_en=what_en, who=whom.who, clause="", act="approve", logins=whom.logins)


def _run_out() -> Missing:
    return Missing(
        what="期限までに承認されませんでした。まだ出すなら開き直し（:開き直し、kohoban reopen）、はじめから承認を受けてください",
        what_en="nobody approved it in time: to go on, open it again (:reopen, kohoban reopen), and it is approved from the start",
        who="担当者",
        clause="",
        act="reopen",
    )


def _at_author(case: Case, setting: Setting) -> Missing:
    what, what_en = f"差戻し: {case.returned}", f"returned: {case.returned}"
    logins = (case.author,) if case.author in setting.book.operators else ()
    return Missing(what=what, what_en=what_en, who="作成者", clause="", act="edit", logins=logins)


def line_of(line: Missing, book: Rulebook) -> MissingSeen:
    """The line as it crosses the wire, with whom it names in English, too."""
    return MissingSeen(**asdict(line), who_en=in_english(line.who, book.office.titles_en))
