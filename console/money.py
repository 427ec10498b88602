"""What a platform charges, as people read it."""

from __future__ import annotations


def dollars(micros: int) -> str:
    """Millionths of a US dollar as dollars; less than a cent keeps its digits: `$0.005`."""
    whole = f"{micros / 1_000_000:.2f}"
    exact = f"{micros / 1_000_000:.6f}".rstrip("0")
    return "$" + (whole if len(exact) < len(whole) or micros >= 1_000_000 else exact)
