"""Put a rulebook in force: read, checked and whole, or refused with every reason at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.colours import colours
from daemon.rulebook.days import Closure, SpecialDays
from daemon.rulebook.duty import OFFICE, OfficeDuties
from daemon.rulebook.folders import ADDED, BUNDLED, RULES, bundled, edition_files, policy_ids
from daemon.rulebook.model import Account, Approvers, Office, Operator, Policy, Problem, Rule, Rulebook, RulebookError
from daemon.rulebook.moderation import Moderation, OfficeModeration
from daemon.rulebook.titles import UNIT_CHIEFS, unit_chief
from daemon.rulebook.versions import as_of, edition_on, hash_of

if TYPE_CHECKING:
    from daemon.rulebook.lint import Looked
    from daemon.rulebook.parse import OfficeFile

__all__ = ["BUNDLED", "RULES", "bare_rulebook", "bundled", "load_policy", "load_rulebook", "resolve_policy", "rulebook_of"]


def load_policy(
    path: Path,
    *,
    words_dir: Path | None = None,
    office_dir: Path | None = None,
    looked_at: dict[Path, bytes | None] | None = None,
) -> Policy:
    """The policy of this file, with the rules that `office.toml` adds to it (the program's, the office's, the one beside it).

    Word lists are looked for in `words_dir` (default: `words/` beside the file), then among those of the program. Raises
    RulebookError with every error of the file. The program's own patterns, which `policy lint` and the tests look at, are taken as good.
    `looked_at` gets every file and folder that said something for it, files that were read with their bytes.
    """
    from daemon.rulebook.lint import look_at_policy  # and with it all that reads TOML: a policy that is kept needs none of it

    vouched = BUNDLED if words_dir is None else None  # a list from elsewhere would speak in the program's own rules
    looked = look_at_policy(path, words_dir=words_dir, office_dir=office_dir, vouched=vouched)
    if looked.errors:
        raise RulebookError(looked.errors)
    if looked_at is not None:
        looked_at |= looked.reader.looked_at()
    (file,) = looked.policies.values()
    return file.policy(looked.added, looked.reader)


class Load(Protocol):
    """What reads a policy from its file: `load_policy`, or `kept.load_kept`."""

    def __call__(self, path: Path, *, office_dir: Path | None = None) -> Policy: ...


def load_rulebook(office_dir: Path, day: date | None = None, *, looked_at: dict[Path, bytes | None] | None = None) -> Rulebook:
    """The rulebook of an office, as it stands on a day (default: today in Japan): `rules.toml`, the policies of the program and the
    office's own in `policies/`.

    Raises RulebookError with every error of every file. `looked_at` as for `load_policy`.
    """
    from daemon.rulebook.lint import look_at_office

    day = day or today()
    book = as_of(rulebook_of(looked := look_at_office(office_dir, day)), day)
    if looked_at is not None:
        looked_at |= looked.reader.looked_at()
    return book


def today() -> date:
    """The day that it is in Japan, by the machine's clock."""
    return datetime.now(TOKYO).date()


def rulebook_of(looked: Looked) -> Rulebook:
    """The rulebook of what was read, with the last edition of each policy; its `problems` are the warnings. Raises RulebookError if there
    was any error."""
    from daemon.rulebook.guidance_kinds import kinds_of, with_own
    from daemon.rulebook.lint.duties import absent_documents

    if looked.errors or looked.office is None or looked.office.office is None:
        raise RulebookError(looked.errors)
    accounts: Mapping[str, Account] = {
        # as text, which is the same on the way to another process; the forms have been looked at
        account.id: replace(account, founding={key: str(value) for key, value in account.founding.items()})
        for _, account in looked.office.accounts
    }
    public = public_of(looked.office.office, accounts.values())
    found = {
        policy_id: tuple(
            with_units(
                looked.overrides.hashed_into(
                    with_public(file.policy(looked.added, looked.reader), public),
                    frozenset(account.id for account in accounts.values() if account.policy == policy_id),
                ),
                tuple(account.unit for account in accounts.values() if account.policy == policy_id),
            )
            for file in files
        )
        for policy_id, files in sorted(looked.editions.items())
    }
    policies = {policy_id: editions[-1] for policy_id, editions in found.items()}
    editions = {policy_id: editions for policy_id, editions in found.items() if len(editions) > 1}
    canaries = {
        policy.hash: looked.canaries[policy.source]
        for each in found.values()
        for policy in each
        if policy.source in looked.canaries
    }
    operators: Mapping[str, Operator] = {operator.login: operator for _, operator in looked.office.operators}
    absent = absent_documents(looked)
    files = " ".join((looked.reader.digest(looked.office.source.path, *looked.canary_files), *sorted(absent)))
    return Rulebook(
        office=looked.office.office,
        policies=policies,
        editions=editions,
        accounts=accounts,
        operators=operators,
        follow_ups=tuple(follow_up for _, follow_up in looked.office.follow_ups),
        sheets=tuple(sheets for _, sheets in looked.office.sheets),
        days=_days_of(looked, looked.office, looked.office.office),
        terminals=tuple(terminal for _, terminal in looked.office.terminals),
        deputies=tuple(deputy for _, deputy in looked.office.deputies),
        retention=tuple(each for _, each in looked.office.retention),
        notices=looked.office.notices,
        guidance=with_own(kinds_of(looked.reader), (words for _, words in looked.office.guidance)),
        moderation=OfficeModeration(
            terms=looked.office.terms or Moderation(),
            elections=tuple(election for _, election in looked.office.elections),
            powers=tuple(powers for _, powers in looked.office.comment_powers),
        ),
        duties=OfficeDuties(
            own=tuple(duty for more in looked.added for _, duty in more.duties if duty.per == OFFICE),
            intervals=tuple(interval for _, interval in looked.office.intervals),
            absent=absent,
        ),
        colours=colours(accounts.values()),
        files=files,
        canaries=canaries,
        hash=hash_of(files, policies, editions),
        problems=tuple(looked.problems),
    )


def public_of(office: Office, accounts: Iterable[Account]) -> tuple[str, ...]:
    """What the office has published of itself, in `[office] public` and with its accounts; each once."""
    said = (*office.public, *(word for account in accounts for word in (account.contact, account.policy_url)))
    return tuple(dict.fromkeys(word for word in said if word))


def with_public(policy: Policy, public: tuple[str, ...]) -> Policy:
    """The policy as this office follows it: what is public here is part of what is judged by, and so of its hash."""
    if not public:
        return policy
    import hashlib

    total = hashlib.sha256("\n".join((policy.hash, *public)).encode())
    return replace(policy, public=public, hash=f"sha256:{total.hexdigest()}")


def with_units(policy: Policy, units: tuple[str, ...]) -> Policy:
    """The policy with `@unit-chiefs` written out: the 課長 of each of these units, which own its accounts."""
    chiefs = tuple(dict.fromkeys(map(unit_chief, units)))
    if not any(isinstance(rule, Approvers) and UNIT_CHIEFS in rule.titles for rule in policy.rules):
        return policy

    def written_out(rule: Rule) -> Rule:
        if not isinstance(rule, Approvers) or UNIT_CHIEFS not in rule.titles:
            return rule
        titles = (each for title in rule.titles for each in (chiefs if title == UNIT_CHIEFS else (title,)))
        return replace(rule, titles=tuple(dict.fromkeys(titles)))

    return replace(policy, rules=tuple(map(written_out, policy.rules)))


def _days_of(looked: Looked, file: OfficeFile, office: Office) -> SpecialDays:
    """The special days of an office: its closed days (`[office] closed`), its tables, and the overrides."""
    closed = tuple(Closure(from_=day, reason="閉庁日") for day in office.closed)
    return SpecialDays(
        closures=(*closed, *(each for _, each in file.closures), *looked.overrides.closures),
        extras=(*(each for _, each in file.openings), *looked.overrides.openings),
        narrowed=tuple(each for _, each in file.hours),
    )


def resolve_policy(id_or_path: str, office_dir: Path | None, load: Load = load_policy) -> Policy:
    """The policy that a person means by an id (the edition in force today), by `<id>@<day>` (that edition) or by the path of a file: the
    office's own before the one of the program.

    Raises RulebookError where there is no such policy, or where it has errors.
    """
    if id_or_path.endswith(".toml") or "/" in id_or_path:
        return load(Path(id_or_path), office_dir=office_dir)
    policy_id, _, day = id_or_path.partition("@")
    editions = editions_named(policy_id, office_dir, load)
    if not day:
        return edition_on(editions, today())
    if (found := next((each for each in editions if str(each.version.from_) == day), None)) is not None:
        return found
    known = "、".join(str(each.version.from_ or "-") for each in editions)
    message = f"要綱 {policy_id} に {day} 施行の条文はありません（条文がある版: {known}）。"
    message_en = f"There is no wording of {policy_id} in force from {day} (in hand: {known})."
    raise RulebookError((Problem(id_or_path, 1, message, message_en),))


def editions_named(policy_id: str, office_dir: Path | None, load: Load = load_policy) -> tuple[Policy, ...]:
    """Every edition in hand of the policy of that id, oldest first. Raises RulebookError, also where there is none."""
    folders = [BUNDLED] if office_dir is None else [office_dir / "policies", BUNDLED]
    if policy_id != Path(ADDED).stem and (paths := edition_files(policy_id, folders)):
        found = (load(path, office_dir=office_dir) for path in paths)
        return tuple(sorted(found, key=lambda policy: policy.version.from_ or date.min))
    from daemon.rulebook.shape import suggest

    id_or_path, known = policy_id, sorted({name for folder in folders for name in policy_ids(folder)})
    hint, hint_en = suggest(id_or_path, tuple(known))
    raise RulebookError(
        (
            Problem(
                id_or_path,
                1,
                f"その名前の要綱はありません。{hint or 'ある要綱: ' + '、'.join(known)}",
                f"There is no policy of that name. {hint_en or 'There are: ' + ', '.join(known)}",
            ),
        )
    )


def bare_rulebook(policy: Policy) -> Rulebook:
    """A rulebook of one policy without any office: no accounts, nobody on the register (for `check --policy`)."""
    return Rulebook(office=Office(name=""), policies={policy.id: policy}, accounts={}, operators={}, hash=policy.hash)
