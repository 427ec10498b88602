"""Unfilled blanks of a template (空欄・仮置き): 「○時○分」, ＿＿＿, ###, 【予定稿】, （後日記入）, {{name}}.

The same signs have honest uses: list bullets (「○日時：」), 〇 in 二〇二六年, ○×クイズ, ornament, what a swindler calls himself on the
telephone (「○○署の者です」と名乗る電話). A sign counts where it stands in the place of a number or of a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Hit, Spans, Text
from daemon.screening.literals import Lists

_RING = "○◯〇⭕"
_FILLS = f"{_RING}●◎△▲▽▼□■◇◆☆★×✕✖*_?・…‥―—–x-"
_FILL = f"[{_FILLS}]"
_MANY = _FILL + "{1,8}"
_NUMERAL = "一二三四五六七八九十百千万"
_OPENING = "【[(<《〔「※*"
_OPEN, _CLOSE = rf"[{re.escape(_OPENING)}]", r"[】\])>》〕」]"
_IN = r"[^】\])>》〕」\n]"

# What a number stands before. The longer words are headings of a list whose bullet is a ring (「○日時」「○人数」).
_UNIT = (
    r"(?:年|月|日|時|分|秒|名|人|円|件|歳|才|回|号|番|階|丁目|部|台|棟|組|個|本|冊|頭|匹|戸|世帯|キロ|メートル|センチ|ミリ|ヘクタール|度|℃|%|km|cm|mm)"
    r"(?![時程付曜常本数記額齢末度別権口気格称前目答件地館品員材生会局室課長野間報])"
)
_PLACE = r"(?:都|道|府|県|市|区|町|村|丁目|番地|地区|地内|付近|駅|川|山|港|橋|通り|小学校|中学校|公民館|体育館|課|係|部署|様|さん|氏|先生|会館|公園)"
_ANNOUNCES = "午前|午後|震度|第|約|全|計|令和|平成|先着|定員|最大|レベル|マグニチュード|内線|電話|tel|℡|残り|累計|合計"
_FIELD = (
    r"(?:氏名|お名前|名前|日付|年月日|時刻|地名|地域名|会場名|担当者名|担当課名|課名|部署名|施設名|団体名|イベント名|事業名|市町村名|区市町村名|"
    r"河川名|路線名|震源|震度|発表時刻|数値|件数|人数|金額)"
)
# What nobody puts in brackets but a form that waits for the name itself.
_ABSTRACT = r"(?:国名|国・地域名|相手国名?|発射国名?|地名|地域名|市町村名|市?区市?町村名|河川名|路線名|災害名|現象名)"
# 素案 is not here: 「計画（素案）」 is what an office lays before the public for comment.
_LABEL = r"(?:日時|日程|期日|期間|時間|場所|会場|対象|定員|費用|料金|参加費|講師|内容|持ち物|申込(?:み|先|方法)?|申し込み|締切|締め切り|主催|問合せ|問い合わせ|お問い?合わ?せ)"
_UNDONE = (
    r"(?:この(?:部分|欄)は?)?(?:下書き|草稿|草案|ドラフト|draft|差し?替え(?:予定|前|てください)?|仮置き|仮入力|作成中|編集中|執筆中|調整中|確認中|"
    r"要(?:確認|記入|修正|追記|差し?替え|調整|検討)|未記入|未入力|未確認|未定稿|空欄|記入欄|入力欄|記入漏れ)"
)
_LATER = r"(?:後日|後で|あとで|追って|のちほど|別途|ここに|こちらに|適宜|各自)"
_WRITE = r"(?:記入|記載|入力|追記|挿入|差し?替え|入れ替え|確認|反映|書く|書い|書きます|入れる|入れて|入れます|いれます|埋め)"


# Of signs. Most texts have none of them, and are passed over (`_SIGN`).
_SIGNS = (
    # Two numbers of a date or a time of day left open, or one of them: ○月○日, ×時30分, XX時XX分, ？月？日, 11月＿日.
    rf"{_MANY}[ ]?月[ ]?(?:{_FILL}|[0-9]){{1,8}}[ ]?日",
    rf"[0-9]{{1,2}}[ ]?月[ ]?{_MANY}[ ]?日(?![曜本程常])",
    rf"{_MANY}[ ]?時[ ]?(?:{_FILL}|[0-9]){{1,8}}[ ]?分",
    rf"[0-9]{{1,2}}[ ]?時[ ]?{_MANY}[ ]?分(?![別野])",
    r"(?<![0-9])(?:00?月00?日|00?月[0-9]{1,2}日|[0-9]{1,2}月00?日|99月99日)",
    # The same with spaces: 「　月　日」「　時　分」「（　　）」.
    r"(?:^|(?<= ))月 {1,8}日(?=$|[\s(に、。はまかよ~〜-])",
    r"(?:^|(?<= ))時 {1,8}分(?=$|[\s(に、。はまかよごこ~〜-])",
    r"[(「『【\[〔〈《<] {2,40}[)」』】\]〕〉》>]",
    rf"[(「『【\[〔〈《<] [)」』】\]〕〉》>](?=[年月日時分]|{_PLACE}|{_UNIT})",
    rf"(?:{_ANNOUNCES})[ :]?[(「『【\[〔〈《<] {{1,40}}[)」』】\]〕〉》>]",
    # One open number after what announces a number, or before its unit; a value left open after its heading.
    rf"(?:{_ANNOUNCES})[ :]{{0,3}}[{_RING}●×]{{1,8}}(?![{_RING}●×])",
    rf"(?<=[ぁ-んァ-ヶ一-鿿0-9])[{_RING}●]{_UNIT}",
    rf"(?:(?<=:)|(?<=:[ ])|(?<=:[ ]{{2}})|(?<=:[ ]{{3}}))[{_RING}●×_?]{{1,8}}(?=[ ]{{0,3}}(?:$|[、。]))",
    # A name, a place or a number left open: two signs or more.
    rf"(?<![{_NUMERAL}{_RING}◎△×ー☆])[{_RING}]{{2,8}}(?![{_NUMERAL}{_RING}◎△×☆★♪♬])",
    r"(?<!●)●{2,3}(?!●)(?=[一-鿿ァ-ヶ])(?![^\n●]{1,20}●●)",
    rf"(?<![△▲])(?:△{{2,3}}|▲{{2,3}}|□{{2,3}}|×{{2,3}})(?={_PLACE}|{_UNIT})",
    rf"(?<![a-z0-9_.@/#])x{{2,8}}(?={_PLACE}|{_UNIT})",
    r"(?<![a-z0-9_.@/#:-])x{3,8}(?![a-z0-9_.])",
    r"(?<![a-z0-9])(?:0[0-9]{1,3}|x{2,4})-[x×○●]{2,4}-[x×○●]{4}(?![a-z0-9])",
    rf"(?<!\*)\*{{2,8}}(?={_PLACE}|{_UNIT})",
    r"(?<![a-z0-9_/.@#m(])_{2,}(?![a-z0-9_m)])|(?<=:)_{2,}",
    # 「### 見出し」 is a heading.
    r"^#{3,}(?=[^# \n]|$)|(?<=[^#\n])#{3,}",
    # Fields of a form letter.
    r"\{\{[^{}\n]{1,40}\}\}|\$\{[^{}\n]{1,40}\}|\{[^\W\d_][^{}\n]{0,29}\}",
    r"%[a-z_]{2,30}%|<%[^%\n]{1,40}%>",
    rf"(?<=[^\n])[<\[〔《〈](?:{_FIELD}|日時|時間|曜日|場所|会場|連絡先|電話番号|url|リンク|件名|担当者|担当課)[>\]〕》〉]",
    rf"^[<\[〔《〈]{_FIELD}[>\]〕》〉](?=[^\s:])",
    rf"^[【<\[〔](?:{_FIELD}|{_LABEL}|件名|本文|タイトル|見出し|url)[】>\]〕](?:を|に)(?:入力|記入|挿入)(?=$|[)】。])",
    # In round brackets too, where a sentence goes on after what should have stood there: 「（地名）で（災害の種類）が発生」.
    rf"(?:^|(?<=[。、「\nでにがはのと]))\((?:{_FIELD}|災害(?:の種類|種別|名)|避難所名|避難場所|対象地域|現象名|発令区分|地区名|学校名)\)(?=[でにがはのをとへ])",
    # A time of dashes, a number of them before its unit; 「--:--」, 「---三丁目」.
    r"(?<![a-z0-9:*])([-○〇◯●×?*])\1?:\1{2}(?![a-z0-9:*])|(?<![a-z0-9-])-{2,8}(?=[0-9一二三四五六七八九十]{0,3}(?:丁目|番地|時|分|月|日|名|人|円|駅|町|小学校|中学校))",
    # A heading with nothing after it: a unit alone, or at once the next heading.
    r":[ ]{1,12}(?:名|人|円|時|分|年|歳|月|日)(?=$|[\s(、。~〜-])",
    rf"^[\W_]?[【<\[]?{_LABEL}(?:[ ]*:|[】>\]][ ]*:?)[ ]*(?=\n[\W_]?[【<\[]?{_LABEL}[】>\]: ]|\s*\Z)",
)
_SIGN = lazy_pattern(
    rf"[{_RING}●△▲□×*_#{{%<\[〔《〈]|[月時][ ]?{_FILL}|{_FILL}[ ]?[月時]|0月|月0|99月|[月時] [ 日分]|[(「『【〔<] |xx|:[ ]{{0,3}}[?]|:[ ]*(?:\n|\Z|[ ][名人円時分年歳月日])|[】>\]〕](?:[ ]*(?:\n|\Z)|[をに][入記挿])|[(](?:[^()\n]{{0,3}}名|災害|避難|対象|現象|発令|震|日|時|数|件|人|金|発)|--|[-○〇◯●×?*]:",
    re.MULTILINE,
)

# Of words: each after the words of which a text must have one, because looking for those costs next to nothing.
_WORDS = (
    (
        ("tbd", "tba", "t.b", "todo", "fixme", "lorem ipsum"),
        # 「防災TODO✅」 over a list is a heading; a note to oneself says what is to be done behind the word.
        r"(?:t(?<![a-z]t)(?:odo(?!リスト|[ ・]?list|(?<=[ぁ-んァ-ヶ一-鿿]todo)[^\w\n]{0,8}\n[ ]?(?:[^\w\s]|[0-9]))|b[da]|\.b\.d\.?)|"
        r"f(?<![a-z]f)ixme|lorem ipsum)(?![a-z])",
    ),
    (("予定稿", "仮原稿", "ダミー", "サンプル"), r"予定稿|仮原稿|ダミー(?:テキスト|文|データ|画像)|サンプル(?:テキスト|文章)"),
    # A name left open with signs that are ornaments elsewhere: only where what one calls a person stands behind them.
    (
        ("◎◎", "☆☆", "★★", "◇◇", "◆◆", "■■", "▽▽", "▼▼"),
        r"(?<![◎☆★◇◆■▽▼])(?:◎{2,4}|☆{2,4}|★{2,4}|◇{2,4}|◆{2,4}|■{2,4}|▽{2,4}|▼{2,4})(?:さん|様|さま|氏|先生|ちゃん|くん|君|殿|選手|課長|係長|部長)"
        r"(?=[はがをにのともへ、。!?(\s「」)】]|から|より|による|です|でし|ら|たち|方|$)",
    ),
    # A note to oneself: an arrow back to what still has to be done, or what happens once something is settled.
    (
        ("←", "↑", "⇐", "⇑", "⇦", "⇧", "<-"),
        r"(?:[←↑⇐⇑⇦⇧]|<-)[^\n。]{0,12}(?:(?:あと|後|のち)(?:で|ほど)[^\n。]{0,4}(?:入れ|いれ|書|記入|確認|直|埋め|差し?替|決め|消)|"
        r"要(?:確認|修正|追記|記入|差し?替)|差し?替え(?:る|ます|予定|て(?:おく|ください)|[)】\]☆★*]|$)|埋め(?:る|ます|て(?:おく|ください)|[)】\]]|$)|未(?:定稿|記入|確認)|(?:仮|ダミー)(?:です|[)】\]]|$))",
    ),
    (
        ("差し替え", "差替", "入れ替え", "差しかえ", "上書き"),
        r"(?:確定|決定|確認|判明|公表|発表|校了|了承|決裁)(?:後|し次第|したら|次第)(?:に|、|で)?[^。\n]{0,8}(?:差し?替え|差しかえ|入れ替え|上書き)(?:予定|る|ます)?(?=[☆★※*)】\]>》〕〉]|[ ]*$)",
    ),
    (
        ("国名", "地名", "地域名", "川名", "線名", "村名", "災害名", "現象名", "相手国", "発射国"),
        rf"(?:^|(?<=[ぁ-ん。、「]))\({_ABSTRACT}\)(?=から|より|まで|で|に|が|は|を|の|へ)",
    ),
    (("原稿", "文言", "本文", "文案"), r"(?:原稿|文言|本文|文案)(?:作成中|調整中|確認中|未定|検討中|待ち)"),
    (
        (
            *(
                "下書き",
                "草稿",
                "草案",
                "ドラフト",
                "draft",
                "差し替え",
                "差替え",
                "仮置き",
                "仮入力",
                "作成中",
                "編集中",
                "執筆中",
                "調整中",
                "確認中",
            ),
            *(
                "要確認",
                "要記入",
                "要修正",
                "要追記",
                "要差",
                "要調整",
                "要検討",
                "未記入",
                "未入力",
                "未確認",
                "未定稿",
                "空欄",
                "記入欄",
                "入力欄",
                "記入漏れ",
            ),
        ),
        rf"{_OPEN}{_UNDONE}{_IN}{{0,20}}(?:{_CLOSE}|$)",
    ),
    (
        ("後日", "後で", "あとで", "追って", "のちほど", "別途", "ここに", "こちらに", "適宜", "各自"),
        rf"{_OPEN}{_IN}{{0,12}}{_LATER}{_IN}{{0,10}}{_WRITE}{_IN}{{0,10}}(?:{_CLOSE}|$)",
    ),
    (
        tuple(
            said + what
            for said in "をは"
            for what in _WRITE.removeprefix("(?:").removesuffix(")").replace("し?替え", "").split("|")
        ),
        rf"{_OPEN}{_IN}{{0,16}}(?:を|は)(?:{_WRITE})(?:する|してください|して|のこと|すること)?{_CLOSE}",
    ),
    # 「講師：講師名が入ります」. A medal into which names are cut has no heading before it.
    (
        ("入ります", "はいります"),
        r"(?<=:)[ ]?[^\s:]{1,14}が(?:入り|はいり)ます|(?:文章|テキスト|見出し|本文|キャプション)が(?:入り|はいり)ます",
    ),
    (
        ("ここ",),
        r"[(【\[<]※?ここ(?:に|へ|は)[^)】\]>\n]{0,24}(?:[0-9]{2,3}(?:文)?字|あいさつ文?|写真|画像|文章|本文|コメント|リンク|url|地図|ロゴ|が入|を入)[^)】\]>\n]{0,12}[)】\]>]",
    ),
    (
        ("ここに", "この欄に", "この部分に"),
        rf"(?:ここ|この欄|この部分)に(?:本文|文章|場所|件名|url|リンク|内容|タイトル|{_FIELD})を?(?:記入|入力|挿入|記載|書|入れ)",
    ),
)
_IN_SIGNS = tuple(lazy_pattern(pattern, re.MULTILINE) for pattern in _SIGNS)
_IN_WORDS = tuple(lazy_pattern(pattern, re.MULTILINE) for _, pattern in _WORDS)
_NEED = Lists(words for words, _ in _WORDS)
_TOKEN = lazy_pattern(
    r"https?://\S+|[@#]\w+|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]+|(?<![a-z0-9.-])[a-z0-9-]{1,63}+(?:\.[a-z0-9-]{1,63}+){1,8}/\S*"
)
# What somebody else is said to call himself or to say, with the name left out on purpose.
_SAID = lazy_pattern(
    r"[「『][^「」『』\n]{0,80}[」』](?=(?:など|等)?(?:と|といった|という|とい|を名乗|を装|からの|のような|って|で始まる|が(?:届|来|出回)|に(?:ご)?(?:注意|用心)))"
)
# What a riddle, or a contest that wants it filled in, leaves out on purpose.
_RIDDLE = lazy_pattern(
    r"クイズ|なぞなぞ|ヒント|穴埋め|当ててください|当ててみて|しりとり|お題|(?:かっこ|カッコ|空欄|空白)(?:の中)?(?:に|を|は)[^。\n]{0,8}(?:自由|入れ|埋め|うめ|考え|決め)"
)
_LEFT_OUT = frozenset(_RING + "●△□×x")
_TO_BE_FILLED = _LEFT_OUT | frozenset("()[] _")
_QUOTED = lazy_pattern(r"[「『][^「」『』\n]{0,80}[」』]")


def check_blanks(text: Text) -> Iterator[Hit]:
    """Every place that still wants to be filled in; overlapping signs are one place."""
    folded = text.folded
    patterns = [_IN_WORDS[number] for number in _NEED.met(folded)]
    if _SIGN.search(folded):
        patterns += _IN_SIGNS
    found = sorted((match.start(), -match.end()) for pattern in patterns for match in pattern.finditer(folded))
    if not found:
        return
    passed = Spans(match.span() for match in _TOKEN.finditer(folded))
    quoted, left_out = (_QUOTED, _TO_BE_FILLED) if _RIDDLE.search(folded) else (_SAID, _LEFT_OUT)
    said = Spans(match.span() for match in quoted.finditer(folded))
    reached = 0
    for start, minus_end in found:
        end = -minus_end
        if start < reached or passed.hold(start, end):
            continue
        if said.hold(start, end) and left_out.issuperset(folded[start:end]):
            continue
        reached = end
        span = text.span(start, end)
        written = text.source[slice(*span)]
        yield Hit(
            *span,
            message=f"「{written}」が埋まっていません。実際の内容に置き換えるか、この部分を消してください。",
            message_en=f"“{written}” has not been filled in: put the real words in its place, or take it out.",
        )
