"""What can be wrong with `[[terminals]]`: that a terminal could never be known, or that every terminal would be it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Problem, Terminals
from daemon.rulebook.office import Terminal
from daemon.rulebook.parse import AddedRules, OfficeFile, PolicyFile
from daemon.rulebook.shape import suggest

_ID = lazy_pattern(r"[a-z0-9][a-z0-9_-]*")
_KEY = lazy_pattern(r"SHA256:[A-Za-z0-9+/]{43}")
_TTY = lazy_pattern(r"[A-Za-z0-9/_.-]+")
_WIDE = {4: 8, 6: 32}
"""Networks with a shorter prefix than this are no terminal any more."""

Said = tuple[str, str, str, bool]
"""The key, what is wrong with it in both languages, and whether it is only a warning."""


def check_terminals(file: OfficeFile, policies: Mapping[str, PolicyFile], added: tuple[AddedRules, ...]) -> Iterator[Problem]:
    """All problems of the designated terminals, and a warning for a policy that asks for one where none is designated."""
    accounts = tuple(account.id for _, account in file.accounts)
    seen: set[str] = set()
    for index, each in file.terminals:
        for key, message, message_en, warning in (
            *_own(each, seen),
            *_addresses(each),
            *_unknown("policies", each.policies, tuple(policies), "要綱", "policy"),
            *_unknown("accounts", each.accounts, accounts, "アカウント", "account"),
        ):
            line = file.source.line("terminals", index, key)
            yield file.source.problem(
                line, f"terminals {each.id}: {message}", f"terminals {each.id}: {message_en}", warning=warning
            )
        seen.add(each.id)
    yield from _nowhere(file, policies, added)


def _own(each: Terminal, seen: set[str]) -> Iterator[Said]:
    if not _ID.fullmatch(each.id):
        yield "id", "id は英小文字・数字・- と _ で書いてください。", "an id is lower-case letters, digits, - and _.", False
    if each.id in seen:
        yield "id", "同じ id が二つあります。", "this id is there twice.", False
    if not each.name.strip():
        yield "name", "name が空です。", "its name is empty.", False
    if not each.addresses and not each.keys and not each.ttys:
        yield (
            "id",
            "addresses、keys、ttys のどれもないため、この端末を確かめられません。",
            "there is nothing to know it by: give addresses, keys or ttys.",
            False,
        )
    if each.ttys and (each.addresses or each.keys):
        yield (
            "ttys",
            "ttys は広報番の機械の画面のためのものです。ssh の端末とは別の [[terminals]] にしてください。",
            "ttys are those of the machine itself: write the terminals that come over ssh as others.",
            False,
        )
    for key in each.keys:
        if not _KEY.fullmatch(key):
            yield (
                "keys",
                f"「{key}」は鍵の指紋ではありません（ssh-keygen -lf で出る SHA256:… を書いてください）。",
                f"'{key}' is no fingerprint: write the SHA256:… that ssh-keygen -lf prints.",
                False,
            )
    for tty in each.ttys:
        if not _TTY.fullmatch(tty) or tty.startswith(("pts/", "/")):
            yield "ttys", f"「{tty}」は画面の名前ではありません（tty1 のように）。", f"'{tty}' is no console (as in tty1).", False


def _addresses(each: Terminal) -> Iterator[Said]:
    for text in each.addresses:
        try:
            network = ip_network(text)
        except ValueError:
            yield (
                "addresses",
                f"「{text}」は IP アドレスでも、その範囲（192.0.2.0/28）でもありません。",
                f"'{text}' is neither an IP address nor a network (192.0.2.0/28).",
                False,
            )
            continue
        if network.prefixlen < _WIDE[network.version]:
            yield "addresses", f"「{text}」は広すぎます。どの端末も指定端末になります。", f"'{text}' is every terminal.", False
        elif network.is_loopback:
            yield (
                "addresses",
                f"「{text}」は広報番の機械自身です。そこへログインできる人は、どこからでも指定端末を使えることになります。",
                f"'{text}' is this machine itself: whoever can log in to it sits at this terminal, wherever they are.",
                True,
            )


def _unknown(key: str, named: tuple[str, ...], known: tuple[str, ...], what: str, what_en: str) -> Iterator[Said]:
    for name in named:
        if name not in known:
            near, near_en = suggest(name, known)
            yield (
                key,
                f"{what}「{name}」はありません。{near or '、'.join(known)}",
                f"there is no {what_en} '{name}'. {near_en or ', '.join(known)}",
                False,
            )


def _nowhere(file: OfficeFile, policies: Mapping[str, PolicyFile], added: tuple[AddedRules, ...]) -> Iterator[Problem]:
    """Warn of accounts that nobody can release for: their policy asks for a designated terminal and none is designated for them. A
    training office that does not practise it takes every terminal for one."""
    office = file.office
    if office is None or (office.training and not office.practise_terminals):
        return
    for index, account in file.accounts:
        policy = policies.get(account.policy)
        rules = [w.rule for w in policy.with_added(added)] if policy else []
        rule = next((rule for rule in rules if isinstance(rule, Terminals)), None)
        if rule is None or any(_meant(each, account.id, account.policy) for _, each in file.terminals):
            continue
        yield file.source.problem(
            file.source.line("accounts", index, "id"),
            f"{account.id}: 指定端末（[[terminals]]）がありません。{rule.clause} により、承認も発信もできません。",
            f"{account.id}: there is no designated terminal ([[terminals]]); by {rule.clause} nothing can be approved or released.",
            warning=True,
        )


def _meant(each: Terminal, account: str, policy: str) -> bool:
    if not each.policies and not each.accounts:
        return True
    return policy in each.policies or account in each.accounts
