"""What ``history`` and ``explain`` have in common: whose history, at which cut, in which words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import say, spoken

if TYPE_CHECKING:
    from guanxi import History, Ledger, Line
    from guanxi_adapters.cli.entries import EntryBlocks
    from guanxi_adapters.cli.wording import Wording


def at_cut(ledger: Ledger, customer: str, as_of: str | None, as_known: str | None) -> History:
    """Return a customer's history, narrowed as a person asked; digits alone name a position of the log."""
    asked = _history(ledger, customer)
    if as_of is not None:
        asked = asked.as_of(as_of)
    if as_known is not None:
        asked = asked.as_known(int(as_known) if as_known.isdigit() else as_known)
    return asked


def _history(ledger: Ledger, customer: str) -> History:
    """Return a customer's history.

    Raises:
        Unknown: ``unknown_relationship``, naming customers whose account number is nearly the same.
    """
    import guanxi

    try:
        return ledger.history(customer)
    except guanxi.Unknown as error:
        near = sorted(ledger.find_all(sorted(_misspelt(customer))))
        if not near:
            raise
        raise guanxi.Unknown(
            error.code,
            error.message,
            zh=error.zh,
            rule=error.rule,
            accepts=say("perhaps {names}", names=", ".join(near[:3])),
        ) from error


def _misspelt(given: str) -> set[str]:
    """Return what somebody may have meant who slipped once: account numbers can be looked up, and not listed."""
    text = given.strip()[:_LONGEST]
    cuts = [(text[:i], text[i:]) for i in range(len(text) + 1)]
    found = {
        text.upper(),
        text.lower(),
        text.replace(" ", ""),
        text.replace("O", "0"),
        text.replace("o", "0"),
    }
    found |= {a + b[1:] for a, b in cuts if b}
    found |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    found |= {a + c + b for a, b in cuts for c in _SLIPS}
    found |= {a + c + b[1:] for a, b in cuts if b for c in _SLIPS}
    return found - {"", given}


_SLIPS = "0123456789-"
_LONGEST = 24


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Return lines by the moment they count from, then in order of entry."""
    return sorted(lines, key=lambda line: (line.effective_from, _number(line)))


def whole(ledger: Ledger, asked: History) -> History:
    """Return a history without its as-of bound: what took an entry's place may count from later."""
    import attrs

    return (
        type(asked)(ledger, asked.stream, attrs.evolve(asked.cut, as_of=None))
        if asked.cut.as_of is not None
        else asked
    )


def blocks_of(ledger: Ledger, asked: History, lines: Sequence[Line], **options: Any) -> EntryBlocks:
    """Return what shows the entries of a history, each of which may name another of the lines."""
    from guanxi_adapters.cli.entries import EntryBlocks

    return EntryBlocks(ledger, wording_of(ledger, asked, lines), lines, **options)


def wording_of(ledger: Ledger, asked: History, lines: Sequence[Line] = ()) -> Wording:
    """Return the words for one customer's values."""
    from guanxi_adapters.cli.wording import Wording

    return Wording.of(ledger, asked.stream, lines)


def field_words(ledger: Ledger, wording: Wording, field: str) -> str:
    """Return a field's name in words: its facet's title and its label."""
    for facet in ledger.house.facets:
        if field == facet.name:
            return facet.title(spoken())
        if field.startswith(facet.name + "."):
            inner = field.removeprefix(facet.name + ".").split(".")
            return screen.BETWEEN.join([facet.title(spoken()), *map(wording.owned(facet.name).label, inner)])
    return field


def facet_of(ledger: Ledger, field: str) -> str:
    """Return the name of the facet that a field belongs to, empty where none does."""
    names = (facet.name for facet in ledger.house.facets)
    return next((name for name in names if field == name or field.startswith(name + ".")), "")


def show_head(ledger: Ledger, customer: str, asked: History, *more: str) -> None:
    """Show whose history this is, and at which cut."""
    from guanxi import CustomerFile

    wording = wording_of(ledger, asked)
    name = asked.state(CustomerFile).name
    title = [customer] if name is None else [customer, wording.value(name)]
    said = [*cut_words(ledger, asked), ledger.zone_name, *more]
    screen.show(
        screen.styled(("  ".join(title), screen.HEADING)),
        screen.styled((screen.BETWEEN.join(said), screen.QUIET)),
        "",
    )


def cut_words(ledger: Ledger, asked: History) -> list[str]:
    """Return a cut in words."""
    from guanxi.kernel.rendering import moment_text

    cut, words = asked.cut, []
    if cut.as_of is not None:
        words.append(say("as of {moment}", moment=moment_text(cut.as_of, ledger.tz)))
    if cut.as_known is not None:
        words.append(say("as known {moment}", moment=moment_text(cut.as_known, ledger.tz)))
    if cut.position is not None:
        words.append(say("as known at position {position}", position=f"{cut.position:,}"))
    if asked.taken_back is not None:
        words.append(say("position {position} is inside a transaction", position=f"{asked.taken_back:,}"))
    return words or [say("as of now")]


def plain_cut(ledger: Ledger, customer: str, asked: History) -> dict[str, Any]:
    """Return whose history this is, and at which cut, as JSON data."""
    cut = {
        "as_of": asked.cut.as_of,
        "as_known": asked.cut.as_known,
        "position": asked.cut.position,
        "taken_back_from": asked.taken_back,
    }
    return {"customer": customer, "stream": asked.stream, "zone": ledger.zone_name, "cut": cut}


def plain_lines(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return lines as JSON data."""
    from guanxi_adapters.cli.entries import plain_line

    return [plain_line(line) for line in lines]


def _number(line: Line) -> int:
    number = line.id.rpartition("/")[2]
    return int(number) if number.isdigit() else 0
