"""Numbers that nobody publishes by intent: My Number, payment cards, bank accounts."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Text
from daemon.screening.registered import digits

_DASH = r"\-‐‑‒–—―−ー"
_JOINT = rf"[{_DASH} ・.]"
_APART = rf"(?<![0-9a-z_/=#])(?<![0-9][{_DASH} .])"
_ENDS = rf"(?![0-9])(?![ ]?[{_DASH}]?[0-9])"
_TWELVE = lazy_pattern(rf"{_APART}[0-9]{{4}}{_JOINT}?[0-9]{{4}}{_JOINT}?[0-9]{{4}}{_ENDS}")
_MY_NUMBER = lazy_pattern(r"マイナンバー|まいなんばー|マイナ番号|個人番号|個人ナンバー|my ?number")
_AROUND = 24
"""Characters before and after twelve digits in which they are called a My Number."""

_CARD = lazy_pattern(
    rf"{_APART}(?:[0-9]{{4}}{_JOINT}[0-9]{{4}}{_JOINT}[0-9]{{4}}{_JOINT}[0-9]{{1,7}}|[0-9]{{4}}{_JOINT}[0-9]{{6}}{_JOINT}[0-9]{{4,5}}|[0-9]{{13,19}}){_ENDS}"
)
_CARD_SAID = lazy_pattern(
    r"カード|クレジット|クレカ|visa|master|jcb|amex|american|diners|ダイナース|デビット|有効期限|セキュリティコード|cvv|cvc"
)
_ISSUERS = lazy_pattern(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}|3[47][0-9]{13}|"
    r"35(?:2[89]|[3-8][0-9])[0-9]{12}|3(?:0[0-5]|[689][0-9])[0-9]{11}|(?:6011|65[0-9]{2}|64[4-9][0-9])[0-9]{12}|62[0-9]{14,17}"
)
"""Which first digits (ISO/IEC 7812) go with how many: Visa, Mastercard, American Express, JCB, Diners, Discover, UnionPay."""

_BANK = r"(?:[ァ-ヶー一-鿿ぁ-ん]{0,8}銀行|[一-鿿]{0,6}(?:信用金庫|信金|信用組合|信組|労働金庫|労金|ろうきん|農業協同組合|農協)|ja[ぁ-んァ-ヶー一-鿿]{1,12}|漁協|ゆうちょ|郵便局|[一-鿿]{2,4}バンク)"
_ACCOUNT = lazy_pattern(
    rf"{_BANK}[^\n。]{{0,30}}?(?:普通|当座|貯蓄|総合|定期)(?:預金|貯金|口座)?[^\n。0-9]{{0,10}}(?P<number>[0-9]{{6,8}})(?![0-9-])|"
    rf"(?:普通|当座|貯蓄)(?:預金|貯金|口座)?[^\n。0-9]{{0,6}}(?P<first>[0-9]{{7}})(?:[ 、,]{{1,3}}{_BANK}|[ ]?\({_BANK}[^\n)]{{0,20}}\))|"
    rf"(?:口座番号|口座no\.?)[^\n。0-9]{{0,8}}(?P<bare>[0-9]{{6,8}})(?![0-9-])|"
    rf"(?:ゆうちょ|郵便局|記号)[^\n。]{{0,12}}?1[0-9]{{4}}[-‐−ー ][0-9]?[-‐−ー ]?[^\n。0-9]{{0,8}}(?P<post>[0-9]{{6,8}})(?![0-9-])"
)
_ACCOUNT_SAID = ("口座", "普通", "当座", "貯蓄", "総合", "記号", "ゆうちょ")
_DONATION = lazy_pattern(
    r"義援金|義捐金|支援金|寄附|寄付|募金|ふるさと納税|納税|納付|納入|会費|参加費|受講料|[都道府県市区町村]長|会計管理者|委員会|日本赤十字|共同募金"
)
_LINE = 160
"""Characters around an account in which it is said what it is for."""


def my_numbers(text: Text) -> Iterator[tuple[int, int]]:
    """Twelve digits with the right check digit that are called a My Number. (One random number in ten has the right digit.)"""
    folded = text.folded
    if not _MY_NUMBER.search(folded):
        return
    for match in _TWELVE.finditer(folded):
        around = folded[max(0, match.start() - _AROUND) : match.end() + _AROUND]
        if _MY_NUMBER.search(around) and _checks(digits(match[0])):
            yield match.span()


def _checks(number: str) -> bool:
    """The check digit of a My Number (平成26年総務省令第85号 第5条)."""
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False)) % 11
    return int(number[11]) == (0 if rest <= 1 else 11 - rest)


def cards(text: Text) -> Iterator[tuple[int, int]]:
    """Payment card numbers: an issuer's digits, the length that goes with them, and the check digit (Luhn). Digits in a row count only
    where the text speaks of a card."""
    said: bool | None = None
    for match in _CARD.finditer(text.folded):
        number = digits(match[0])
        if not _ISSUERS.fullmatch(number) or len(set(number)) < 2 or not _luhn(number):
            continue
        if match[0] == number:
            said = _CARD_SAID.search(text.folded) is not None if said is None else said
            if not said:
                continue
        yield match.span()


def _luhn(number: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (sum(map(int, number[-1::-2])) + sum(doubled)) % 10 == 0


def accounts(text: Text) -> Iterator[tuple[int, int, bool]]:
    """Bank accounts (銀行・支店・種別・番号), and whether the text says that the public is to pay into it (義援金, 納付)."""
    folded = text.folded
    if not any(word in folded for word in _ACCOUNT_SAID):
        return
    for match in _ACCOUNT.finditer(folded):
        around = folded[max(0, match.start() - _LINE) : match.end() + _LINE]
        yield *match.span(), _DONATION.search(around) is not None
