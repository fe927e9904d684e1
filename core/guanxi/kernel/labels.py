"""Words shown to people, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

LANGUAGES = ("en", "zh")


@attrs.frozen
class Label:
    """A text in English and Chinese.

    Args:
        en: the English text.
        zh: the Chinese text.
    """

    en: str
    zh: str

    def __call__(self, lang: str = "en") -> str:
        """Return the text in ``"en"`` or ``"zh"``."""
        return self.zh if lang == "zh" else self.en


def gathered(groups: Iterable[tuple[Mapping[str, Label], Iterable[str]]]) -> dict[str, Label]:
    """Return the texts of several groups as one mapping: what a word means to most, and what it means to some alone.

    The first group that names a word gives it its meaning. Where a later group means something else by the same word, its text
    stands under ``<owner>.<word>`` for each owner of that group.

    Args:
        groups: texts by word, and the stored names of those who use them: events, commands, facets, reports and the like.
    """
    found: dict[str, Label] = {}
    for texts, owners in groups:
        if not found:
            found.update(texts)
            continue
        own: list[tuple[str, Label]] = []
        for word, text in texts.items():
            if found.setdefault(word, text) != text and "." not in word:
                own.append((word, text))
        names = tuple(owners) if own else ()
        # What a group says of one of its owners by name it means, whatever the word means to the group at large.
        found = {f"{owner}.{word}": text for owner in names for word, text in own} | found
    return found


def label_of(labels: Mapping[str, Label], name: str, of: str = "") -> Label | None:
    """Return what a word means to its owner, else what it means to most; None where nobody said.

    Args:
        labels: texts, see ``gathered``.
        name: an event's stored name, or a word: a field or a code.
        of: stored name of the owner: the event, command, facet, report or rule set that uses the word.
    """
    return (labels.get(f"{of}.{name}") if of else None) or labels.get(name)
