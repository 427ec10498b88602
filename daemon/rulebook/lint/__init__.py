"""Every problem of a policy or an office at once, each with its file and line, before anything is put in force."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.lint.anchors import check_anchors
from daemon.rulebook.lint.follow_ups import check_follow_ups
from daemon.rulebook.lint.office import check_office
from daemon.rulebook.lint.policy import check_added, check_policy
from daemon.rulebook.model import Problem
from daemon.rulebook.parse import ADDED, BUNDLED, AddedRules, OfficeFile, PolicyFile, parse_added, parse_office, parse_policy
from daemon.rulebook.shape import LOST
from daemon.rulebook.source import Reader, Unreadable

RULES = "rules.toml"
"""The office's own file."""


class Looked:
    """What was read of an office or a policy, and everything that is wrong with it. The files stay in `reader`."""

    def __init__(self) -> None:
        self.reader = Reader()
        self.problems: list[Problem] = []
        self.office: OfficeFile | None = None
        self.policies: dict[str, PolicyFile] = {}
        self.added: tuple[AddedRules, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep this from being put in force."""
        return tuple(p for p in self.problems if p.severity == "error")


def lint_policy(path: Path, *, words_dir: Path | None = None) -> tuple[Problem, ...]:
    """Every problem of one policy file together with the rules that `office.toml` adds to it; errors and warnings, by file and line."""
    return _in_order(look_at_policy(path, words_dir=words_dir).problems)


def lint_office(office_dir: Path) -> tuple[Problem, ...]:
    """Every problem of an office: `rules.toml`, its own `policies/*.toml`, and the policies that come with the program."""
    return _in_order(look_at_office(office_dir).problems)


def look_at_policy(path: Path, *, words_dir: Path | None = None, office_dir: Path | None = None) -> Looked:
    """Read and check one policy file. Its word lists are looked for in `words_dir` (default: `words/` beside the file), then among
    those that come with the program. Rules are added to it by the program's `office.toml`, the office's and the one beside it."""
    looked = Looked()
    own = () if office_dir is None else (office_dir / "policies",)
    looked.added = _added(looked, (BUNDLED, *own, path.parent))
    _look_at_policy(looked, path, words_dir or path.parent / "words")
    return _of_what_is_there(looked)


def look_at_office(office_dir: Path) -> Looked:
    """Read and check everything that one office has. A policy of its own takes the place of the one of the same id that comes
    with the program; its own `policies/office.toml` adds rules to all policies."""
    looked = Looked()
    own = office_dir / "policies"
    looked.office = parse_office(looked.reader, office_dir / RULES, looked.problems)
    looked.added = _added(looked, (BUNDLED, own))
    for path in _policy_files(looked, own):
        if file := _look_at_policy(looked, path, path.parent / "words"):
            _check_stem(looked, file)
    for path in _policy_files(looked, BUNDLED):
        if path.stem not in looked.policies:
            _look_at_policy(looked, path, path.parent / "words")
    if looked.office:
        looked.problems += check_office(looked.office, looked.policies, looked.added)
        looked.problems += check_follow_ups(looked.office, looked.policies)
        looked.problems += check_anchors(looked.office)
    return _of_what_is_there(looked)


def _of_what_is_there(looked: Looked) -> Looked:
    """Without what the checks said of names that only stand in for lost ones."""
    looked.problems = [p for p in looked.problems if LOST not in p.message + p.message_en]
    return looked


def _look_at_policy(looked: Looked, path: Path, words: Path) -> PolicyFile | None:
    file = parse_policy(looked.reader, path, _word_folders(words), looked.problems)
    if file:
        looked.policies[file.id] = file
        looked.problems += check_policy(file, looked.added, _today())
    return file


def _added(looked: Looked, folders: tuple[Path, ...]) -> tuple[AddedRules, ...]:
    distinct: dict[Path, Path] = {}  # the same folder may be given twice, by different paths
    for folder in folders:
        distinct.setdefault(folder.resolve(), folder)
    paths = [path for folder in distinct.values() for path in _tomls_in(looked, folder) if path.name == ADDED]
    found = (parse_added(looked.reader, path, _word_folders(path.parent / "words"), looked.problems) for path in paths)
    added = tuple(more for more in found if more)
    for more in added:
        looked.problems += check_added(more)
    return added


def _word_folders(first: Path) -> tuple[Path, ...]:
    return tuple(dict.fromkeys((first, BUNDLED / "words")))


def _policy_files(looked: Looked, folder: Path) -> tuple[Path, ...]:
    return tuple(path for path in _tomls_in(looked, folder) if path.name != ADDED)


def _tomls_in(looked: Looked, folder: Path) -> tuple[Path, ...]:
    try:
        return looked.reader.tomls_in(folder)
    except Unreadable as unreadable:
        if unreadable.problem not in looked.problems:
            looked.problems.append(unreadable.problem)
        return ()


def _check_stem(looked: Looked, file: PolicyFile) -> None:
    """A policy is found by its file's name, so the two must agree; this also keeps two files from claiming one id."""
    path, policy_id = file.source.path, file.id
    if path.stem != policy_id:
        line = file.source.line("policy", key="id")
        message = f"要綱の id「{policy_id}」とファイル名が違います。{policy_id}.toml としてください。"
        looked.problems.append(
            file.source.problem(line, message, f"The policy's id is '{policy_id}': name the file {policy_id}.toml.")
        )


def _today() -> date:
    return datetime.now(TOKYO).date()


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda p: (p.severity, p.file, p.line)))
