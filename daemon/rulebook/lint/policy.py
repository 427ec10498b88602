"""What can be wrong with a policy that reads well: its head, versions and clauses, and how its rules hang together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from daemon.rulebook.coverage import MECHANISMS
from daemon.rulebook.lint.approvers import check_approver_table
from daemon.rulebook.lint.exceptions import check_exceptions
from daemon.rulebook.lint.never import check_never
from daemon.rulebook.lint.rules import check_rule
from daemon.rulebook.model import Approvers, Hours, Powers, Problem, Topics
from daemon.rulebook.page import places, unplaced
from daemon.rulebook.parse import AddedRules, Header, PolicyFile, Written
from daemon.rulebook.shape import suggest
from daemon.rulebook.titles import APPROVER, UNIT_CHIEF, UNIT_CHIEFS

PLACEHOLDERS = (APPROVER, UNIT_CHIEF, UNIT_CHIEFS)
"""What may stand in the place of a title; the last one in the table of approvers alone."""


def check_added(added: AddedRules) -> Iterator[Problem]:
    """The problems of the added rules themselves, once for all policies."""
    for written, _ in added.rules:
        yield from check_rule(written)
        if not written.rule.clause.startswith("office/"):
            yield written.problem(
                "clause",
                "office.toml の規則の clause は office/… です。条文が定める場合は clauses の表に書いてください。",
                "the clause of a rule in office.toml is office/…; where an article carries it, say so in its `clauses` table.",
            )


def check_policy(file: PolicyFile, added: tuple[AddedRules, ...]) -> Iterator[Problem]:
    """All problems of one edition of a policy together with the rules added to it."""
    if file.header:
        yield from _check_head(file, file.header)
    yield from _check_versions(file)
    yield from _check_clauses(file)
    yield from _check_page(file)
    for written in file.rules:
        yield from check_rule(written)
    every = file.with_added(added)
    yield from _check_ids(every)
    yield from _check_citations(file, every)
    yield from check_exceptions(file, every)
    if file.header:
        yield from _check_titles(file, every)
        yield from _check_whens(file, file.header)
        yield from check_approver_table(file, every, file.header)
    yield from _check_hours(file)


def _check_head(file: PolicyFile, head: Header) -> Iterator[Problem]:
    for key, empty in (("id", not head.id), ("platforms", not head.platforms), ("manager", not file.managers)):
        if empty:
            yield file.source.problem(file.source.line("policy", key=key), f"{key} が空です。", f"{key} is empty.")


def _check_versions(file: PolicyFile) -> Iterator[Problem]:
    def here(message: str, message_en: str) -> Problem:
        return file.source.problem(file.source.line("version", 0), message, message_en)

    days = [version.from_ for version in file.versions if version.from_]
    if not any(version.text for version in file.versions):
        message = "text = true の [[version]] がありません。手元の条文がどの版かを示してください。"
        yield here(message, "No [[version]] has text = true: say which version's wording is in hand.")
    elif days != sorted(days):
        yield here("[[version]] は from の古い順に並べてください。", "Put the [[version]]s in the order of `from`.")


def _check_clauses(file: PolicyFile) -> Iterator[Problem]:
    prefix = f"{file.id}/"
    seen: set[str] = set()
    for index, clause in file.clauses:

        def here(key: str, message: str, message_en: str, index: int = index, clause_id: str = clause.id) -> Problem:
            line = file.source.line("clause", index, key)
            return file.source.problem(line, f"条文 {clause_id}: {message}", f"Clause {clause_id}: {message_en}")

        if clause.id in seen:
            yield here("id", "同じ id の条文が前にもあります。", "another clause before this one has the same id.")
        seen.add(clause.id)
        if not clause.id.startswith(prefix) or clause.id == prefix:
            yield here("id", f"id は {prefix}… です。", f"the id begins with {prefix}.")
        for key in ("cite", "text"):
            if not getattr(clause, key).strip():
                yield here(key, f"{key} が空です。", f"{key} is empty.")
        for holder in clause.held_by:
            if holder not in MECHANISMS:
                what, what_en = suggest(holder, MECHANISMS)
                yield here(
                    "held_by", f"「{holder}」という仕組みはありません。{what}", f"no mechanism is called '{holder}'. {what_en}"
                )


def _check_page(file: PolicyFile) -> Iterator[Problem]:
    """A page that names a clause that is not there, names one twice, or leaves one out would not be the text that is enforced."""
    if file.page is None:
        return
    line = file.source.line("page", key="text")
    named, known = places(file.page.text), file.clause_ids
    for clause_id, times in Counter(named).items():
        if clause_id not in known:
            what, what_en = suggest(clause_id, tuple(known))
            message = f"[page] の {{{clause_id}}} に当たる条文がありません。{what}"
            yield file.source.problem(line, message, f"[page] names '{clause_id}', which is no clause. {what_en}")
        elif times > 1:
            message = f"[page] に {{{clause_id}}} が {times} 回あります。1回だけ置いてください。"
            yield file.source.problem(line, message, f"[page] has '{clause_id}' {times} times: place it once.")
    for clause_id in unplaced(file.page.text, {clause.id: clause for _, clause in file.clauses}):
        message = f"[page] に条文 {clause_id} の場所がありません。{{{clause_id}}} を置いてください。"
        yield file.source.problem(line, message, f"[page] has no place for clause '{clause_id}': write {{{clause_id}}} into it.")


def _check_ids(every: Sequence[Written]) -> Iterator[Problem]:
    first: dict[str, Written] = {}
    for written in every:
        before = first.setdefault(written.rule.id, written)
        if before is not written:
            where = f"{before.source.path}:{before.source.line('rule', before.index, 'id')}"
            yield written.problem("id", f"同じ id の規則が {where} にあります。", f"another rule has the same id: {where}.")


def _check_citations(file: PolicyFile, every: Sequence[Written]) -> Iterator[Problem]:
    """Every rule names a clause that the policy has, or `office/…` with a basis that the policy has or none."""
    known = file.clause_ids
    for written in every:
        rule = written.rule
        key = "clauses" if written.added else "clause"
        for clause_id in rule.grounds if isinstance(rule, Powers) else ():
            if clause_id not in known:
                yield _no_such_clause(written, "grounds", clause_id, known)
        for clause_id in rule.also:
            if clause_id not in known:
                yield _no_such_clause(written, "also", clause_id, known)
        if rule.clause.startswith("office/"):
            if rule.basis not in ("", file.basis) and rule.basis not in known:
                yield _no_such_clause(written, "basis", rule.basis, known)
        elif rule.clause not in known:
            yield _no_such_clause(written, key, rule.clause, known)
        elif rule.basis:
            yield written.problem(
                "basis",
                f"clause が条文（{rule.clause}）なので basis は要りません。",
                f"its clause is an article ({rule.clause}): a basis only belongs to office/… rules.",
            )
    for key, named in (("basis", file.basis), ("follow_up", file.header.follow_up if file.header else "")):
        if named and named not in known:
            what, what_en = suggest(named, tuple(known))
            line = file.source.line("policy", key=key)
            yield file.source.problem(
                line, f"{key} の条文「{named}」がありません。{what}", f"No clause '{named}' ({key}). {what_en}"
            )


def _no_such_clause(written: Written, key: str, wrong: str, known: frozenset[str]) -> Problem:
    what, what_en = suggest(wrong, tuple(known))
    return written.problem(
        key, f"条文「{wrong}」はこの要綱にありません。{what}", f"this policy has no clause '{wrong}'. {what_en}"
    )


def _check_titles(file: PolicyFile, every: Sequence[Written]) -> Iterator[Problem]:
    """Titles that no table of the policy and no clause knows are probably misspelt; then nobody could lift the hold."""
    tables = {title for w in every if isinstance(w.rule, Approvers) for title in w.rule.titles}
    known = tables | set(file.managers) | set(PLACEHOLDERS)
    prose = "".join(clause.text for each in (file, *file.above) for _, clause in each.clauses)
    wanted = [(w, title) for w in every for title in w.rule.lift]
    wanted += [(w, title) for w in every if isinstance(w.rule, Approvers) for title in w.rule.titles if title.startswith("@")]
    for written, title in wanted:
        key = "lift" if title in written.rule.lift else "titles"
        usable = PLACEHOLDERS if key == "titles" else PLACEHOLDERS[:-1]
        if title.startswith("@") and title not in usable:
            names = "、".join(usable)
            yield written.problem(key, f"「{title}」は使えません（{names}）。", f"'{title}' is not known ({names}).")
        elif title not in known and title not in prose:
            what, what_en = suggest(title, tuple(known))
            message = f"職名「{title}」は、この要綱の表にも条文にもありません。{what}"
            yield written.problem(key, message, f"the policy names no title '{title}'. {what_en}", warning=True)


def _check_whens(file: PolicyFile, head: Header) -> Iterator[Problem]:
    """Conditions that can never be met: a topic or platform that the policy does not have."""
    topics = {topic for w in file.every_rule if isinstance(w.rule, Topics) for topic in w.rule.topics}
    for written in file.rules:
        yield from check_never(written, head.platforms)
        when = written.rule.when
        for topic in when.topics:
            if topic not in topics:
                what, what_en = suggest(topic, tuple(topics))
                yield written.problem(
                    "when", f"分野「{topic}」はこの要綱にありません。{what}", f"no topic '{topic}' here. {what_en}"
                )
        for platform in when.platforms:
            if platform not in head.platforms:
                message = f"媒体 {platform} はこの要綱の platforms にありません。"
                yield written.problem("when", message, f"platform {platform} is not among this policy's platforms.")
        if when.since and when.until and when.since > when.until:
            message = "since が until より後です。どの日にも当てはまりません。"
            yield written.problem("when", message, "since is later than until: there is no such day.")


def _check_hours(file: PolicyFile) -> Iterator[Problem]:
    """Two rules of hours for the same case contradict each other: only the first would be looked at."""
    hours = [w for w in file.rules if isinstance(w.rule, Hours)]
    count = Counter(w.rule.when for w in hours)
    for written in hours[1:]:
        if count[written.rule.when] > 1:
            yield written.problem(
                "check", "同じ場合の運用時間が前にもあります。", "there are other hours for the same case before it."
            )
