"""Every problem of a policy or an office at once, each with its file and line, before anything is put in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.canary import Canary
from daemon.rulebook.folders import ADDED, BUNDLED, RULES
from daemon.rulebook.lint.above import put_under
from daemon.rulebook.lint.anchors import check_anchors
from daemon.rulebook.lint.canaries import canary_file, check_canaries, read_canaries
from daemon.rulebook.lint.days import check_days
from daemon.rulebook.lint.deputies import check_deputies
from daemon.rulebook.lint.duties import check_added_duties, check_founding, check_intervals, check_policy_duties
from daemon.rulebook.lint.editions import check_edition, check_editions
from daemon.rulebook.lint.follow_ups import check_follow_ups
from daemon.rulebook.lint.moderation import check_moderation
from daemon.rulebook.lint.notices import check_notices
from daemon.rulebook.lint.office import check_office
from daemon.rulebook.lint.policy import check_added, check_policy
from daemon.rulebook.lint.retention import check_retention
from daemon.rulebook.lint.sheets import check_sheets
from daemon.rulebook.lint.terminals import check_terminals
from daemon.rulebook.model import Problem
from daemon.rulebook.overrides import NONE, Overrides, parse_overrides
from daemon.rulebook.parse import AddedRules, OfficeFile, PolicyFile, parse_added, parse_office, parse_policy
from daemon.rulebook.shape import LOST
from daemon.rulebook.source import Reader, Unreadable
from daemon.rulebook.versions import latest_begun


class Looked:
    """What was read of an office or a policy, and everything that is wrong with it. The files stay in `reader`."""

    def __init__(self, vouched: Path | None = None) -> None:
        self.reader = Reader(vouched)
        self.problems: list[Problem] = []
        self.office: OfficeFile | None = None
        self.policies: dict[str, PolicyFile] = {}
        """The edition of each policy that is in force today (or, where none is, the first)."""
        self.editions: dict[str, list[PolicyFile]] = {}
        """Every edition of each policy, the oldest first."""
        self.added: tuple[AddedRules, ...] = ()
        self.overrides: Overrides = NONE
        self.canaries: dict[str, tuple[Canary, ...]] = {}
        """The canaries of each edition, by the path of its file."""
        self.canary_files: list[Path] = []

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


def look_at_policy(
    path: Path, *, words_dir: Path | None = None, office_dir: Path | None = None, vouched: Path | None = None
) -> Looked:
    """Read and check one policy file; the patterns below `vouched` are known to be good. Its word lists are looked for in `words_dir` (default: `words/` beside the file), then among
    those that come with the program. Rules are added to it by the program's `office.toml`, the office's and the one beside it."""
    looked = Looked(vouched)
    own = () if office_dir is None else (office_dir / "policies",)
    looked.added = _added(looked, (BUNDLED, *own, path.parent))
    file = _read_policy(looked, path, words_dir or path.parent / "words")
    folders = (path.parent, *own, BUNDLED)
    above = _read_above(looked, file, folders) if file else {}
    looked.editions |= {policy_id: [each] for policy_id, each in above.items()}
    _sort_editions(looked, _today())
    if file:
        _check(looked, [file], _today())
        looked.policies = {file.id: file}
    return _of_what_is_there(looked)


def _read_above(looked: Looked, file: PolicyFile, folders: tuple[Path, ...]) -> dict[str, PolicyFile]:
    """The policies above this one, as far as these folders have them."""
    found: dict[str, PolicyFile] = {}
    wanted = list(file.header.under if file.header else ())
    while wanted:
        policy_id = wanted.pop()
        paths = (folder / f"{policy_id}.toml" for folder in folders)
        path = next((path for path in paths if policy_id != file.id and looked.reader.exists(path)), None)
        if policy_id in found or path is None:
            continue
        if above := parse_policy(looked.reader, path, _word_folders(path.parent / "words"), looked.problems):
            found[policy_id] = above
            wanted += above.header.under if above.header else ()
    return found


def look_at_office(office_dir: Path, day: date | None = None) -> Looked:
    """Read and check everything that one office has. A policy of its own takes the place of the one of the same id that comes
    with the program, edition by edition; its own `policies/office.toml` adds rules to all policies. `day` is the day it is for (default:
    today in Japan)."""
    looked = Looked()
    own = office_dir / "policies"
    looked.office = parse_office(looked.reader, office_dir / RULES, looked.problems)
    looked.added = _added(looked, (BUNDLED, own))
    seen: set[str] = set()
    for path in (*_policy_files(looked, own), *_policy_files(looked, BUNDLED)):
        if path.name not in seen and (file := _read_policy(looked, path, path.parent / "words")):
            looked.problems += check_edition(file)
        seen.add(path.name)
    _sort_editions(looked, day or _today())
    _check(looked, [file for files in looked.editions.values() for file in files], day or _today())
    _read_canaries(looked, (own, BUNDLED))
    if looked.office:
        looked.problems += check_office(looked.office, looked.policies, looked.added)
        looked.problems += check_follow_ups(looked.office, looked.policies)
        looked.problems += check_retention(looked.office)
        looked.problems += check_moderation(looked.office, looked.policies)
        looked.problems += check_deputies(looked.office, looked.policies, _today())
        looked.problems += check_intervals(looked.office, looked.policies, looked.added)
        looked.problems += check_notices(looked.office)
        looked.problems += check_founding(looked.office, looked.policies, looked.added, looked.reader)
        looked.problems += check_anchors(looked.office)
        looked.problems += check_sheets(looked.office, looked.policies, looked.added)
        looked.problems += check_days(looked.office, looked.policies)
        looked.overrides = parse_overrides(looked.reader, office_dir, looked.problems)
        looked.problems += check_terminals(looked.office, looked.policies, looked.added)
    return _of_what_is_there(looked)


def _of_what_is_there(looked: Looked) -> Looked:
    """Without what the checks said of names that only stand in for lost ones."""
    looked.problems = [p for p in looked.problems if LOST not in p.message + p.message_en]
    return looked


def _read_policy(looked: Looked, path: Path, words: Path) -> PolicyFile | None:
    file = parse_policy(looked.reader, path, _word_folders(words), looked.problems)
    if file:
        looked.editions.setdefault(file.id, []).append(file)
    return file


def _check(looked: Looked, files: Sequence[PolicyFile], day: date) -> None:
    """Check these policies, once all are known that they may stand under: each edition stands under those of its own time."""
    for every in looked.editions.values():
        for file in every:
            looked.problems += put_under(file, _known(looked, max(day, file.starts or day)))
    for file in files:
        looked.problems += check_policy(file, looked.added)
        looked.problems += check_policy_duties(file)


def _read_canaries(looked: Looked, folders: tuple[Path, ...]) -> None:
    for file in (file for files in looked.editions.values() for file in files):
        if (path := canary_file(looked.reader, file, folders)) is not None:
            found = looked.canaries[str(file.source.path)] = read_canaries(looked.reader, path, looked.problems)
            looked.problems += check_canaries(path, found, file, looked.added)
            looked.canary_files += [path] if path not in looked.canary_files else []


def _known(looked: Looked, day: date) -> dict[str, PolicyFile]:
    """Of each policy the edition that has begun on a day, or the first."""
    return {
        policy_id: files[latest_begun([file.starts for file in files], day) or 0] for policy_id, files in looked.editions.items()
    }


def _added(looked: Looked, folders: tuple[Path, ...]) -> tuple[AddedRules, ...]:
    distinct: dict[Path, Path] = {}  # the same folder may be given twice, by different paths
    for folder in folders:
        distinct.setdefault(folder.resolve(), folder)
    paths = [path for folder in distinct.values() for path in _tomls_in(looked, folder) if path.name == ADDED]
    found = (parse_added(looked.reader, path, _word_folders(path.parent / "words"), looked.problems) for path in paths)
    added = tuple(more for more in found if more)
    for more in added:
        looked.problems += check_added(more)
        looked.problems += check_added_duties(more)
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


def _sort_editions(looked: Looked, day: date) -> None:
    """The editions in the order of their days, and of each policy the one that is in force on this day."""
    for files in looked.editions.values():
        files.sort(key=lambda file: file.starts or date.min)
        looked.problems += check_editions(files, day)
    looked.policies = _known(looked, day)


def _today() -> date:
    return datetime.now(TOKYO).date()


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda p: (p.severity, p.file, p.line)))
