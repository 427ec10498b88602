"""What an office writes of itself in `rules.toml`: the office, its accounts, its register, its terminals, what follows a stop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any, Literal

from msgspec import Struct, field

from daemon.rulebook.channels import capabilities, carries_out
from daemon.rulebook.item import Item, Kind
from daemon.rulebook.notices import NoticeKind

Platform = Literal["x", "facebook", "line", "instagram", "threads", "youtube", "tiktok", "bluesky", "other"]
"""`other`: a medium whose ways nobody here knows (a town's own app, a notice board): no limit of length, a person posts."""
ChannelName = str
"""One of `channels.known()`."""
Way = Literal["console", "mode", "folder", "paper"]
"""How a person may decide: at the console or its command line, in 決裁モード, by moving a sheet in their 決裁フォルダ, on paper."""
FollowUpKind = Literal["profile", "name", "notice", "posts", "account"]
"""What may have to be done on the platform after a stop, in the order of さいたま 11: profile, display name, pinned notice, posts to
delete, the account itself."""


class Account(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account: policy + platform + handle. `topic` narrows it to one field (taisho); `unit` owns it; drafts for it lie in
    `drafts/<id>/`."""

    id: str
    policy: str
    platform: Platform
    handle: str
    name: str
    unit: str
    topic: str = ""
    channel: ChannelName = "manual"
    irreversible: bool = False
    """What it has sent cannot be taken back; true of every LINE account, whatever is written here (`final`)."""
    decide: tuple[Way, ...] = ("console", "mode")
    """The ways in which its drafts may be approved and returned (決裁の方法)."""

    url: str = ""
    """Where the account can be read; empty: as its platform makes it of the handle."""
    purpose: str = ""
    """What the account is for, as the homepage says it."""
    contact: str = ""
    """Whom to ask, as the homepage says it."""
    policy_url: str = ""
    """Where the public can read its policy."""
    since: date | None = None
    """The day on which it was opened."""
    colour: str = ""
    """The account's own colour on every screen that lets something out (`#rrggbb`); empty: one is derived."""
    budget: float = 0.0
    """What may be spent on it in a month (Japan) by its channel, in US dollars; 0: no limit."""
    mentions_minutes: int = 15
    """Every so many minutes the posts that name it are read, where its channel can; 0: never."""
    founding: Mapping[str, Any] = field(default_factory=dict)
    """What the policy wants before the first release, by the id of its duty: a date, words, an address, a document. In a rulebook it has
    the form that its duty asks for, as text: a date is `2026-04-01`."""

    @property
    def final(self) -> bool:
        """Whether what it has sent cannot be taken back: two people and a countdown."""
        return self.irreversible or self.platform == "line" or capabilities(self.channel).final

    def channel_for(self, item: Item) -> ChannelName:
        """How a draft goes out: by the account's channel, or by a person's hand where that puts out no such thing."""
        return self.channel if carries_out(self.channel, item.kind, len(item.images)) else "manual"


class Operator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person on the register (担当者). `titles` are their posts as the policies write them (職名). A `viewer` only looks and stops; so
    does anybody outside their appointment, which runs from the day `appointed` to the day `until`, both included."""

    login: str
    name: str
    unit: str
    role: Literal["viewer", "clerk", "manager"]
    policies: tuple[str, ...]
    titles: tuple[str, ...] = ()
    appointed: date | None = None
    until: date | None = None
    mail: str = ""
    """Where notices reach this person; empty: they stand in the console."""
    mute: tuple[NoticeKind, ...] = ()
    """The kinds of notices that this person does without."""

    def in_office(self, day: date) -> bool:
        """Whether the appointment covers this day (Japan)."""
        return (self.appointed is None or self.appointed <= day) and (self.until is None or day <= self.until)


class Sheets(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A 決裁フォルダ (`[[sheets]]`): the folder of one chief, named whole, in which what waits for them lies as sheets. Only that chief
    (and the daemon) may write in it; it is looked at each time, and refused as a whole otherwise."""

    login: str
    folder: str


class Deputy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """代決 (`[[deputies]]`): `login` stands in for a `person` on the register, or for the post `title`, on the days `from` … `until`
    (both inclusive, in Japan).

    `accounts`, `kinds` and `topics` narrow what for; empty: all. `emergencies`: declared emergencies `also`, `only`, or `never`.
    `basis` is the regulation or the clause under which it stands (事務代決規程…); empty: 根拠規定なし.
    """

    id: str
    login: str
    from_: date
    until: date
    person: str = ""
    title: str = ""
    accounts: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    topics: tuple[str, ...] = ()
    emergencies: Literal["also", "only", "never"] = "also"
    basis: str = ""


class Retention(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class of records (文書分類, `[[retention]]`): whose texts are kept for so many years, counted from the first of April after the
    entry. `acts` are the acts of the record that belong to it (empty: all that no other class names), `basis` the regulation under which it
    is so, `then` what that wants done afterwards. Nothing is erased by itself."""

    id: str
    title: str
    years: int
    acts: tuple[str, ...] = ()
    title_en: str = ""
    basis: str = ""
    then: Literal["erase", "transfer", "keep"] = "erase"


class FollowUp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has to be done on the platform after a stop (`[[follow_ups]]`): its place on the check-list, and the words prepared for it.

    `text` is what is put up there; `{account}`, `{handle}` and `{unit}` stand for those of the account. `policies` and `accounts` narrow
    it; empty: all. `basis` is the clause under which the office does it where no article asks for it (empty: the policy's own).
    """

    id: str
    kind: FollowUpKind
    title: str
    title_en: str = ""
    text: str = ""
    policies: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    basis: str = ""


class Office(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The office itself. `training` (訓練): channels are simulated and the login that owns the office may act as any operator."""

    name: str
    training: bool = False
    closed: tuple[date, ...] = ()
    """Local closures (閉庁日), besides holidays and 年末年始."""
    remote_folders: bool = False
    """True where `drafts/` lies on a share that shows no events: look every second."""
    releaser: str = ""
    """The login under which the releaser runs as a service of its own (an installation). Empty: the daemon starts it, as itself (a
    trial). Read at the daemon's start only."""
    resume_persons: Literal[1, 2] = 1
    """How many people a resume of everything takes: with 2, another manager or a 発信確認者 confirms it."""
    pace: int = 10
    """Seconds between two releases by the machine in the first minutes after a resume."""
    gap_days: int = 14
    """The calendar points out an account with nothing sent or scheduled for so many days; 0: never."""
    approval_days: int = 60
    """Days after which what waits for approval has run out (期限切れ), and after which an approval given counts no more; 0: never."""
    lock_minutes: int = 15
    """Minutes without a key after which a console covers its screen until its person types their login (離席); 0: never."""
    undo_seconds: int = 30
    """Seconds in which whoever decided can take it back (取消), and for which the machine waits before it sends."""
    countdown_seconds: int = 60
    """Seconds between the last approval and the beginning of a release that cannot be taken back."""
    drill_months: int = 3
    """A stop has to be drilled (訓練) every so many months; 0: never."""
    secret_months: int = 12
    """Credentials of a platform have to be replaced every so many months, unless an article or an office's own interval under it is shorter; 0:
    never."""
    editor: bool = False
    """The console may start the operator's own editor (`$VISUAL`, `$EDITOR`). Off: from most editors one gets a shell, which a login that may
    only use the console is not meant to have."""
    simulated: str = ""
    """Where the simulated platform of a training office listens (a Unix socket's path, or host:port). Empty: it gets one of its own."""
    practise_terminals: bool = False
    """A training office takes every terminal for a designated one; with this it asks for proof, as an office in earnest does."""
    handover: time | None = None
    """The time of day at which the handover (引継簿) is written for accounts whose policy has no hours. None: it is not written."""
    public: tuple[str, ...] = ()
    """What the office has published of itself, as people write it: telephone numbers, mail addresses, domains, names of public persons
    (「市長 山田太郎」). They are nobody's private data, and what looks like one of the domains is looked at. What stands with the accounts (`contact`, `policy_url`) counts too."""
    anchors: tuple[str, ...] = ()
    """Folders outside this machine's reach (another disk, a share that only grows) into which the record's head is written too."""
    phone: str = ""
    """Whom to ring when the console knows nothing any more (a name and a number, as people say it): stands beside 停止状態は不明."""
    titles_en: Mapping[str, str] = {}
    """What posts (職名, as the policies write them) are called on English screens; one that is not named is called by its own name there, too."""
    metrics: str = ""
    """Where the numbers for Prometheus' textfile collector are written (a file ending in `.prom`). Empty: `state/metrics.prom`."""


class Terminal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[terminals]]`. Everything that is written of it must be proved at once: one of its `addresses` (or networks) and one of its
    `keys` (fingerprints, `SHA256:…`); a console of the machine itself is known by its `ttys` alone. `policies` and `accounts` say for
    which accounts it is designated; both empty: for all."""

    id: str
    name: str
    policies: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    ttys: tuple[str, ...] = ()
