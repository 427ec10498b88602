"""Drill or real: a text says it where it is read first, and does not say both."""

from __future__ import annotations

import pytest

from daemon.screening.drill import check_drill
from daemon.screening.hit import Text


@pytest.mark.parametrize(
    ("text", "emergency"),
    [
        ("大規模テロ情報。これは訓練です。", False),
        ("ミサイルが発射されました。直ちに避難してください（訓練）", False),
        ("弾道ミサイルが発射された模様です。【訓練】", False),
        ("大津波警報が発表されました。直ちに高台へ避難してください。以上、訓練でした。", True),
        ("緊急速報：武装した集団が区内に侵入。※配信訓練", False),
        ("【訓練】ミサイルが発射されました。これは訓練ではありません。", False),
        ("【訓練】ミサイルが発射されました。", True),
    ],
)
def test_what_could_be_taken_for_the_other_is_found(text: str, emergency: bool) -> None:
    found = list(check_drill(Text(text), emergency))
    assert len(found) == 1
    assert found[0].start < found[0].end <= len(text)


@pytest.mark.parametrize(
    ("text", "emergency"),
    [
        ("【訓練】大規模テロ情報", False),
        ("＜訓練＞氾濫危険情報", False),
        ("（訓練）　氾濫危険情報", False),
        ("これは訓練です。避難指示が出ました。", False),
        ("訓練　訓練　氾濫危険情報", False),
        ("11月5日に津波避難訓練を実施します。避難指示のメールが届きます。", False),
        ("ミサイル発射を想定した訓練に参加しました。", False),
        ("防災訓練、お疲れさまでした。", False),
        ("訓練ではありません。ミサイルが発射されました。直ちに避難してください。", True),
        ("氾濫危険情報が発表されました。", True),
        ("職業訓練校の入校案内です。", False),
    ],
)
def test_a_clear_drill_a_clear_alarm_and_a_notice_are_left_alone(text: str, emergency: bool) -> None:
    assert list(check_drill(Text(text), emergency)) == []
