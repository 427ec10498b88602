"""What the rulebook says of terminals, of the published account and of appointments before anything is put in force."""

from __future__ import annotations

from datetime import date

import pytest
from north_city import Kita

from console.guard import cube, text_on
from daemon.rulebook.colours import PALETTE, colours
from daemon.rulebook.lint import lint_office
from daemon.rulebook.load import BUNDLED, load_policy
from daemon.rulebook.model import Account, Handle, Operator
from daemon.rulebook.published import differences, same_address

RULE = (
    '[[rule]]\nid = "terminals"\ncheck = "terminals"\nclause = "kita/1"\nexception = "kita/1"\nlevel = "hold"\n'
    'lift = ["広報課長"]\nmessage = "指定端末から"\nmessage_en = "from a designated terminal"\n'
)
KEY = "SHA256:" + "A" * 43


def terminal(**keys: object) -> str:
    text = "".join(f"{key} = {value!r}\n".replace("'", '"') for key, value in {"id": "desk", "name": "窓口", **keys}.items())
    return f"\n[[terminals]]\n{text}"


def said(kita: Kita, severity: str = "error") -> list[str]:
    return [p.message for p in lint_office(kita.folder) if p.severity == severity]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, "どれもないため"),
        ({"addresses": ["10.1.2"]}, "IP アドレスでも"),
        ({"addresses": ["0.0.0.0/0"]}, "広すぎます"),
        ({"addresses": ["::/0"]}, "広すぎます"),
        ({"keys": ["SHA256:short"]}, "指紋ではありません"),
        ({"keys": ["ssh-ed25519 AAAA"]}, "指紋ではありません"),
        ({"ttys": ["pts/0"]}, "画面の名前ではありません"),
        ({"ttys": ["tty1"], "keys": [KEY]}, "別の [[terminals]]"),
        ({"id": "A B", "ttys": ["tty1"]}, "英小文字"),
        ({"name": " ", "ttys": ["tty1"]}, "name が空"),
        ({"ttys": ["tty1"], "policies": ["kitaa"]}, "要綱「kitaa」はありません"),
        ({"ttys": ["tty1"], "accounts": ["kita-y"]}, "アカウント「kita-y」はありません"),
        ({"ttys": ["tty1"], "address": "10.0.0.1"}, "「address」という項目はありません"),
    ],
)
def test_a_terminal_that_nobody_could_be_at_or_everybody_is_at_is_refused(
    kita: Kita, keys: dict[str, object], words: str
) -> None:
    kita.add(kita.rules, terminal(**keys))
    assert any(words in each for each in said(kita)), said(kita)


def test_one_that_can_be_known_is_fine_and_the_machine_itself_is_warned_of(kita: Kita) -> None:
    kita.add(kita.rules, terminal(addresses=["192.0.2.21", "2001:db8::/64"], keys=[KEY]))
    kita.add(kita.rules, terminal(id="console", ttys=["tty1"]))
    assert said(kita) == [] == said(kita, "warning")
    kita.add(kita.rules, terminal(id="self", addresses=["127.0.0.1"]))
    assert any("機械自身" in each for each in said(kita, "warning"))
    kita.add(kita.rules, terminal(id="self", ttys=["tty2"]))
    assert any("二つあります" in each for each in said(kita))


def test_a_clause_that_asks_for_terminals_where_there_is_none_is_warned_of(kita: Kita) -> None:
    kita.add(kita.policy, RULE)
    assert any("指定端末" in each and "kita/1" in each for each in said(kita, "warning"))
    kita.add(kita.rules, terminal(ttys=["tty1"]))
    assert said(kita, "warning") == []


def test_a_terminals_rule_is_about_terminals_and_not_about_drafts(kita: Kita) -> None:
    kita.add(kita.policy, RULE.replace('level = "hold"', 'level = "block"').replace('lift = ["広報課長"]\n', ""))
    kita.add(kita.policy, 'when = { kinds = ["post"] }\n')
    assert any("terminals の level" in each for each in said(kita))
    assert any("when は書けません" in each for each in said(kita))


@pytest.mark.parametrize(
    "other",
    [
        "https://x.com/SaitamaCvcCoop",
        "http://twitter.com/saitamacvccoop/",
        "https://mobile.twitter.com/SaitamaCvcCoop?lang=ja",
        "https://www.x.com/SAITAMACVCCOOP",
        "x.com/SaitamaCvcCoop",
    ],
)
def test_an_address_is_the_same_under_all_its_spellings(other: str) -> None:
    assert same_address("https://twitter.com/SaitamaCvcCoop", other)


@pytest.mark.parametrize(
    "other", ["https://x.com/SaitamaCvcCoop2", "https://x.com.example/SaitamaCvcCoop", "https://x.com/a/SaitamaCvcCoop", ""]
)
def test_another_address_is_another(other: str) -> None:
    assert not same_address("https://twitter.com/SaitamaCvcCoop", other)


def account(**changes: str) -> Account:
    values = {
        "id": "a",
        "policy": "saitama",
        "platform": "x",
        "handle": "SaitamaCvcCoop",
        "name": "さいたま市市民協働推進課",
        "unit": "u",
    }
    return Account(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.clause("saitama/3")
@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({}, []),
        ({"handle": "@saitamacvccoop", "url": "https://twitter.com/SaitamaCvcCoop/"}, []),
        ({"handle": "SaitamaCvc"}, ["handle", "url"]),
        ({"name": "さいたま市市民協働課"}, ["name"]),
        ({"url": "https://x.com/SaitamaCity"}, ["url"]),
    ],
)
def test_handle_name_and_address_are_those_that_the_policy_publishes(changes: dict[str, str], keys: list[str]) -> None:
    rule = next(rule for rule in load_policy(BUNDLED / "saitama.toml").rules if isinstance(rule, Handle))
    assert [found.key for found in differences(rule, account(**changes))] == keys


@pytest.mark.clause("saitama/3", "shinagawa/3-2")
def test_an_office_whose_account_is_another_is_not_put_in_force(kita: Kita) -> None:
    kita.add(
        kita.policy,
        '[[rule]]\nid = "handle"\ncheck = "handle"\nclause = "kita/2"\nlevel = "block"\nnames = { x = "北市役所" }\n'
        'urls = { x = "https://twitter.com/kitacity" }\nmessage = "違います"\nmessage_en = "differs"\n',
    )
    (only,) = said(kita)
    assert "北市役所" in only and "kita/2" in only and "北市）" in only
    kita.edit(kita.rules, 'name = "北市"\nunit', 'name = "北市役所"\nurl = "https://x.com/kitahall"\nunit')
    assert any("kitahall" in each for each in said(kita))
    kita.edit(kita.rules, "kitahall", "KitaCity/")
    assert said(kita) == []


def test_colours_are_of_the_account_stay_and_can_be_read() -> None:
    accounts = [account(id=f"a{n}") for n in range(len(PALETTE))]
    first = colours(accounts)
    assert len(set(first.values())) == len(PALETTE), "as long as there are colours left nobody shares one"
    assert {k: v for k, v in colours([*accounts, account(id="new")]).items() if k != "new"} == first
    assert colours([account(id="a", colour="#ABCDEF")]) == {"a": "#abcdef"}
    for colour in (*PALETTE, "#777777", "#000000", "#ffffff", "#ff0000"):
        assert contrast(text_on(colour), colour) >= 4.5, colour
        assert 16 <= cube(colour) <= 231


def contrast(one: str, other: str) -> float:
    def lightness(colour: str) -> float:
        parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((lightness(one), lightness(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_colour_that_is_none_and_an_appointment_that_ends_before_it_begins_are_refused(kita: Kita) -> None:
    kita.edit(kita.rules, 'unit = "広報課"\ntopic', 'colour = "red"\nunit = "広報課"\ntopic')
    kita.edit(kita.rules, 'titles = ["広報課長"]', 'titles = ["広報課長"]\nappointed = 2026-04-01\nuntil = 2026-03-31')
    assert any("#rrggbb" in each for each in said(kita))
    assert any("until" in each for each in said(kita))


@pytest.mark.clause("saitama/6-4", "taisho/3.運用者")
def test_an_appointment_has_a_first_and_a_last_day() -> None:
    who = Operator(login="a", name="a", unit="u", role="clerk", policies=(), appointed=date(2026, 4, 1), until=date(2026, 9, 30))
    assert [who.in_office(date(2026, m, d)) for m, d in ((3, 31), (4, 1), (9, 30), (10, 1))] == [False, True, True, False]
