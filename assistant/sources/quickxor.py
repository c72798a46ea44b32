"""QuickXorHash, the one checksum that SharePoint and OneDrive for Business give of a file.

Every byte is XORed into 160 bits, eleven bits further round than the one before; the length goes into the last 64.
https://learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash
"""

import base64
from pathlib import Path

_WIDTH, _SHIFT = 160, 11  # bits
_ROUND = 160  # bytes after which the shifts begin again
_MASK = (1 << _WIDTH) - 1


def quick_xor(path: Path) -> str:
    """A file's QuickXorHash in base64, as Microsoft Graph writes it."""
    column, size = 0, 0
    with path.open("rb") as file:
        while block := file.read(_ROUND):
            # Bytes that far apart land on the same bits, so whole rounds are XORed at once.
            column ^= int.from_bytes(block, "little")
            size += len(block)
    value = 0
    for place, byte in enumerate(column.to_bytes(_ROUND, "little")):
        moved = byte << (place * _SHIFT % _WIDTH)
        value ^= (moved & _MASK) | (moved >> _WIDTH)
    value ^= size << (_WIDTH - 64)
    return base64.b64encode(value.to_bytes(_WIDTH // 8, "little")).decode()
