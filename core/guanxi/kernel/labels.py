"""Words shown to people, in both languages."""

from __future__ import annotations

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
