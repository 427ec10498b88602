"""Of what the rows of a measured list are made. Needs nothing of the project: the peers of the console read it in an environment of their own."""

from __future__ import annotations

PLACES = ("芝地区", "麻布地区", "赤坂地区", "高輪地区", "芝浦港南地区")
WHATS = (
    "健康診査の申込みが始まります",
    "粗大ごみの収集日が変わります",
    "保育園の入園説明会を開きます",
    "防災訓練へのご参加をお願いします",
    "ｺﾝﾋﾞﾆ交付を休止します①",
    "水道工事に伴う通行止め※一部区間",
    "区議会の傍聴について",
    "高齢者のﾜｸﾁﾝ接種（第３回）",
    "夏まつり 7/25～26",
    "税の納期限が近づいています",
    "パブリックコメントを募集します",
    "選挙の期日前投票所",
    "駐輪場の利用申請 → 抽選",
)
"""Of which the titles are made: no two rows of a list read alike, or a terminal would be sent less than in any real office."""
