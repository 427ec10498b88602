"""The policies of `others/`, followed by one office: its accounts, its people, and the fixtures that judge by them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from daemon.judge import Approval, Judgement, Recent, Situation, judge
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook

HERE = Path(__file__).parent / "others"
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)

ACCOUNT = '[[accounts]]\nid = "{policy}-{platform}"\npolicy = "{policy}"\nplatform = "{platform}"\nhandle = "{policy}_k"\nname = "{policy}"\nunit = "{unit}"\n\n'
PERSON = '[[operators]]\nlogin = "{login}"\nname = "{login}"\nunit = "{unit}"\nrole = "{role}"\npolicies = [{policies}]\ntitles = [{titles}]\nappointed = 2024-04-01\n\n'

PEOPLE = {
    "shitsucho": ("manager", "kawabe", "市民相談室長"),
    "shocho": ("manager", "river-office", "所長"),
    "chosa": ("manager", "river-office", "調査課長"),
    "kanri": ("manager", "river-office", "管理課長"),
    "komu": ("manager", "river-office", "工務課長"),
    "koho": ("manager", "higashi higashi-library", "広報戦略課長"),
    "kancho": ("manager", "higashi-library", "図書館長"),
    "encho": ("manager", "zoo", "園長"),
    "keeper": ("manager", "zoo", "飼育係長"),
    "kumi": ("clerk", "zoo", "飼育員"),
    "north": ("manager", "kyoiku", "校長"),
    "south": ("manager", "kyoiku", "校長"),
    "shido": ("manager", "kyoiku", "指導課長"),
    "kikaku": ("manager", "shiokage-line", "企画広報課長"),
    "tanto": ("manager", "shiokage-line byoin", "担当課長"),
    "jimu": ("manager", "senkan", "事務局長"),
    "iincho": ("manager", "senkan", "委員長"),
    "shinryo": ("manager", "byoin", "広報委員（診療）"),
    "kango": ("manager", "byoin", "広報委員（看護）"),
    "soumu": ("manager", "byoin", "広報委員（事務）"),
    "byoin-cho": ("manager", "byoin", "病院長"),
    "koho-iincho": ("manager", "byoin", "広報委員長"),
    "clerk": ("clerk", "kawabe river-office higashi higashi-library zoo kyoiku shiokage-line senkan byoin", ""),
}
UNITS = {"north": "北小学校", "south": "南小学校"}
"""Whoever is not of 担当課."""


@pytest.fixture(scope="module", name="folder")
def others_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = tmp_path_factory.mktemp("others")
    shutil.copytree(HERE, office / "policies")
    text = '[office]\nname = "ほかの役所"\n\n'
    for policy, platform, unit in (
        ("kawabe", "threads", "担当課"),
        ("river-office", "youtube", "担当課"),
        ("higashi", "x", "担当課"),
        ("higashi-library", "instagram", "担当課"),
        ("zoo", "x", "担当課"),
        ("kyoiku", "x", "北小学校"),
        ("kyoiku", "facebook", "南小学校"),
        ("shiokage-line", "line", "担当課"),
        ("senkan", "x", "担当課"),
        ("byoin", "x", "担当課"),
    ):
        text += ACCOUNT.format(policy=policy, platform=platform, unit=unit)
    for login, (role, policies, title) in PEOPLE.items():
        quoted = ", ".join(f'"{policy}"' for policy in policies.split())
        unit = UNITS.get(login, "担当課")
        text += PERSON.format(login=login, role=role, unit=unit, policies=quoted, titles=f'"{title}"' if title else "")
    (office / "rules.toml").write_text(text, encoding="utf-8")
    return office


@pytest.fixture(scope="module", name="book")
def others_book(folder: Path) -> Rulebook:
    return load_rulebook(folder)


Judged = Callable[..., Judgement]


@pytest.fixture(name="judged")
def judged_by_others(book: Rulebook) -> Judged:
    def one(
        account: str,
        text: str,
        *,
        now: datetime = TUESDAY,
        approved_by: tuple[str, ...] = (),
        recent: tuple[Recent, ...] = (),
        **front: Any,
    ) -> Judgement:
        item = Item(text=text, author="clerk", declared=("author", *front), **front)
        given = tuple(Approval(login=login, titles=book.operators[login].titles, at=now) for login in approved_by)
        situation = Situation(
            now=now,
            account=book.accounts[account],
            author=book.operators["clerk"],
            author_verified=True,
            approvals=given,
            recent=recent,
        )
        return judge(item, situation, book)

    return one


def rules(judgement: Judgement) -> set[str]:
    return {finding.rule for finding in judgement.findings if finding.verdict in ("block", "hold", "warn")}


def wanted(judgement: Judgement) -> list[str]:
    return [line.clause for line in judgement.missing if line.act == "approve"]
