"""The language of what the command says: English in the code, Chinese in a catalogue, chosen once at start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar

from guanxi_adapters.cli.chinese import TEXTS

LANGUAGES = ("en", "zh")

_spoken: ContextVar[str] = ContextVar("guanxi_language", default="en")


def choose(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the language asked for with ``--lang``, or the locale's: Chinese where that begins with ``zh``.

    The arguments are looked through before they are parsed, since help and usage errors are to be in that language too.
    """
    for given, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if given == "--":
            break
        option, _, value = given.partition("=")
        if option == "--lang" and (value or following) in LANGUAGES:
            return value or following
    locale = next((v for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := environment.get(name))), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def speak(language: str) -> None:
    """Say everything from here on in ``"en"`` or ``"zh"``."""
    _spoken.set(language)


def spoken() -> str:
    """Return the language in use."""
    return _spoken.get()


def say(text: str, /, **values: object) -> str:
    """Return an English text in the language in use, with values put in for the names in braces."""
    found = TEXTS.get(text, text) if spoken() == "zh" else text
    return found.format(**values) if values else found


def count(number: int, one: str, many: str) -> str:
    """Return how many there are: ``many`` has ``{count}`` in it, ``one`` stands for exactly one."""
    return say(one) if number == 1 else say(many, count=f"{number:,}")


def colon() -> str:
    """Return what stands between a name and what is said of it."""
    return "：" if spoken() == "zh" else ": "
