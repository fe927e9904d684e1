"""How names are compared: Unicode NFKC, case, space and brackets folded (CORE-12)."""

from __future__ import annotations

import unicodedata

_BRACKETS = str.maketrans("[]{}<>〔〕【】《》〈〉「」『』〖〗", "()" * 10)


def folded(name: str) -> str:
    """Return a name as it is compared; a mapping from traditional to simplified is the host's to apply before.

    Args:
        name: as it was told.
    """
    text = unicodedata.normalize("NFKC", name).casefold().translate(_BRACKETS)
    return unicodedata.normalize("NFKC", "".join(text.split()))


def tied(*parts: str) -> str:
    """Return several folded parts as one value to be compared."""
    return "\x1f".join(map(folded, parts))
