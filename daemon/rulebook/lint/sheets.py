"""What can be wrong with the ways of deciding: `[[accounts]] decide`, and `[[sheets]]`, the 決裁フォルダ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from daemon.rulebook.model import Operator, Problem, Terminals
from daemon.rulebook.parse import AddedRules, OfficeFile, PolicyFile
from daemon.rulebook.shape import suggest

Said = tuple[str, str, str, bool]
"""The key, what is wrong with it in both languages, and whether it only warns."""


def check_sheets(file: OfficeFile, policies: Mapping[str, PolicyFile], added: tuple[AddedRules, ...]) -> Iterator[Problem]:
    """All problems of how an office decides. That nobody is served by a folder is a warning; a folder that two people share, or that
    lies among the office's own files, is refused: whoever writes in it decides."""
    yield from _check_decide(file)
    yield from _check_terminals(file, policies, added)
    people = {operator.login: operator for _, operator in file.operators}
    placed: dict[str, PurePosixPath] = {}
    for index, sheets in file.sheets:
        folder = PurePosixPath(sheets.folder)
        for key, message, message_en, warning in (
            *_login(file, sheets.login, people, placed),
            *_folder(file.source.path, folder, placed),
        ):
            line = file.source.line("sheets", index, key)
            yield file.source.problem(
                line, f"sheets {sheets.login}: {message}", f"sheets {sheets.login}: {message_en}", warning=warning
            )
        placed.setdefault(sheets.login, folder)


def _check_decide(file: OfficeFile) -> Iterator[Problem]:
    chiefs = {operator.login: operator for _, operator in file.operators}
    served = {policy for _, sheets in file.sheets if sheets.login in chiefs for policy in chiefs[sheets.login].policies}
    for index, account in file.accounts:
        line = file.source.line("accounts", index, "decide")
        if not account.decide:
            yield file.source.problem(
                line,
                f"{account.id}: decide が空です。誰も決裁できません（console, mode, folder, paper から書いてください）。",
                f"{account.id}: decide is empty, so nobody could decide (console, mode, folder, paper).",
            )
        if "folder" in account.decide and account.policy not in served:
            yield file.source.problem(
                line,
                f"{account.id}: 決裁フォルダを認めていますが、決裁フォルダを持つ決裁者がいません（[[sheets]] に書いてください）。",
                f"{account.id}: allows the 決裁フォルダ, and nobody who serves it has one (write it under [[sheets]]).",
                warning=True,
            )


def _check_terminals(file: OfficeFile, policies: Mapping[str, PolicyFile], added: tuple[AddedRules, ...]) -> Iterator[Problem]:
    """A sheet is moved at whatever machine: where a policy asks for designated terminals, nobody can decide by one. A training office
    that does not practise terminals may all the same."""
    for index, account in file.accounts:
        policy = policies.get(account.policy)
        rules = [w.rule for w in policy.with_added(added)] if policy and "folder" in account.decide else []
        rule = next((rule for rule in rules if isinstance(rule, Terminals) and not rule.shadow), None)
        if rule is not None:
            yield file.source.problem(
                file.source.line("accounts", index, "decide"),
                f'{account.id}: {rule.clause} が端末を限っているため、decide に "folder" は使えません（"mode" か "paper" にしてください）。',
                f'{account.id}: {rule.clause} asks for designated terminals, so "folder" is no way to decide ("mode" or "paper").',
                warning=file.office is not None and file.office.training,
            )


def _login(file: OfficeFile, login: str, people: dict[str, Operator], placed: dict[str, PurePosixPath]) -> Iterator[Said]:
    who = people.get(login)
    if who is None:
        near, near_en = suggest(login, tuple(people))
        yield "login", f"担当者「{login}」はいません。{near}", f"there is no operator '{login}'. {near_en}", False
        return
    if login in placed:
        yield "login", "決裁フォルダが二つあります。一人に一つです。", "two folders; a person has one.", False
    if who.role == "viewer":
        yield "login", "閲覧者は決裁しません。", "a viewer decides nothing.", False
    allowed = [a for _, a in file.accounts if a.policy in who.policies and "folder" in a.decide]
    if not allowed:
        message = (
            'この人の担当するどのアカウントも決裁フォルダを認めていません（accounts の decide に "folder" を加えてください）。'
        )
        yield "login", message, 'no account that they serve allows it (add "folder" to its decide).', True


def _folder(rules: Path, folder: PurePosixPath, placed: dict[str, PurePosixPath]) -> Iterator[Said]:
    if not folder.is_absolute() or ".." in folder.parts:
        yield (
            "folder",
            f"「{folder}」は、/ で始まるフォルダの名前で書いてください。",
            f"write '{folder}' as a folder's whole name, from / on.",
            False,
        )
        return
    home = PurePosixPath(rules.resolve().parent)
    if folder.is_relative_to(home) or home.is_relative_to(folder):
        message = "部署のフォルダの中（または上）にあります。共有の、その人だけが書けるフォルダにしてください。"
        yield (
            "folder",
            message,
            "it lies in the office's own folder (or above it): name one of that person's on the share.",
            False,
        )
    for other, taken in placed.items():
        if folder.is_relative_to(taken) or taken.is_relative_to(folder):
            message = f"{other}さんの決裁フォルダと重なっています。一人ずつ別のフォルダにしてください。"
            yield "folder", message, f"it overlaps the folder of {other}: one folder a person.", False
