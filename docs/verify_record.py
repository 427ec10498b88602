"""Verify a record that `kohoban audit export` wrote, with Python alone: python verify_record.py RECORD.jsonl [ANCHORS ...]

ANCHORS are copies of the anchor, or lines typed from a printed page: `<number> <hash>`. Nothing of Kohoban is needed.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path


def main(export, *anchors):
    named = [line.split()[:2] for path in anchors for line in Path(path).read_text().splitlines() if line]
    prev, seq = "0" * 64, 0
    for seq, line in enumerate(Path(export).open(encoding="utf-8"), start=1):  # noqa: SIM115
        told = json.loads(line)
        entry = json.loads(told["record"])
        digest = sha256((prev + told["record"]).encode()).hexdigest()
        if (entry["seq"], entry["prev"], told["hash"]) != (seq, prev, digest):
            return f"entry {seq}: changed, missing or out of order"
        for field, private in told["texts"].items():
            text = sha256(bytes.fromhex(private["salt"]) + private["text"].encode()).hexdigest()
            if entry["detail"].get(field) != f"sha256:{text}":
                return f"entry {seq}: its {field} was changed"
        if any(int(number) == seq and other != digest for number, other in named):
            return f"entry {seq}: not the one that was anchored"
        prev = digest
    if any(int(number) > seq for number, _ in named):
        return f"entry {seq + 1}: the tail is missing"
    sys.stdout.write(f"good: {seq} entries, head {prev}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
