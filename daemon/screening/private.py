"""The detectors of personal data, as rules name them (`phone`, `mail`, `address`, `my-number`, `card`, `bank-account`, `person`,
`exposed`).

`of` says which are meant: `private` (the default), what is a person's or reads so; `any`, all but those of public bodies and announced
places; `announced`, what looks private and is announced as a desk's or to be paid into, to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from daemon.screening.addresses import addresses_in
from daemon.screening.hit import Facts, Hit, Text
from daemon.screening.mails import mails_in
from daemon.screening.persons import exposed_in, persons_in
from daemon.screening.phones import phones_in
from daemon.screening.registered import registered
from daemon.screening.secret_numbers import accounts, cards, my_numbers

Options = Mapping[str, int | float | str | tuple[str, ...]]


def check_phones(text: Text, facts: Facts, options: Options) -> Iterator[Hit]:
    """Telephone numbers. A mobile's may be a private one even where a desk is announced with it; a fixed line's is private where it is
    said to be a person's."""
    any_one = options.get("of") == "any"
    for phone in phones_in(text, registered(facts.public)):
        if phone.personal or phone.mobile or (any_one and not phone.institution):
            yield Hit(*text.span(phone.start, phone.end))


def check_mails(text: Text, facts: Facts, options: Options) -> Iterator[Hit]:
    """Mail addresses. One of free mail, a carrier or a provider is private unless a desk is announced beside it."""
    folded = text.folded
    if "." not in folded:
        return
    meant = options.get("of", "private")
    for mail in mails_in(text, registered(facts.public)):
        found = {
            "private": mail.personal or (mail.free and not mail.announced),
            "any": mail.personal or mail.free or not mail.announced,
            "announced": mail.free and mail.announced and not mail.personal,
        }
        if found[str(meant)]:
            yield Hit(*text.span(mail.start, mail.end))


def check_addresses(text: Text, _: Facts, options: Options) -> Iterator[Hit]:
    """Postal addresses down to the lot, but those of venues, counters and offices, unless somebody lives there (with `any`: unless it is
    called somebody's 住所 either)."""
    if not text.has_digits:
        return
    any_one = options.get("of") == "any"
    for address in addresses_in(text):
        if address.home or not address.public or (any_one and address.called):
            yield Hit(*text.span(address.start, address.end))


def check_my_numbers(text: Text, _: Facts, __: Options) -> Iterator[Hit]:
    """My Numbers (個人番号)."""
    if text.has_digits:
        for place in my_numbers(text):
            yield Hit(*text.span(*place))


def check_cards(text: Text, _: Facts, __: Options) -> Iterator[Hit]:
    """Payment card numbers."""
    if text.has_digits:
        for place in cards(text):
            yield Hit(*text.span(*place))


def check_accounts(text: Text, _: Facts, options: Options) -> Iterator[Hit]:
    """Bank accounts; those that the public is asked to pay into are `announced` and not private."""
    if not text.has_digits:
        return
    meant = options.get("of", "private")
    for start, end, announced in accounts(text):
        if meant == "any" or announced == (meant == "announced"):
            yield Hit(*text.span(start, end))


def check_persons(text: Text, facts: Facts, _: Options) -> Iterator[Hit]:
    """Names of persons whom the office has not named in public itself."""
    for place in persons_in(text, registered(facts.public)):
        yield Hit(*text.span(*place))


def check_exposed(text: Text, facts: Facts, _: Options) -> Iterator[Hit]:
    """Names of persons who are told to be the one who was meant, or with where they live or work."""
    for place in exposed_in(text, registered(facts.public)):
        yield Hit(*text.span(*place))
