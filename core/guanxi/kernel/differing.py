"""Decisions that stand although they would come out otherwise: by what was learned late, and by rules published for the past."""

from __future__ import annotations

from collections.abc import Sequence

from guanxi.kernel.entries import FoldRow
from guanxi.kernel.judging import Judge, Linked
from guanxi.kernel.walk import Difference


def differences(
    judge: Judge, subject: str, stream: str, rows: Sequence[FoldRow], known: str, linked: Linked | None
) -> list[Difference]:
    """Return the decisions of a stream that stand although they would come out otherwise (CORE-93).

    What a publication with effect in the past would have changed is asked as of the moment at which it was made: entries that
    came since then go by the versions that drew them, and would not show it any more. It is settled by a later publication that
    reaches as far back, or when the decision no longer stands.

    Args:
        judge: at the cut.
        subject: of what kind the stream is.
        stream: its id.
        rows: what is stored of it, as known at the cut.
        known: stamp of the knowledge.
        linked: what is known of the streams that it shows, if it shows any.
    """
    if not rows:
        return []
    present = judge.judge(subject, stream, rows, known, facets_changed=True, linked=linked).differences
    last = max(row.recorded_at for row in rows)
    by_rules: dict[tuple[str, str], Difference] = {}
    for published in judge.book.retroactive:
        if published.recorded_at > known:
            continue
        since = published.effective_from
        by_rules = {what: one for what, one in by_rules.items() if one.effective < since}
        before = [row for row in rows if row.recorded_at < published.recorded_at]
        if not before or published.recorded_at > last:
            continue  # what was published after the last entry shows in the present judgement
        then = None if linked is None else _before(linked, published.recorded_at)
        found = judge.judge(subject, stream, before, published.recorded_at, linked=then)
        by_rules |= {_what(one): one for one in found.differences if one.effective >= since}
    gone = {id_ for row in rows for ids in (row.replaces, row.target) if ids for id_ in ids.split(" ")}
    named = {_what(one) for one in present}
    kept = [one for what, one in by_rules.items() if one.entry not in gone and what not in named]
    return sorted([*present, *kept], key=lambda one: (one.effective, one.entry or ""))


def _before(linked: Linked, moment: str) -> Linked:
    """Return what was known of the streams that one shows before a moment."""
    return Linked({s: [r for r in rows if r.recorded_at < moment] for s, rows in linked.rows.items()})


def _what(one: Difference) -> tuple[str, str]:
    """Return what tells a difference from others: the entry that stands, else what would be drawn and from when."""
    return ("", one.entry) if one.entry else (one.name, one.effective)
