"""Names of persons: looked for only beside what speaks of one (an honorific, a title, a label, a reading, an age), and confirmed by the
dictionary on the few letters there. A text without any such sign leaves the dictionary unloaded.

A name alone violates nobody: it is a hint for whoever answers for the text. Whom the office itself has named in public is left out. Told to
be the one who was meant, or with where this person lives or works, it exposes somebody: that is looked for in comments.
"""

from __future__ import annotations

from collections.abc import Iterator

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Text
from daemon.screening.literals import Lists
from daemon.screening.names import beginning, ending, is_place
from daemon.screening.registered import TITLES, Registered

_REACH = 24
"""Letters beside a sign in which a name stands."""
_BEYOND = 2
"""Letters behind さん that tell whether it is one: さん|ま is none."""

_KANA = "ぁ-ゖァ-ヺー"
_LETTER = f"一-鿿々〆ヶ{_KANA}"
_RUN = lazy_pattern(rf"(?:[{_LETTER}]+[ ・=]){{0,5}}[{_LETTER}]+\Z")
_RUN_ON = lazy_pattern(rf"[{_LETTER}]+(?:[ ・=][{_LETTER}]+){{0,4}}")
# What is said of everybody (皆様, お客様, お子さん) and what only begins alike (様式, 氏名, 君主) is told without the dictionary.
_SIGN = lazy_pattern(
    rf"(?<=[{_LETTER}])[ ]?(?:"
    r"(?<!皆)(?<!みな)(?<!客)(?<!屋)(?<!たく)(?<!者)(?<!員)(?<!お子)(?<!母)(?<!父)(?<!奥)さん|"
    r"(?<![皆客同仕異模神王者のたなるいにをが])(?<!お子)(?<![^一-鿿][一多有各])様(?![式々子相変態似])|"
    r"(?<![のたをはが両諸同])氏(?![名神族])|(?<![のたをはが諸])君(?![主臨が代津])|くん|クン|ちゃん|先生|(?<!全)選手(?![会権団村層宣登])|"
    rf"(?<!一都三)(?<!一都三県)(?P<title>{TITLES})(?![会団署室補職選庁局課協]))"
)
_CALLED = ("さん", "様", "氏", "君", "くん", "クン", "ちゃん", "先生", "選手", *TITLES.split("|"))
"""Of these one stands in every text with such a sign, and below with such a label: to look for them all costs less than one search."""
_LABELS = (
    *(
        "氏名",
        "名前",
        "本名",
        "実名",
        "講師",
        "担当",
        "被害者",
        "登壇",
        "出演",
        "ゲスト",
        "司会",
        "受賞",
        "受章",
        "当選",
        "入賞",
        "優勝",
        "代表",
    ),
    *("主催者", "責任者", "指導", "演者", "演奏", "監修", "撮影", "作", "著", "選手", "コーチ", "パネリスト", *TITLES.split("|")),
)
_LABEL = lazy_pattern(
    r"(?:氏名|お?名前|本名|実名|講師|担当者?|被害者|登壇者?|出演者?|ゲスト|司会者?|受賞者?|受章者|当選者|入賞者|優勝者?|代表者?|主催者|責任者|指導者?|演者|演奏|"
    rf"監修|撮影|作|著|選手|コーチ|パネリスト|(?P<title>{TITLES}))(?:(?P<plain>[ ]?:[ ]?|(?<!作)(?<!著)[ ])|の|は|、|・|\()(?=[{_LETTER}])"
)
_READING = "[ぁ-ゖァ-ヺ]{2,10}(?:[ ・=]?[ぁ-ゖァ-ヺ]{1,10})?"
_AGE = "(?:当時)?[1-9][0-9]"
# A number in brackets alone counts what it likes; an age has two digits or says that it is one.
_BRACKET = lazy_pattern(rf"(?<=[一-鿿々])[ ]?\({_READING}\)|(?<=[{_LETTER}])[ ]?\((?:{_AGE}?(?P<years>[歳才])|{_AGE})\)")
_WORDS = (
    "さん|様|氏|君|くん|クン|ちゃん|先生|選手|名前|本名|実名|講師|担当|被害者|登壇|出演|ゲスト|司会|受賞|受章|当選|入賞|優勝|代表|主催者|責任者|指導|演者|演奏|監修|撮影|"
    f"作|著|コーチ|パネリスト|{TITLES}"
)
MAY_NAME = rf"{_WORDS}|[{_LETTER}][ ]?\([{_KANA}当1-9]"
"""Found in every folded text in which a name is looked for; RE2 reads it as well."""
PERSON_SIGNS = frozenset(("(", *_WORDS.split("|")))
"""Of these one stands in every such text."""

_TELLS = "本名|実名|フルネーム|正体|身元|犯人|加害者|主犯"
_HIDDEN = "住所|自宅|実家|電話番号|携帯番号|勤務先|職場|顔写真|本名|個人情報|アパート|マンション|家族構成|通学路"
_NAMING = "の名前|の氏名|の名字"
_TOLD = rf"(?:{_TELLS}|(?:こいつ|あいつ|あの(?:人|男|女|職員|店員|教師|先生|医者|家))(?:{_NAMING}))(?:は|が|って|:|=|、)[、 ]?"
EXPOSES = f"{_TOLD}|[のが](?:{_HIDDEN})"
"""Found in every folded text in which somebody is exposed; RE2 reads it as well."""
EXPOSURE_SIGNS = frozenset(
    (*_TELLS.split("|"), *_NAMING.split("|"), *(of + what for of in "のが" for what in _HIDDEN.split("|")))
)
"""Of these one stands in every such text."""
_IS_TOLD = lazy_pattern(rf"{_TOLD}(?=[{_LETTER}])")
_IS_NAMED_WITH = lazy_pattern(rf"(?<=[{_LETTER}])(?P<called>さん|氏|君|ちゃん|くん|先生)?[のが](?:{_HIDDEN})")


def persons_in(text: Text, ours: Registered) -> Iterator[tuple[int, int]]:
    """The spans, in the folded text, of the names in it, from the left, each once; none where no dictionary is installed."""
    folded, reached = text.folded, 0
    found: set[Found] = set()
    for number in _NEED.met(folded):
        found.update(_FINDERS[number](folded))
    for start, end, titled in sorted(found):
        if start >= reached and not ours.has_named(folded[start:end], titled=titled):
            reached = end
            yield start, end


Found = tuple[int, int, bool]
"""A span of the folded text, and whether a title stands with it."""


def _before_signs(folded: str) -> Iterator[Found]:
    """山田花子さん, 山田議員, さとうたろう君."""
    for sign in _SIGN.finditer(folded):
        titled, at = sign["title"] is not None, sign.start()
        behind = folded[at : sign.end() + _BEYOND] if sign[0] == "さん" else ""
        for start, _ in _ending(folded, at, behind, called=not titled):
            if not (titled and is_place(folded[start : at + 1])):
                yield start, at, titled


def _ending(folded: str, at: int, behind: str = "", *, called: bool = True) -> Iterator[tuple[int, bool]]:
    """Where the name that ends at `at` begins, and whether it is a full one."""
    run = _RUN.search(folded, max(0, at - _REACH), at)
    if run and (name := ending(run[0], behind, called=called)):
        yield run.start() + name.start, name.full


def _behind_labels(folded: str) -> Iterator[Found]:
    """講師:山田花子, 市長 山田花子. A surname alone may be a place, and counts behind a plain label only: 担当 鈴木."""
    for label in _LABEL.finditer(folded):
        run = _RUN_ON.match(folded, label.end(), label.end() + _REACH)
        if run and (name := beginning(run[0])) and (name.full or (label["plain"] and not label["title"])):
            yield label.end(), label.end() + name.end, label["title"] is not None


def _before_brackets(folded: str) -> Iterator[Found]:
    """山田花子(やまだはなこ), 山田花子(42), 山田(42歳)."""
    for bracket in _BRACKET.finditer(folded):
        for start, full in _ending(folded, bracket.start(), called=False):
            if full or bracket["years"]:
                yield start, bracket.start(), False


_FINDERS = (_before_signs, _behind_labels, _before_brackets)
_NEED = Lists((_CALLED, _LABELS, ("(",)))
"""What each of them needs."""


def exposed_in(text: Text, ours: Registered) -> Iterator[tuple[int, int]]:
    """The spans of the names of those who are exposed: 「犯人は山田花子」「山田花子の勤務先」."""
    folded, reached = text.folded, 0
    for start, end, _ in sorted({*_told(folded), *_named_with(folded)}):
        if start >= reached and not ours.has_named(folded[start:end], titled=False):
            reached = end
            yield start, end


def _told(folded: str) -> Iterator[Found]:
    for telling in _IS_TOLD.finditer(folded):
        run = _RUN_ON.match(folded, telling.end(), telling.end() + _REACH)
        if run and (name := beginning(run[0])) and name.full:
            yield telling.end(), telling.end() + name.end, False


def _named_with(folded: str) -> Iterator[Found]:
    """A surname alone may be a place (山形の実家), unless it is called さん."""
    for named in _IS_NAMED_WITH.finditer(folded):
        for start, full in _ending(folded, named.start(), called=named["called"] is not None):
            if full or named["called"]:
                yield start, named.start(), False
