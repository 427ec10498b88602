"""What can be wrong with `rules.toml`: accounts and register against each other and against the policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from daemon.rulebook import channels
from daemon.rulebook.colours import is_colour
from daemon.rulebook.lint.policy import PLACEHOLDERS
from daemon.rulebook.model import Account, Approvers, Handle, Operator, Problem, Rule, Topics
from daemon.rulebook.parse import AddedRules, OfficeFile, PolicyFile, Written
from daemon.rulebook.published import differences, is_address, profile, same_address
from daemon.rulebook.shape import suggest
from daemon.rulebook.titles import UNIT_CHIEF, UNIT_CHIEFS

_PUBLISHED = {"handle": "ユーザー名（handle）", "name": "アカウント名（name）", "url": "URL"}


class Checked(Struct, frozen=True):
    """What the checks of an office look at."""

    file: OfficeFile
    policies: Mapping[str, PolicyFile]
    added: tuple[AddedRules, ...]

    def rules(self, policy_id: str) -> tuple[Written, ...]:
        """Every rule of a policy, the added ones included."""
        return self.policies[policy_id].with_added(self.added)

    def at(self, table: str, index: int, key: str, message: str, message_en: str, *, warning: bool = False) -> Problem:
        """A problem of `rules.toml` at this key."""
        source = self.file.source
        return source.problem(source.line(table, index, key), message, message_en, warning=warning)

    def no_policy(self, table: str, index: int, key: str, wrong: str) -> Problem:
        """There is no policy of that name."""
        what, what_en = suggest(wrong, tuple(self.policies))
        return self.at(
            table,
            index,
            key,
            f"要綱「{wrong}」はありません。{what or 'ある要綱: ' + '、'.join(self.policies)}",
            f"There is no policy '{wrong}'. {what_en or 'There are: ' + ', '.join(self.policies)}",
        )


NUMBERS = {
    "pace": 3600,
    "gap_days": 3650,
    "approval_days": 3650,
    "lock_minutes": 1440,
    "undo_seconds": 3600,
    "countdown_seconds": 86_400,
    "drill_months": 120,
    "secret_months": 120,
}
"""The numbers of `[office]`, and the most that each may be: beyond it no calendar goes; below nothing a countdown would be none."""


def check_office(file: OfficeFile, policies: Mapping[str, PolicyFile], added: tuple[AddedRules, ...]) -> Iterator[Problem]:
    """All problems of `rules.toml`. What leaves a draft waiting for nobody is a warning: the office may still be hiring."""
    office = Checked(file, policies, added)
    if not file.source.data.get("accounts"):
        line = file.source.line("accounts")
        yield file.source.problem(line, "[[accounts]] がありません。", "There is no [[accounts]].", warning=True)
    yield from _check_numbers(office)
    yield from _check_metrics(office)
    yield from _check_accounts(office)
    yield from _check_operators(office)
    yield from _check_posts_are_held(office)
    yield from _check_titles_are_needed(office)
    yield from _check_english_titles(office)


def _check_numbers(office: Checked) -> Iterator[Problem]:
    for key, most in NUMBERS.items():
        if office.file.office is not None and not 0 <= getattr(office.file.office, key) <= most:
            source = office.file.source
            yield source.problem(source.line("office", None, key), f"{key} は 0〜{most} です。", f"{key} is 0 to {most}.")


def _check_metrics(office: Checked) -> Iterator[Problem]:
    """The file is replaced every few seconds: it must not be one that says something else."""
    if office.file.office is not None and (named := office.file.office.metrics) and not named.endswith(".prom"):
        source = office.file.source
        message = f'metrics = "{named}" は、.prom で終わるファイル名にしてください（数秒ごとに書き換えられます）。'
        message_en = f'metrics = "{named}" has to name a file ending in .prom: it is replaced every few seconds.'
        yield source.problem(source.line("office", None, "metrics"), message, message_en)


def _check_accounts(office: Checked) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, account in office.file.accounts:
        if account.id in seen:
            yield office.at(
                "accounts", index, "id", f"アカウント {account.id} が二つあります。", f"Account {account.id} is there twice."
            )
        seen.add(account.id)
        if not _is_folder_name(account.id):
            message = f"アカウントの id「{account.id}」はフォルダー名に使えません（/ や先頭の . _ は不可）。"
            message_en = f"The account id '{account.id}' cannot name a folder (no /, no leading . or _)."
            yield office.at("accounts", index, "id", message, message_en)
        yield from _check_channel(office, index, account)
        for key, most in (("budget", 1_000_000), ("mentions_minutes", 1440)):
            if not 0 <= getattr(account, key) <= most:
                message = f"{account.id}: {key} は 0〜{most} です。"
                yield office.at("accounts", index, key, message, f"{account.id}: {key} is 0 to {most}.")
        if account.policy not in office.policies:
            yield office.no_policy("accounts", index, "policy", account.policy)
        else:
            yield from _check_account(office, index, account)


def _check_channel(office: Checked, index: int, account: Account) -> Iterator[Problem]:
    """The channel is there, serves the account's platform, and is none for training in an office in earnest."""
    name, names = account.channel, channels.known()
    if name not in names:
        what, what_en = suggest(name, names)
        yield office.at(
            "accounts",
            index,
            "channel",
            f'{account.id}: 媒体への道 channel = "{name}" はありません。{what or "あるもの: " + "、".join(names)}',
            f'{account.id}: there is no channel "{name}". {what_en or "There are: " + ", ".join(names)}',
        )
        return
    try:
        can = channels.stated(name) or channels.MANUAL
    except (Exception, SystemExit) as error:  # whatever somebody else's code raises
        message = f'{account.id}: channel = "{name}" を読み込めません（{error}）。提供元に確かめてください。'
        message_en = f'{account.id}: channel = "{name}" cannot be loaded ({error}): ask whoever provides it.'
        yield office.at("accounts", index, "channel", message, message_en)
        return
    if can.training and office.file.office is not None and not office.file.office.training:
        message = f'{account.id}: channel = "{name}" は訓練の部署（training = true）でだけ使えます。'
        message_en = f'{account.id}: channel = "{name}" is for training offices (training = true) only.'
        yield office.at("accounts", index, "channel", message, message_en)
    if can.secret and office.file.office is not None and office.file.office.training:
        message = f'{account.id}: 訓練の部署（training = true）ですが、channel = "{name}" は本物の媒体につながります。'
        message_en = (
            f'{account.id}: this is a training office (training = true), and channel = "{name}" leads to the real platform.'
        )
        yield office.at("accounts", index, "channel", message, message_en, warning=True)
    if can.platforms and account.platform not in can.platforms:
        serves = "、".join(sorted(can.platforms))
        message = f'{account.id}: channel = "{name}" は platform = "{account.platform}" では使えません（使える媒体: {serves}）。'
        message_en = f'{account.id}: channel "{name}" does not serve the platform "{account.platform}" (it serves {serves}).'
        yield office.at("accounts", index, "channel", message, message_en)


def _check_account(office: Checked, index: int, account: Account) -> Iterator[Problem]:
    """An account against its policy: platform, topic, and the handle that the policy publishes."""
    policy = office.policies[account.policy]
    platforms = policy.header.platforms if policy.header else ()
    rules = [w.rule for w in office.rules(account.policy)]
    if policy.header and account.platform not in platforms:
        message = f"{account.id}: 要綱 {policy.id} の媒体は {'、'.join(platforms)} です（{account.platform} ではありません）。"
        yield office.at(
            "accounts",
            index,
            "platform",
            message,
            f"{account.id}: policy {policy.id} is for {', '.join(platforms)}, not {account.platform}.",
        )
    topics = tuple(topic for rule in rules if isinstance(rule, Topics) for topic in rule.topics)
    if account.topic and account.topic not in topics:
        what, what_en = suggest(account.topic, topics)
        what = what or (f"ある分野: {'、'.join(topics)}" if topics else "この要綱に分野の定めはありません。")
        what_en = what_en or (f"Topics: {', '.join(topics)}" if topics else "This policy names no topics.")
        message = f"{account.id}: 分野「{account.topic}」は要綱 {policy.id} にありません。{what}"
        yield office.at(
            "accounts", index, "topic", message, f"{account.id}: policy {policy.id} has no topic '{account.topic}'. {what_en}"
        )
    yield from _check_published(office, index, account, rules)


def _check_published(office: Checked, index: int, account: Account, rules: list[Rule]) -> Iterator[Problem]:
    """The account guard at load: handle, name and address are those that the policy publishes."""
    for rule in rules:
        for key, published, now in differences(rule, account) if isinstance(rule, Handle) else ():
            message = f"{account.id}: {_PUBLISHED[key]}は {rule.clause} により「{published}」です（今の値: {now}）。"
            message_en = f"{account.id}: by {rule.clause} the {key} is '{published}' (now: {now})."
            yield office.at("accounts", index, key, message, message_en)
    if account.url and not is_address(account.url):
        message = f"{account.id}: url「{account.url}」は https:// で始まるページの URL ではありません。"
        yield office.at("accounts", index, "url", message, f"{account.id}: '{account.url}' is no https address of a page.")
    elif account.url and account.platform == "x" and not same_address(account.url, profile("x", account.handle)):
        message = f"{account.id}: url「{account.url}」は handle「{account.handle}」のページではありません。"
        yield office.at(
            "accounts", index, "url", message, f"{account.id}: '{account.url}' is not the page of '{account.handle}'."
        )
    if account.colour and not is_colour(account.colour):
        message = f"{account.id}: colour「{account.colour}」は #rrggbb の形で書いてください。"
        yield office.at("accounts", index, "colour", message, f"{account.id}: write colour '{account.colour}' as #rrggbb.")


def _is_folder_name(name: str) -> bool:
    return (
        bool(name)
        and len(name.encode()) <= 100
        and name[0] not in "._"
        and "/" not in name
        and name.isprintable()
        and name == name.strip()
    )


def _check_operators(office: Checked) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, operator in office.file.operators:
        if operator.login in seen:
            yield office.at(
                "operators",
                index,
                "login",
                f"担当者 {operator.login} が二つあります。",
                f"Operator {operator.login} is there twice.",
            )
        seen.add(operator.login)
        if not operator.login.strip() or not operator.name.strip():
            yield office.at("operators", index, "login", "login か name が空です。", "login or name is empty.")
        if operator.appointed and operator.until and operator.until < operator.appointed:
            message = f"{operator.login}: until（{operator.until}）が appointed（{operator.appointed}）より前です。"
            message_en = f"{operator.login}: until ({operator.until}) is before appointed ({operator.appointed})."
            yield office.at("operators", index, "until", message, message_en)
        for policy_id in operator.policies:
            if policy_id not in office.policies:
                yield office.no_policy("operators", index, "policies", policy_id)


def _check_posts_are_held(office: Checked) -> Iterator[Problem]:
    """Warn of approvers and lifters whom nobody on the register is: a draft would wait for them for ever. A clerk may hold a post that
    approves; only a manager makes an exception."""
    for policy_id in dict.fromkeys(a.policy for _, a in office.file.accounts if a.policy in office.policies):
        serving = [o for _, o in office.file.operators if policy_id in o.policies and o.role != "viewer"]
        people = [o for o in serving if o.role == "manager"]
        approving, excepting = ({title for o in able for title in o.titles} for able in (serving, people))
        needed: dict[str, Written] = {}
        for written in office.rules(policy_id):
            held = approving if isinstance(written.rule, Approvers) else excepting
            titles = _unfillable(written.rule, held) if isinstance(written.rule, Approvers) else written.rule.lift
            for title in titles:
                if title not in PLACEHOLDERS and title not in held:
                    needed.setdefault(title, written)
        for title, written in needed.items():
            key, who, who_en = ("lift", 'の管理者（role = "manager"）', "no manager")
            if isinstance(written.rule, Approvers):
                key, who, who_en = "titles", "の人", "nobody"
            message = f"職名「{title}」{who}が担当者にいません。要綱 {policy_id} でその承認・解除を待つ下書きは出せません。"
            message_en = (
                f"{who_en} on the register holds the title '{title}': a draft under {policy_id} that waits for it cannot go out."
            )
            yield written.problem(key, message, message_en, warning=True)
        yield from _check_unit_chiefs(office, policy_id, people)


def _unfillable(rule: Approvers, held: set[str]) -> tuple[str, ...]:
    """The titles without which this line of the table cannot be met: all of them, or, where any one is enough, none of them held."""
    named = tuple(title for title in rule.titles if title not in PLACEHOLDERS)
    if rule.require == "all":
        return named
    return () if len(named) < len(rule.titles) or held.intersection(named) else named


def _check_unit_chiefs(office: Checked, policy_id: str, people: list[Operator]) -> Iterator[Problem]:
    rules = [w.rule for w in office.rules(policy_id)]
    titles = {t for rule in rules for t in (*rule.lift, *(rule.titles if isinstance(rule, Approvers) else ()))}
    if not titles & {UNIT_CHIEF, UNIT_CHIEFS}:
        return
    units = {operator.unit for operator in people}
    for index, account in office.file.accounts:
        if account.policy == policy_id and account.unit not in units:
            message = f'{account.id}: 所管「{account.unit}」の管理者（role = "manager"）が担当者にいません。'
            message_en = f"{account.id}: no manager of the unit '{account.unit}' is on the register."
            yield office.at("accounts", index, "unit", message, message_en, warning=True)


def _check_titles_are_needed(office: Checked) -> Iterator[Problem]:
    """Warn of titles that no policy of the operator asks for: probably misspelt."""
    for index, operator in office.file.operators:
        known = [policy_id for policy_id in operator.policies if policy_id in office.policies]
        needed = {title for policy_id in known for title in _titles_of(office, policy_id)}
        for title in operator.titles if known else ():
            if title not in needed:
                what, what_en = suggest(title, tuple(needed))
                message = f"{operator.login}: 職名「{title}」を求める要綱がありません。{what}"
                message_en = f"{operator.login}: no policy of theirs asks for the title '{title}'. {what_en}"
                yield office.at("operators", index, "titles", message, message_en, warning=True)


def _check_english_titles(office: Checked) -> Iterator[Problem]:
    """Warn of an English name for a post that nobody has and no policy asks for: probably misspelt."""
    named = office.file.office.titles_en if office.file.office is not None else {}
    there = {title for _, operator in office.file.operators for title in operator.titles}
    there |= {title for policy_id in office.policies for title in _titles_of(office, policy_id)}
    for title in sorted(set(named) - there):
        line = office.file.source.line("office.titles_en", key=title)
        what, what_en = suggest(title, tuple(there))
        ja, en = (
            f"[office.titles_en] の職名「{title}」はどこにもありません。{what}",
            f"[office.titles_en]: there is no post '{title}'. {what_en}",
        )
        yield office.file.source.problem(line, ja, en, warning=True)


def _titles_of(office: Checked, policy_id: str) -> Iterator[str]:
    yield from office.policies[policy_id].managers
    for written in office.rules(policy_id):
        yield from written.rule.lift
        if isinstance(written.rule, Approvers):
            yield from written.rule.titles
