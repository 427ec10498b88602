"""Every command of the console: its key, where it works, and the names by which the `:` line knows it.

One table for keys, the `:` line and the help page, so that none of them can know something that the others do not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

Place = Literal[
    "queue", "detail", "card", "clauses", "hours", "record", "stop", "people", "reviews", "help", "messages",
    "decide", "paper", "policies", "policy_diff", "terminal", "duties", "comments", "measures", "blocks", "reactions",
    "reports", "settings", "compose", "side_by_side", "preview", "picture", "lock",
]  # fmt: skip
Sort = Literal["move", "view", "verb", "release", "office"]
"""`move` and `view` change nothing and may be reached by full-width letters too; `verb` changes a draft; `release` lets
something out and is gone while the office is stopped; `office` is everything else."""


class Command(NamedTuple):
    """One command. `keys` are characters as typed, or Textual's names of the others; no `places`: everywhere."""

    name: str
    keys: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    sort: Sort = "office"
    places: tuple[Place, ...] = ()


_DRAFT: tuple[Place, ...] = ("queue", "detail")
_BENCH: tuple[Place, ...] = ("comments",)
_MODERATION: tuple[Place, ...] = ("comments", "measures", "blocks")
_TURNED: tuple[Place, ...] = ("detail", "side_by_side", "clauses", "hours", "duties", "reports", *_MODERATION)

_READ_ON: tuple[Place, ...] = tuple(place for place in get_args(Place) if place not in ("queue", "lock"))
"""Where the space bar reads on; in the queue it tags."""

COMMANDS: tuple[Command, ...] = (
    Command("up", ("up", "k"), sort="move"),
    Command("down", ("down", "j"), sort="move"),
    Command("page_up", ("pageup",), sort="move"),
    Command("tag_draft", (" ",), ("選ぶ下書き", "fudawotsukeru", "tag draft"), "view", ("queue",)),
    Command("untag", (), ("選択解除", "sentakukaijo", "untag"), "view", ("queue",)),
    Command("page_down", ("pagedown",), sort="move"),
    Command("page_on", (" ",), sort="move", places=_READ_ON),
    Command("home", ("home", "g"), sort="move"),
    Command("end", ("end", "G"), sort="move"),
    Command("left", ("left", "h"), sort="move", places=_TURNED),
    Command("right", ("right", "l"), sort="move", places=_TURNED),
    Command(
        "open",
        ("enter",),
        ("開く", "hiraku", "open"),
        "view",
        ("queue", "compose", "clauses", "people", "policies", "comments", "hours", "record", "reports"),
    ),
    Command("resume_here", ("enter",), places=("stop",)),
    Command("back", ("escape",), ("戻る", "modoru", "back"), "view"),
    Command("queue", ("1",), ("一覧", "下書き", "ichiran", "shitagaki", "queue"), "view"),
    Command("violations", (), ("違反", "要修正", "ihan", "youshuusei", "violations"), "view"),
    Command("waiting_list", (), ("承認待ち", "未処理", "shouninmachi", "mishori", "waiting"), "view"),
    Command("comments", ("2", "K"), ("コメント", "komento", "comments", "bench", "comments list"), "view"),
    Command("blocks", ("3", "B"), ("ブロックリスト", "burokku", "burokkurisuto", "blocklist", "blocklist list"), "view"),
    Command("hours", ("4",), ("時間", "開庁", "jikan", "kaichou", "hours", "closure list"), "view"),
    Command("stop_view", ("5",), ("停止画面", "teishigamen", "gate", "followups", "followups show"), "view"),
    Command("clauses", ("6",), ("条文", "要綱", "joubun", "jobun", "clauses", "policy show", "policy coverage"), "view"),
    Command("record", ("7",), ("記録", "kiroku", "record", "audit", "audit show"), "view"),
    Command("duties", ("8",), ("務め", "通知", "tsutome", "tsuuchi", "duties", "notices"), "view"),
    Command("report", ("9",), ("報告", "houkoku", "hokoku", "report", "reports"), "view"),
    Command("settings", ("0",), ("設定", "規則", "settei", "kisoku", "settings", "rules", "policy lint"), "view"),
    Command("people", ("T",), ("担当者", "名簿", "tantousha", "meibo", "people"), "view"),
    Command("accounts", (), ("アカウント", "akaunto", "accounts"), "view"),
    Command("calendar", (), ("暦", "koyomi", "calendar"), "view"),
    Command("reviews", ("Y",), ("後閲", "代決", "kouetsu", "daiketsu", "reviews", "deputies"), "view"),
    Command("decide", ("J",), ("決裁モード", "決裁", "kessai", "decide"), "view"),
    Command("measures", ("M",), ("措置", "sochi", "measures", "comments measures"), "view"),
    Command("reactions", ("H",), ("反応", "コメントの状況", "hannou", "hanno", "reactions", "comments reactions"), "view"),
    Command(
        "policies",
        ("p",),
        (
            "要綱の版",
            "番人",
            "youkounohan",
            "bannin",
            "policies",
            "policy list",
            "policy versions",
            "policy canaries",
            "policy conflicts",
        ),
        "view",
    ),
    Command("help", ("?",), ("ヘルプ", "キー", "help"), "view"),
    Command("messages", ("m",), ("知らせ", "shirase", "messages"), "view"),
    Command(
        "filter",
        ("/",),
        ("絞込", "検索", "shibori", "kensaku", "filter"),
        "view",
        ("queue", "help", "comments", "blocks", "record"),
    ),
    Command("state", ("f",), ("状態", "joutai", "state"), "office", ("queue", *_MODERATION)),
    Command("sort", ("S",), ("並び", "順", "narabi", "jun", "sort"), "view", ("queue",)),
    Command("recall_filter", ("F",), ("絞込呼出", "shiboriyobidashi", "recall filter"), "view", ("queue",)),
    Command("save_filter", (), ("絞込保存", "shiborihozon", "save filter"), "view", ("queue",)),
    Command("refresh", ("R",), ("更新", "koushin", "refresh"), "office"),
    Command("redraw", ("ctrl+l",), ("描き直し", "再描画", "kakinaoshi", "saibyouga", "redraw"), "view"),
    Command("mouse", (), ("マウス", "mausu", "mouse"), "view"),
    Command("next", ("n",), ("次", "tsugi", "next"), "move", ("detail", "stop", "comments")),
    Command("previous", ("N",), ("前", "mae", "previous"), "move", ("detail", "stop", "comments")),
    Command("later", ("n",), ("あとで", "後で", "ato", "later"), "move", ("decide",)),
    Command(
        "pane",
        ("tab",),
        sort="move",
        places=(
            "detail",
            "clauses",
            "hours",
            "help",
            "record",
            "reviews",
            "policies",
            "duties",
            *_MODERATION,
            "reactions",
            "reports",
            "settings",
            "side_by_side",
        ),
    ),
    Command("fix", ("f",), ("直す", "naosu", "fix"), places=("detail",)),
    Command("raw", ("v",), ("文字", "moji", "raw"), "view", ("detail", "comments")),
    Command("approve", ("a",), ("承認", "shounin", "shonin", "approve"), "verb", (*_DRAFT, "decide")),
    Command("return", ("r",), ("差戻し", "差戻", "sashimodoshi", "return"), "verb", (*_DRAFT, "decide")),
    Command("except", ("e",), ("例外", "reigai", "except"), "verb", _DRAFT),
    Command("declare", ("E",), ("緊急", "緊急の宣言", "kinkyuu", "declare"), "verb", _DRAFT),
    Command("endorse", ("b",), ("後閲する", "kouetsusuru", "endorse"), places=("queue", "detail", "reviews")),
    Command("schedule", ("s",), ("予約", "yoyaku", "schedule"), "release", _DRAFT),
    Command("take", ("t",), ("発信", "hasshin", "take"), "release", _DRAFT),
    Command("released", ("u",), ("発信済", "hasshinzumi", "released"), "verb", ("queue", "detail", "card")),
    Command("copy", ("y",), ("写し", "utsushi", "copy"), "office", ("card", "stop")),
    Command("settle", ("o",), ("決着", "ketchaku", "settle"), "verb", _DRAFT),
    Command("correct", ("C",), ("訂正", "teisei", "correct"), "verb", _DRAFT),
    Command("delete_post", (), ("削除", "sakujo", "delete post"), "verb", _DRAFT),
    Command("sheet_folders", (), ("決裁フォルダ", "kessaiforuda", "sheets"), "view"),
    Command("sets", (), ("一斉", "一斉の組", "isseinokumi", "sets", "fanout", "fanout show"), "view"),
    Command("approve_set", ("A",), ("一斉承認", "issei", "approve set", "fanout approve"), "verb", _DRAFT),
    Command("declare_set", (), ("一斉宣言", "isseisengen", "declare set", "fanout declare"), "verb", _DRAFT),
    Command("excuse_member", (), ("一斉除外", "isseijogai", "excuse", "fanout excuse"), "verb", _DRAFT),
    Command("claim", ("c",), ("着手", "chakushu", "claim"), "verb", _DRAFT),
    Command("undo", ("z",), ("取消", "torikeshi", "undo"), "verb", _DRAFT),
    Command("hold", (), ("保留", "horyuu", "horyu", "hold"), "verb", _DRAFT),
    Command("reopen", (), ("開き直し", "hirakinaoshi", "reopen"), "verb", _DRAFT),
    Command("differ", ("d",), ("版の違い", "違い", "chigai", "diff"), "view", _DRAFT),
    Command("compose", ("+",), ("新規", "起案", "shinki", "kian", "new", "compose")),
    Command("save_text", ("f2",), ("保存", "hozon", "save"), places=("compose",)),
    Command("own_editor", ("f5",), ("エディタ", "edita", "editor"), places=("compose",)),
    Command("other_part", ("tab",), ("項目", "koumoku", "form"), places=("compose",)),
    Command("drop_text", (), ("破棄", "haki", "discard"), places=("compose",)),
    Command("side_by_side", ("f4", "="), ("比較", "要綱比較", "hikaku", "side by side"), "view", (*_DRAFT, "compose")),
    Command("preview", ("f3", "V"), ("見え方", "プレビュー", "miekata", "preview"), "view", (*_DRAFT, "compose")),
    Command("picture", ("I",), ("絵", "画像", "gazou", "picture"), "view", (*_DRAFT, "card", "decide", "preview", "picture")),
    Command("withdraw", ("w",), ("取下げ", "取下", "torisage", "withdraw"), "verb", _DRAFT),
    Command("enter_paper", (), ("紙の決裁", "kami", "paper", "paper enter"), "verb", _DRAFT),
    Command("countersign", (), ("副署", "fukusho", "countersign", "paper countersign"), "verb", _DRAFT),
    Command("stop", (), ("停止!", "停止", "teishi!", "teishi", "stop!", "stop")),
    Command("follow_done", ("d",), ("済", "sumi", "done", "followups done", "followups agree"), places=("stop",)),
    Command("follow_skip", ("x",), ("不要", "fuyou", "skip", "followups skip"), places=("stop",)),
    Command("follow_undo", ("z",), ("事後取消", "jigotorikeshi", "untick", "followups undo"), places=("stop",)),
    Command("duty_done", ("d",), ("務め済", "tsutomezumi", "duty done", "duties done"), places=("duties",)),
    Command("duty_undo", ("z",), ("務め取消", "tsutometorikeshi", "duty undo", "duties undo"), places=("duties",)),
    Command("close_day", ("x",), ("閉庁", "heichou", "heicho", "close", "closure add"), places=("hours",)),
    Command("open_day", ("o",), ("臨時開庁", "rinjikaichou", "open day", "closure open"), places=("hours",)),
    Command(
        "remove_override", ("w",), ("上書取消", "uwagakitorikeshi", "remove", "closure remove"), places=("hours", "settings")
    ),
    Command("judge", ("a",), ("判断", "handan", "judge", "comments judge"), "verb", _BENCH),
    Command("leave", ("x",), ("措置なし", "sochinashi", "leave"), "verb", _BENCH),
    Command("propose", ("P",), ("提案", "teian", "propose", "comments propose"), "verb", _BENCH),
    Command("claim_comment", ("c",), ("コメント着手", "komentochakushu", "claim comment", "comments claim"), "verb", _BENCH),
    Command("ask_second", ("o",), ("意見", "iken", "second", "comments second", "comments opinion"), "verb", _BENCH),
    Command("escalate_comment", ("E",), ("上申", "joushin", "joshin", "escalate", "comments escalate"), "verb", _BENCH),
    Command("guided", ("d",), ("案内済", "annaizumi", "guided", "comments guided"), "verb", _BENCH),
    Command("guide_many", ("D",), ("まとめて案内済", "matometeannai", "guide many"), "verb", _BENCH),
    Command("comment_gone", ("w",), ("消えた", "kieta", "gone", "comments gone"), "verb", _BENCH),
    Command("undo_judgement", ("z",), ("判断取消", "handantorikeshi", "undo judgement", "comments undo"), "verb", _BENCH),
    Command("tag_comments", ("t",), ("札", "fuda", "tag", "comments tag"), "verb", _BENCH),
    Command("select", ("s",), ("選ぶ", "erabu", "select"), "verb", _BENCH),
    Command("judge_many", ("A",), ("まとめて", "まとめて判断", "matomete", "judge many"), "verb", _BENCH),
    Command("mark_comment", ("i",), ("印", "手で登録", "shirushi", "mark", "comments mark"), "verb", _BENCH),
    Command("take_measure", ("t",), ("措置着手", "sochichakushu", "take measure", "comments take"), "release", ("measures",)),
    Command("measure_done", ("d",), ("措置済", "sochizumi", "measure done", "comments done"), "verb", ("measures",)),
    Command(
        "measure_failed", ("x",), ("措置できず", "sochidekizu", "measure failed", "comments not-done"), "verb", ("measures",)
    ),
    Command("send_measure", ("s",), ("自動に戻す", "jidounimodosu", "send measure", "comments send"), "verb", ("measures",)),
    Command("drop_measure", ("w",), ("措置取消", "sochitorikeshi", "drop measure", "comments drop"), "verb", ("measures",)),
    Command("add_block", ("i",), ("ブロック登録", "burokkutouroku", "add block", "blocklist add"), "verb", ("blocks",)),
    Command(
        "review_block", ("d",), ("ブロック見直し", "burokkuminaoshi", "review block", "blocklist review"), "verb", ("blocks",)
    ),
    Command("remove_block", ("w",), ("ブロック解除", "burokkukaijo", "remove block", "blocklist remove"), "verb", ("blocks",)),
    Command(
        "report_reaction",
        ("i",),
        ("反応報告", "hannouhoukoku", "report reaction", "comments reactions report"),
        "verb",
        ("reactions",),
    ),
    Command(
        "end_reaction", ("d",), ("反応対応", "hannoutaiou", "end reaction", "comments reactions end"), "verb", ("reactions",)
    ),
    Command("dossier", ("P",), ("決裁記録", "kessaikiroku", "dossier"), "view", ("queue", "detail", "card")),
    Command("handover", (), ("引継", "引継簿", "hikitsugi", "handover"), "view"),
    Command("listing", (), ("公式アカウント", "koushiki", "listing"), "view"),
    Command("public_page", (), ("公表", "kouhyou", "kohyo", "page", "policy render"), "view"),
    Command("retention", (), ("保存年限", "hozonnengen", "retention"), "view"),
    Command("confirm_stop", ("o",), ("停止確認", "teishikakunin", "confirm", "confirm-stop"), places=("stop",)),
    Command("narrow_stop", ("f",), ("一部だけ", "ichibudake", "narrow"), places=("stop",)),
    Command("drill", (), ("訓練", "kunren", "drill")),
    Command("resume", (), ("再開", "saikai", "resume")),
    Command("terminal", (), ("端末", "名乗り", "tanmatsu", "nanori", "terminal", "whoami", "terminals"), "view"),
    Command("allow_terminal", (), ("端末例外", "tanmatsureigai", "allow", "terminals allow"), places=("terminal",)),
    Command("revoke_terminal", (), ("例外取消", "reigaitorikeshi", "revoke", "terminals revoke"), places=("terminal",)),
    Command("as", (), ("担当", "tantou", "as")),
    Command("command", (":",), sort="view"),
    Command("quit", ("q",), ("終了", "shuuryou", "shuryo", "quit", "q")),
)

_BY_NAME = {command.name: command for command in COMMANDS}
_added: dict[str, tuple[str, ...]] = {}

_ON_BENCH = (
    "undo_judgement", "judge", "leave", "guided", "propose", "select", "judge_many", "guide_many", "claim_comment",
    "ask_second",
    "escalate_comment", "tag_comments", "comment_gone", "mark_comment",
)  # fmt: skip
_VERBS = ("undo", "approve", "return", "schedule", "take", "released", "settle", "except", "declare", "claim", "withdraw")

HINTS: dict[Place, tuple[str, ...]] = {
    "queue": ("open", *_VERBS, "filter", "state", "tag_draft", "sort", "recall_filter", "compose", "command"),
    "detail": ("back", *_VERBS, "picture", "fix", "right", "raw", "next"),
    "card": ("copy", "released", "picture", "back"),
    "clauses": ("right", "back"),
    "hours": ("left", "right", "close_day", "open_day", "remove_override", "open", "pane", "back"),
    "record": ("filter", "open", "pane", "refresh", "back"),
    "reports": ("open", "left", "right", "pane", "back"),
    "settings": ("refresh", "remove_override", "pane", "back"),
    "stop": ("resume_here", "narrow_stop", "confirm_stop", "follow_done", "follow_skip", "copy", "next", "follow_undo", "back"),
    "people": ("open", "back"),
    "duties": ("duty_done", "duty_undo", "right", "pane", "back"),
    "reviews": ("endorse", "pane", "back"),
    "policies": ("open", "pane", "back"),
    "policy_diff": ("back", "refresh"),
    "help": ("filter", "back"),
    "messages": ("back",),
    "decide": ("approve", "return", "later", "picture", "back"),
    "compose": ("save_text", "other_part", "preview", "side_by_side", "own_editor", "open", "back"),
    "side_by_side": ("left", "right", "pane", "back"),
    "preview": ("picture", "back"),
    "picture": (),
    "paper": ("back",),
    "terminal": ("back",),
    "comments": (*_ON_BENCH, "filter", "state", "right", "open", "back"),
    "measures": ("take_measure", "measure_done", "measure_failed", "drop_measure", "send_measure", "state", "right", "back"),
    "blocks": ("review_block", "remove_block", "add_block", "filter", "state", "right", "back"),
    "reactions": ("report_reaction", "end_reaction", "back"),
    "lock": (),
}
"""The commands named in the last row, in this order, as many as can be used now and there is room for; `?` always comes first."""


def add_keys(added: Mapping[str, tuple[str, ...]]) -> None:
    """Give commands, by their names, further keys; those that were given before are forgotten."""
    _added.clear()
    _added.update(added)


def keys_of(command: Command) -> tuple[str, ...]:
    """Its keys: those of the table, and one's own."""
    return (*command.keys, *_added.get(command.name, ()))


def by_key(key: str, place: Place) -> Command | None:
    """The command of a key in a place. A full-width letter reaches what only moves or looks: with the input method left on,
    nobody approves anything by accident."""
    if command := _find(key, place):
        return command
    narrow = unicodedata.normalize("NFKC", key)
    if narrow == key:
        return None
    command = _find(narrow, place)
    return command if command and command.sort in ("move", "view") else None


def by_name(word: str) -> Command | None:
    """The command that the `:` line means by a word: a Japanese or romaji name, width and case folded."""
    folded = fold(word)
    return next((c for c in COMMANDS if folded in map(fold, (*c.aliases, c.name))), None)


def by_command(name: str) -> Command:
    """The command of that name. Raises KeyError for none."""
    return _BY_NAME[name]


def beginning_with(word: str) -> list[Command]:
    """The commands that a half-typed word may become."""
    folded = fold(word)
    return [c for c in COMMANDS if c.aliases and any(fold(a).startswith(folded) for a in c.aliases)]


def fold(word: str) -> str:
    """Width and case away, so that `：ＱＵＥＵＥ` is `queue`."""
    return unicodedata.normalize("NFKC", word).strip().lower()


def is_kana(key: str) -> bool:
    """Whether a key is what an input method makes of a letter: kana, or a letter of double width."""
    return len(key) == 1 and (unicodedata.east_asian_width(key) in "WF" or "\uff61" <= key <= "\uff9f")


def _find(key: str, place: Place) -> Command | None:
    return next((c for c in COMMANDS if key in keys_of(c) and (not c.places or place in c.places)), None)
