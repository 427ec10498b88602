"""Whether a place that was proved is a designated terminal, or one that somebody has been excepted for."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from daemon.rulebook.model import Account
from daemon.rulebook.office import Terminal
from daemon.service.terminals.evidence import Proved


def meant_for(terminal: Terminal, account: Account) -> bool:
    """Whether a terminal is designated for this account."""
    if not terminal.policies and not terminal.accounts:
        return True
    return account.policy in terminal.policies or account.id in terminal.accounts


def is_at(terminal: Terminal, place: Proved) -> bool:
    """Whether this place is that terminal: everything that is written of it holds."""
    if terminal.ttys:
        return not place.address and place.tty in terminal.ttys
    known = bool(terminal.addresses or terminal.keys)
    return (
        known
        and (not terminal.addresses or within(terminal.addresses, place.address))
        and (not terminal.keys or place.key in terminal.keys)
    )


def within(networks: Iterable[str], address: str) -> bool:
    """Whether an address is one of these, or lies in one of these networks. An address of this very machine counts only where it is
    written by itself: whoever has come in from anywhere could come in again from here."""
    try:
        found = _plain(address)
    except ValueError:  # a name, where sshd looks names up, or nothing
        return False
    for text in networks:
        network = ip_network(text)
        if network.version == found.version and found in network:
            return network.num_addresses == 1 or not _of_this_machine(found)
    return False


def _plain(address: str) -> IPv4Address | IPv6Address:
    found = ip_address(address)
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _of_this_machine(address: IPv4Address | IPv6Address) -> bool:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True
