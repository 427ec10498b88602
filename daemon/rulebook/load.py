"""Put a rulebook in force: read, checked and whole, or refused with every reason at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from daemon.rulebook.lint import RULES, Looked, look_at_office, look_at_policy
from daemon.rulebook.model import Account, Office, Operator, Policy, Problem, Rulebook, RulebookError
from daemon.rulebook.parse import ADDED, BUNDLED
from daemon.rulebook.shape import suggest

__all__ = ["BUNDLED", "RULES", "bare_rulebook", "bundled", "load_policy", "load_rulebook", "resolve_policy", "rulebook_of"]


def bundled() -> tuple[str, ...]:
    """The ids of the policies that come with the program."""
    return tuple(sorted(path.stem for path in BUNDLED.glob("*.toml") if path.name != ADDED))


def load_policy(path: Path, *, words_dir: Path | None = None, office_dir: Path | None = None) -> Policy:
    """The policy of this file, with the rules that `office.toml` adds to it (the program's, the office's, the one beside it).

    Word lists are looked for in `words_dir` (default: `words/` beside the file), then among those of the program. Raises
    RulebookError with every error of the file.
    """
    looked = look_at_policy(path, words_dir=words_dir, office_dir=office_dir)
    if looked.errors:
        raise RulebookError(looked.errors)
    (file,) = looked.policies.values()
    return file.policy(looked.added, looked.reader)


def load_rulebook(office_dir: Path) -> Rulebook:
    """The rulebook of an office: `rules.toml`, the policies of the program and the office's own in `policies/`.

    Raises RulebookError with every error of every file.
    """
    return rulebook_of(look_at_office(office_dir))


def rulebook_of(looked: Looked) -> Rulebook:
    """The rulebook of what was read; its `problems` are the warnings. Raises RulebookError if there was any error."""
    if looked.errors or looked.office is None or looked.office.office is None:
        raise RulebookError(looked.errors)
    policies = {policy_id: file.policy(looked.added, looked.reader) for policy_id, file in looked.policies.items()}
    accounts: Mapping[str, Account] = {account.id: account for _, account in looked.office.accounts}
    operators: Mapping[str, Operator] = {operator.login: operator for _, operator in looked.office.operators}
    return Rulebook(
        office=looked.office.office,
        policies=dict(sorted(policies.items())),
        accounts=accounts,
        operators=operators,
        follow_ups=tuple(follow_up for _, follow_up in looked.office.follow_ups),
        hash=_hash_of(looked.reader.digest(looked.office.source.path), policies),
        problems=tuple(looked.problems),
    )


def _hash_of(rules: str, policies: Mapping[str, Policy]) -> str:
    """One hash over `rules.toml` and every policy: the same wherever the office lies."""
    parts = (rules, *(f"{policy_id}={policies[policy_id].hash}" for policy_id in sorted(policies)))
    return "sha256:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def resolve_policy(id_or_path: str, office_dir: Path | None) -> Policy:
    """The policy that a person means by an id or by the path of a file: the office's own before the one of the program.

    Raises RulebookError where there is no such policy, or where it has errors.
    """
    if id_or_path.endswith(".toml") or "/" in id_or_path:
        return load_policy(Path(id_or_path), office_dir=office_dir)
    folders = [BUNDLED] if office_dir is None else [office_dir / "policies", BUNDLED]
    for folder in folders:
        if id_or_path != Path(ADDED).stem and (folder / f"{id_or_path}.toml").exists():
            return load_policy(folder / f"{id_or_path}.toml", office_dir=office_dir)
    known = sorted({p.stem for folder in folders for p in folder.glob("*.toml") if p.name != ADDED})
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
