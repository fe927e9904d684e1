"""Which of many names is likely meant by a wrong one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

FEW, NEAREST = 12, 5


def names_like(name: str, there: Iterable[str]) -> str:
    """Return the names that would be accepted: all of a few; of many the nearest, and how many there are.

    Args:
        name: what was given; with or without the prefix of a plugin.
        there: the names there are.
    """
    known = sorted(there)
    if len(known) <= FEW:
        return ", ".join(known)
    short = name.rpartition(".")[2].lower()
    ends = [n for n in known if short and n.rpartition(".")[2] == short]
    by_short: dict[str, list[str]] = {}
    for n in known:
        by_short.setdefault(n.rpartition(".")[2], []).append(n)
    near = [n for s in get_close_matches(short, by_short, NEAREST, 0.6) for n in by_short[s]]
    within = [n for n in known if short and short in n]
    found = list(dict.fromkeys((*ends, *near, *within)))[:NEAREST]
    return ", ".join([*found, f"… ({len(known)} in all)"]) if found else ", ".join(known)
