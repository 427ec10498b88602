"""案内: who calls for help is seen; who talks of help, of drills, of the past or of money is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.rulebook.load import load_rulebook
from daemon.screening.guidance import Marks

CALLS = (
    ("emergency", "人が流されました、橋の下です"),
    ("emergency", "となりの男性が流されていくのが見えた"),
    ("emergency", "救急車がまだ来ません。30分待っています"),
    ("emergency", "父の呼吸が苦しそうです"),
    ("emergency", "一階に水が入ってきました"),
    ("emergency", "救助をお願いします、屋根の上です"),
    ("emergency", "祖母が足を痛めて動けません"),
    ("emergency", "助けてください、車の中に閉じ込められています"),
    ("help", "もう限界です。死にたい"),
    ("crime", "窓を割って入る人を見ました"),
    ("crime", "留守の家をのぞいている男がいます"),
    ("crime", "市の職員を名乗る人が来て、お金を集めていきました"),
    ("crime", "泥棒が入りました"),
    ("question", "断水はいつまで続きますか"),
)
TALK = (
    "税金泥棒です、この市は",
    "給料泥棒だと思います",
    "去年の台風では人が流されました",
    "避難訓練で救助をお願いしました",
    "話が流されてしまった",
    "渋滞で全然動けない",
    "息が白くなる季節ですね",
    "台風で窓が割れた",
    "市の名をかたる前に仕事をしろ",
    "空き家の税金を上げるべきだ",
    "ニュースで見た、人が流されたって",
)


@pytest.fixture(scope="module")
def marks(root: Path) -> Marks:
    return Marks(load_rulebook(root).guidance)


@pytest.mark.parametrize(("kind", "text"), CALLS, ids=[text for _, text in CALLS])
def test_who_calls_for_something_is_marked(marks: Marks, kind: str, text: str) -> None:
    assert marks.of(text) == kind


@pytest.mark.parametrize("text", TALK)
def test_who_only_talks_of_it_is_not(marks: Marks, text: str) -> None:
    assert marks.of(text) == ""
