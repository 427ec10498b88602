"""Five thousand comments of a day of heavy rain, made up here from a seed, as an export of the platform has them.

    python -m benchmarks.disaster_day [--count 5000] [--seed 6] [--handle SaitamaCvcCoop] [--out FILE]

The shares are a guess at such a day (nobody's data is taken over): mostly thanks, questions, what people see outside and talk; fewer who
complain; few calls for help, rumours, insults, adverts (one of them again and again), copies of the office's own post. Comments come
all day, and four in ten within two hours of the evacuation order at 16:10.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from daemon.rulebook.calendar import TOKYO

DAY = datetime(2026, 11, 3, tzinfo=TOKYO)
ORDER = DAY + timedelta(hours=16, minutes=10)
OWN = "【避難指示】16時10分、川沿いの全域に避難指示を発令しました。ただちに避難してください。避難所は市民会館と東小学校の体育館です。"

PLACES = (
    "東町",
    "西の坂下",
    "川岸二丁目",
    "南台",
    "北原",
    "駅の裏",
    "橋のたもと",
    "市民会館のあたり",
    "東小の通学路",
    "団地の下",
    "土手沿い",
    "中通り",
)
WHO = ("うち", "実家", "祖母の家", "会社", "となりの家", "母のアパート", "友人の店", "保育園")
WHEN = ("さっき", "いま", "5分前", "30分前から", "昼すぎから", "朝から", "先ほど", "1時間くらい前", "もうずっと", "また")
ENDS = (
    "。",
    "！",
    "。。",
    "",
    "…",
    "。みなさんも気をつけて。",
    "。心配です。",
    "。以上です。",
    "(´;ω;`)",
    "🙏",
    "。とりあえず報告まで。",
    "☔",
)


class Kind(NamedTuple):
    """One sort of comment: its share in a thousand, the share of the hours behind the order, its sentences."""

    name: str
    share: int
    late: float
    said: tuple[str, ...]


KINDS = (
    Kind("thanks", 150, 0.3, (
        "{when}職員さんが見に来てくれました、夜遅くまでありがとうございます",
        "こまめなお知らせ助かります。{place}の者です",
        "{place}の避難所、毛布を貸していただけました。感謝します",
        "土のうのおかげで{who}は無事でした。ありがとうございました",
        "{when}の投稿で避難を決めました。ありがとう、{place}より",
    )),
    Kind("question", 200, 0.5, (
        "{place}の避難所はペットも入れますか",
        "{who}は{place}ですが、避難の対象に入っていますか",
        "{place}の道は通れますか？{when}から迷っています",
        "{place}のごみの収集は明日ありますか",
        "{when}から電話がつながりません。罹災証明はどこで申し込めますか",
        "車いすの家族がいます。{place}から行ける避難所はどこでしょうか",
        "{place}の学校は明日休みになるのでしょうか",
        "断水はいつまで続きますか。{who}にお年寄りがいます",
    )),
    Kind("seen", 160, 0.5, (
        "{place}、{when}ひざまで水が来てます",
        "{place}の信号が消えています。{when}です",
        "{when}、{place}で木が倒れていて車が通れません",
        "{place}のマンホールから水があふれてきた",
        "{place}は{when}停電しています",
        "{when}{place}の川の音がすごい",
    )),
    Kind("talk", 235, 0.35, (
        "{when}すごい雨だったね、{place}",
        "{who}は2階に荷物を上げました",
        "{place}に20年住んでるけどこんなのは初めて",
        "電車が止まったので{place}から歩いて帰ります",
        "{who}と連絡がついてほっとした",
        "{when}スマホの警報が鳴りっぱなし",
        "水とパンだけ買ってきた。{place}のスーパーは棚が空っぽ",
        "明日の{place}の祭りは中止だろうな",
    )),
    Kind("criticism", 110, 0.6, (
        "避難指示が遅すぎます。{place}はもう水が来ていました",
        "毎年言っているのに{place}の排水は直らない。予算の使い方を考えてほしい",
        "市長は現場を見に来てください。{place}は置き去りです",
        "{place}の避難所、床が冷たくて年寄りには無理です。準備不足では",
        "電話しても誰も出ない。{when}から何度もかけています。ひどい対応です",
        "ホームページが重くて見られません。いちばん要る時に役に立たない",
        "放送が聞き取れない。何年も前から{place}の自治会で要望しているはず",
        "この市政には失望しました。次の選挙で考えます",
        "対応が後手後手で腹が立ちます。{who}がどうなったと思ってるんですか",
    )),
    Kind("help", 16, 0.9, (
        "助けてください、{place}で車の中に閉じ込められています",
        "{who}の1階に水が入ってきて、祖母が動けません。誰か助けて",
        "{place}で人が流されたように見えました。救助をお願いします",
        "{place}の家から煙が出ています、火事かもしれません",
        "父の呼吸が苦しそうです。救急車が来ません。{place}です",
        "もう限界です。死にたい。{when}からひとりです",
    )),
    Kind("crime", 6, 0.6, (
        "{place}で空き家の窓を割って入る人を見ました。泥棒だと思います",
        "市の職員を名乗る人が{who}に来て、義援金を集めていきました。詐欺では",
        "{when}、避難して留守の家をのぞいている男がいます。{place}です",
    )),
    Kind("rumour", 22, 0.8, (
        "【拡散希望】上流のダムが決壊したらしい、{place}の人は逃げて",
        "{place}の動物園からライオンが逃げたって",
        "{place}の避難所で暴動が起きてるらしい、行かない方がいい",
        "水道に毒が入ったと聞きました。{place}は飲まないで",
        "この雨は人工的に降らせたものだそうです",
        "{place}で外国人の窃盗団が出てるらしい、拡散して",
    )),
    Kind("abuse", 26, 0.6, (
        "お前ら全員死ね。{place}を見捨てやがって",
        "職員はバカばっかりだな、{when}",
        "無能ども、税金返せよクズ",
        "防災課の田中、頭おかしいんじゃないの",
        "こいつら本当に使えない。消えろよ役立たず",
        "{place}の担当者、マジで殺すぞ",
        "クソみたいな役所だな",
    )),
    Kind("hate", 8, 0.5, (
        "外国人は国に帰れ。避難所に入れるな",
        "避難所からホームレスを追い出せ、臭い",
        "{place}の団地の連中は日本から出て行け",
        "生活保護の奴らに毛布をやるな",
    )),
    Kind("advert", 30, 0.2, (
        "誰でも簡単に月収50万円！登録はこちら https://fukugyou.example/r1",
        "屋根の修理、火災保険で無料になります！今すぐお電話を https://yane.example/",
        "水没車、高価買取中です。{place}もすぐ伺います",
        "防災グッズ50%オフ！本日限り https://shop.example/b",
        "フォロワーを増やします。DMまで",
        "避難中でもスマホで稼げる副業、プロフのリンクから",
    )),
    Kind("indecent", 4, 0.3, ("セフレ募集中、DMください", "無修正動画はこちら https://video.example/x", "今夜ホテルで会える人いませんか")),
    Kind("personal", 6, 0.6, (
        "{place}の山田一郎さん（090-1234-5678）と連絡が取れません",
        "うちの住所は{place}3-4-5の佐藤です。電話は080-8765-4321、迎えをお願いします",
    )),
    Kind("copy", 21, 0.9, (OWN, f"RT {OWN}", f"{OWN} ←{{place}}もです", OWN[:42])),
    Kind("election", 6, 0.5, (
        "来月の市長選は山本候補に一票を！防災に強い市を",
        "こんな市長は落としましょう。投票は12月6日",
        "みどりの会に清き一票をお願いします",
    )),
)  # fmt: skip


class Comment(NamedTuple):
    """One line of the export, and of what sort it was made."""

    kind: str
    line: dict[str, str]


def comments(count: int = 5000, seed: int = 6, handle: str = "SaitamaCvcCoop") -> Iterator[Comment]:
    """So many comments of the day, in the order of their times."""
    choice = random.Random(seed)
    kinds = choice.choices(KINDS, [kind.share for kind in KINDS], k=count)
    drawn = sorted(((_time(kind, choice), n, kind) for n, kind in enumerate(kinds)), key=lambda each: each[:2])
    for number, (at, _, kind) in enumerate(drawn, 1):
        words = choice.choice(kind.said)
        values = {"when": choice.choice(WHEN), "place": choice.choice(PLACES), "who": choice.choice(WHO)}
        text = words.format_map(values)
        if kind.name not in ("copy", "advert"):
            text += choice.choice(ENDS)
        advert = kind.name == "advert" and choice.random() < 0.6
        name = f"kensetsu_{choice.randrange(4)}" if advert else f"shimin_{choice.randrange(3000)}"
        post = 1 + (at >= ORDER)
        line = {
            "id": f"{seed}{number:07}",
            "text": text,
            "author": name,
            "author_id": str(int.from_bytes(name.encode()[-5:])),
            "at": at.isoformat(timespec="seconds"),
            "conversation": f"https://x.com/{handle}/status/{post}",
            "url": f"https://x.com/{name}/status/{seed}{number:07}",
        }
        yield Comment(kind.name, line)


def write(path: Path, count: int = 5000, seed: int = 6, handle: str = "SaitamaCvcCoop") -> None:
    """The export as a file of JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for each in comments(count, seed, handle):
            file.write(json.dumps(each.line, ensure_ascii=False) + "\n")


def _time(kind: Kind, choice: random.Random) -> datetime:
    """When somebody wrote: soon behind the order, or at any hour from six on."""
    if choice.random() < kind.late:
        return ORDER + timedelta(minutes=min(110.0, choice.expovariate(1 / 25)))
    return DAY + timedelta(hours=6, minutes=choice.triangular(0, 17.5 * 60, 12 * 60))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--handle", default="SaitamaCvcCoop")
    parser.add_argument("--out", type=Path, default=Path("disaster-day.jsonl"))
    options = parser.parse_args()
    write(options.out, options.count, options.seed, options.handle)


if __name__ == "__main__":
    main()
