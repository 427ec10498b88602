"""What one person sees of the rows of one page, worked out once for each account."""

from __future__ import annotations

from daemon.moderation.comment import IN_HAND, Comment
from daemon.moderation.judges import may_judge
from daemon.moderation.setting import Setting
from daemon.rulebook.model import Operator
from daemon.rulebook.powers import election_on, grounds_of


class Here:
    """One person, at one moment."""

    def __init__(self, setting: Setting, who: Operator) -> None:
        self.setting, self._who = setting, who
        self._of: dict[str, tuple[bool, bool, str, frozenset[str]]] = {}

    def _account(self, name: str) -> tuple[bool, bool, str, frozenset[str]]:
        """Whether this person acts about its comments, and judges them; the election that is on, and the grounds to which it draws attention."""
        if name not in self._of:
            account, setting, who = self.setting.book.accounts.get(name), self.setting, self._who
            if account is None:
                self._of[name] = False, False, "", frozenset()
            else:
                election = election_on(account, setting.book, setting.today)
                political = frozenset(each.id for each in grounds_of(account, setting.book) if each.political)
                acts = account.policy in who.policies and who.role != "viewer"
                self._of[name] = acts, acts and may_judge(who, account, setting), election, political
        return self._of[name]

    def attention(self, comment: Comment) -> str:
        """The election that is on, where it concerns a ground that is suggested."""
        _, _, election, political = self._account(comment.account)
        return "" if political.isdisjoint(comment.clauses) else election

    def can(self, comment: Comment) -> tuple[str, ...]:
        """The acts that this person could carry out about it now."""
        acting, judging, _, _ = self._account(comment.account)
        if not acting:
            return ()
        if comment.state in IN_HAND:
            acts = ["claim_comment", "tag_comments", "ask_second", "escalate_comment", "comment_gone", "propose"]
            acts += ["judge"] if judging else []
            acts += ["guided"] if comment.guidance else []
            acts += ["second_opinion"] if comment.state == "second" else []
            return tuple(acts)
        if comment.state in ("judged", "left"):
            return ("undo_judgement", "comment_gone") if judging else ("comment_gone",)
        return ("undo_judgement",) if comment.state == "guided" else ()
