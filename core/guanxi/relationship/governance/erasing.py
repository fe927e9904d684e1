"""Erases what was ruled to be erased: the keys go after the entry stands, and what a crash left undone is done on the next call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from guanxi.kernel.families import RETENTION_FAMILIES
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.links import merged_with
from guanxi.kernel.telling import Outcome
from guanxi.kernel.timeline import Cut, Item
from guanxi.kernel.times import stamp
from guanxi.relationship.file.customer_file import CustomerFile
from guanxi.relationship.governance.commands import ErasePersonalData
from guanxi.relationship.governance.events import PersonalDataErased, ProcessingRestricted
from guanxi.relationship.governance.privacy import PARTY, Privacy, Terms, duties_of
from guanxi.relationship.governance.rules import PrivacyRules
from guanxi.relationship.people.read_models import contact_people


@attrs.frozen
class Erasure:
    """What came of an erasure.

    Args:
        erased: families that are unreadable now.
        restricted: families kept for a duty, each with its last day; None while its end is not known.
        outcome: the entries.
    """

    erased: tuple[str, ...]
    restricted: dict[str, str | None]
    outcome: Outcome


def erase(
    ledger: Ledger,
    account: str,
    *,
    actor: str,
    legal_basis: str,
    data_subject: str = PARTY,
    families: Iterable[str] = (),
) -> Erasure:
    """Erase families of a data subject in one relationship and in all that merges show as one with it (CORE-75).

    It is ruled in each of these files, so that each knows it by itself and gives up its claims, also when the merge is undone.
    Of a contact person they are erased in every file in which he appears (CORE-96); what one of these files has a duty to
    keep is restricted in all of them.

    Args:
        ledger: where the relationship is kept.
        account: the customer.
        actor: who rules it.
        legal_basis: why.
        data_subject: whose data; the customer's own if not given. Another's are erased in every file where he appears.
        families: which retention families; all if none are named.

    Raises:
        RuleNotMet: ``legal_hold``.
        Incomplete: ``reason_missing``.
    """
    told = tuple(families)
    files = _files_of(ledger, account, data_subject)
    needed = _needed(ledger, files, data_subject, told or tuple(RETENTION_FAMILIES))
    command = ErasePersonalData(
        legal_basis=legal_basis, data_subject=data_subject, families=told, needed=needed
    )
    outcomes = {stream: ledger.execute(stream, command, actor=actor) for stream in files}
    erased: list[str] = []
    restricted: dict[str, str | None] = {}
    for outcome in outcomes.values():
        for event in outcome.events:
            if isinstance(event, PersonalDataErased):
                _destroy(ledger, outcome.stream, event)
                erased += (f for f in event.families if f not in erased)
            elif isinstance(event, ProcessingRestricted):
                restricted.update(dict.fromkeys(event.families, event.until))
    found = ledger.find(account)
    return Erasure(tuple(erased), restricted, outcomes[account if found is None else found])


def _files_of(ledger: Ledger, account: str, data_subject: str) -> list[str]:
    """Return the files in which somebody appears, those under a legal hold first, so that it stops all of it."""
    stream = ledger.find(account) or account
    if data_subject == PARTY:
        if not ledger.store.heads([stream]):
            return [stream]
        return _held_first(ledger, stream, _of_the_party(ledger, stream))
    reader = ledger.reporting.at((contact_people,), Cut(), stamp(ledger.clock()))
    others = {s for s, row in reader.rows(contact_people) if row.person == data_subject}
    return _held_first(ledger, stream, others)


def _held_first(ledger: Ledger, stream: str, others: Iterable[str]) -> list[str]:
    held = {s: bool(_privacy(ledger, s).holds) for s in {stream, *others} if ledger.find(s) is not None}
    return sorted(held, key=lambda s: (not held[s], s != stream, s)) or [stream]


def _needed(
    ledger: Ledger, files: Sequence[str], data_subject: str, families: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the families that one of several files has a duty to keep; a single file sees to that itself."""
    if len(files) == 1:
        return ()
    now = ledger.clock()
    rules, _ = ledger.rule_book().find(PrivacyRules, stamp(now), stamp(now))
    day = now.astimezone(ledger.tz).date()
    found: set[str] = set()
    for stream in files:
        file: CustomerFile = ledger.history(stream).state(CustomerFile)
        terms = Terms(rules, file.closed_on, day)
        found |= duties_of(_privacy(ledger, stream), data_subject, families, terms).keys()
    return tuple(f for f in families if f in found)


def _privacy(ledger: Ledger, stream: str) -> Privacy:
    state: Privacy = ledger.history(stream).state(Privacy)
    return state


def complete_erasures(ledger: Ledger) -> int:
    """Destroy the keys of all that was ruled to be erased and is not; return how many keys that were.

    For what a crash left between ruling and erasing; harmless to call at any time.
    """
    done, after = 0, 0
    while page := ledger.search(name=PersonalDataErased.stored_name, after=after):
        for ruled in page:
            if isinstance(ruled.event, PersonalDataErased):
                done += _destroy(ledger, ruled.originator_id, ruled.event)
        after = page[-1].entry.position
    return done


def _destroy(ledger: Ledger, stream: str, event: PersonalDataErased) -> int:
    subjects = [event.data_subject] if event.data_subject else _of_the_party(ledger, stream)
    return sum(
        ledger.backend.keyring.destroy(subject, family) for subject in subjects for family in event.families
    )


def _of_the_party(ledger: Ledger, stream: str) -> list[str]:
    """Return the streams that are this party's: its own and those that merges show as one with it now."""
    timelines = ledger.judge().timelines

    def items(one: str) -> Sequence[Item]:
        return timelines.build(one, ledger.store.fold_rows(one))

    return sorted(merged_with(stream, items, stamp(ledger.clock())))
