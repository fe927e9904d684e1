"""What people wrote in words of their own is sealed with whom it is about, and goes with him (CORE-96, CORE-75)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs
import pytest
import sqlalchemy as sa

from guanxi import RETENTION_FAMILIES, Event, Fact, Money
from guanxi.kernel.messages import fields_of, personal_of, sealed_of
from guanxi.kernel.privacy import Erased
from guanxi.kernel.standard import MECHANISM
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import stamp
from guanxi.relationship import parts
from guanxi.relationship.documents.events import LegalHoldPlaced
from guanxi.relationship.file.events import FileOpened
from guanxi.relationship.governance.erasing import erase
from tests.kernel.desks import moment
from tests.relationship.ownership.telling import FactDesk

REVIEWED = {
    "codes": """
        answered band category chain channel channels choices code customer_class department document_type
        families family faults field_name from_stage grade item_kind kind level medium need_class
        product_family products question reason_code retention retention_class root_cause scale scheme
        segment signal signatures skipped source source_channel stage step subjects unit
    """,
    "numbers, and references to what bears one": """
        absorbed account amendment article attempt bid campaign care_item catalogue complaint concern contact_points
        contract delivery_note document documents earmarked_for entries expense feedback first follows form gathering
        gift handover hold incoming instalment invoice item lead line list_no loan message minutes need new_part number
        old_part opportunity order other outline_version parts parts_used plan point product promise promotion quotation
        receipt receivable request response return_visit second section serial slot submission supersedes survey survivor
        template tender toll_material touch trial visit visit_plan wave win_back won_by wording_version DiscussionPosted.post
    """,
    "people of the house, and those who are named by a number of theirs": """
        approver assignee attendees author borrower by claimant complained_of confirmed_by data_subject executor given_by
        giver giver_signature handler initiator leader maintainer opened_by owner passed_to person plan_owner promiser
        readers received_by receiver receiver_signature releaser requested_by reviewer rival sender signed_for_giver
        seller submitter successor suggested supervisor who
    """,
    "words of which many are free, here codes, reviewed one by one": """
        ContactPersonLeft.cause LifecycleStageChanged.cause TrustStageChanged.cause
        WarningRaised.cause WarningCleared.cause CampaignTargeted.cause ContactPointRecorded.use CustomerReviewed.results
        DuplicateSuspected.evidence DuplicateDismissed.evidence MaintainerAssigned.basis MaintainerDrawn.basis
        MaintainerReleased.basis NeedClassified.matched ServiceStepTaken.post TeamMemberJoined.part WarningRaised.reasons
    """,
    "what an office is called, which is the organisation's": "ContactPersonNamed.post",
    "fields of a form that its author did not mark as personal": "FormSubmitted.values",
    "what rules compared, in figures and codes": """
        ClassTold.inputs GradeSet.inputs OrderHeld.threshold OrderHeld.value ScreeningDecided.criteria
        WarningCleared.value WarningRaised.threshold WarningRaised.value
    """,
    "until when, and why, which proves afterwards that it had to be": """
        PersonalDataErased.legal_basis ProcessingRestricted.legal_basis ProcessingRestricted.until
        RestrictionLifted.legal_basis
    """,
    "names of parts of the software": "cadence plugin",
}
"""The fields that hold text and are not personal, by why they need not be: by name, or as ``Event.field``."""

ELSEWHERE = {
    "access",
    "campaign",
    "form",
    "gathering",
    "goal",
    "house",
    "import",
    "knowledge",
    "post",
    "programme",
    "run",
    "schedule",
    "staff",
    "waiting",
}
"""Kinds of streams that are not a customer's."""
ELSEWHERE_UNFOLDED = {"LeaveRecorded", "RuleSetPublished", "RuleSetWithdrawn"}
"""Events of such streams that no facet folds."""
PARSED = {"windows": "mon-fri 09:30-18:00"}
"""Personal values that are read by a grammar, and so hold no word of our own."""
WORD = "überaus-vertraulich"


def of_customers() -> Iterator[type[Event]]:
    """Yield the events that stand in a customer's own file, the kernel's left out."""
    folded: dict[type[Any], set[str]] = {}
    for facet in parts.facets:
        for kind in facet.evolvers:
            folded.setdefault(kind, set()).add(facet.subject)
    for one in parts.events:
        subjects = folded.get(one, {"customer"})
        if one not in MECHANISM and one.__name__ not in ELSEWHERE_UNFOLDED and not subjects <= ELSEWHERE:
            yield one


def holds_text(hint: Any) -> bool:
    """Return whether a value of a type may be any text."""
    if get_origin(hint) is Literal:
        return False
    return hint in (str, Any) or any(holds_text(one) for one in get_args(hint))


def unsealed(one: type[Event]) -> set[str]:
    hints = get_type_hints(one)
    return {a.name for a in fields_of(one) if personal_of(a) is None and holds_text(hints[a.name])}


@pytest.mark.rule("CORE-96")
def test_every_text_is_personal_unless_somebody_looked_and_said_why_it_need_not_be() -> None:
    reviewed = {name for names in REVIEWED.values() for name in names.split()}
    found = [(one.__name__, name) for one in of_customers() for name in sorted(unsealed(one))]
    assert [f"{one}.{name}" for one, name in found if not reviewed & {name, f"{one}.{name}"}] == []


@pytest.mark.rule("CORE-96")
def test_no_field_was_reviewed_that_no_event_bears() -> None:
    reviewed = {name for names in REVIEWED.values() for name in names.split()}
    found = {
        text for one in of_customers() for name in unsealed(one) for text in (name, f"{one.__name__}.{name}")
    }
    assert sorted(reviewed - found) == []


# ---------------------------------------------------------------- a word in every such field


def some(hint: Any, word: str | None) -> Any:
    """Return a value of a type; a word of our own where one is to stand, else a number."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return inner[0]
    if origin in (tuple, list, dict):
        if word is None:
            return origin()
        return {"f": word} if origin is dict else origin((word,))
    if inner:
        return some(next(one for one in inner if one not in (NoneType, Erased)), word)
    known: dict[Any, Any] = {
        str: word or "X-1",
        int: 1,
        bool: True,
        Decimal: Decimal(1),
        date: date(2025, 1, 31),
        datetime: moment("2025-01-31"),
        Money: Money("1", "CNY"),
    }
    return known[hint]


def filled(one: type[Event]) -> Event:
    """Return an event with a word of our own in each of its personal fields."""
    hints = get_type_hints(one)
    told: dict[str, Any] = {}
    for a in fields_of(one):
        if a.name in PARSED:
            told[a.name] = PARSED[a.name]
        elif personal_of(a) is not None:
            told[a.name] = some(hints[a.name], f"{WORD}/{one.__name__}.{a.name}")
        elif a.default is attrs.NOTHING:
            told[a.name] = some(hints[a.name], None)
    return one(**told)


WORDED = [
    one
    for one in of_customers()
    if issubclass(one, Fact) and one is not FileOpened and any(personal_of(a) for a in fields_of(one))
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FactDesk]:
    """Every such event, each in a file of its own."""
    d = FactDesk(now="2025-01-01")
    with d:
        for one in WORDED:
            d.open(one.__name__, on="2025-01-01", name=f"{WORD}/name")
            d.fact("2025-01-02", filled(one), who=one.__name__)
        yield d


def shown(desk: FactDesk) -> str:
    """Return all that anybody reads: lines of history, states, rows of read models."""
    known = stamp(desk.ledger.clock())
    reader = desk.ledger.reporting.at(parts.read_models, Cut(), known)
    said = [repr(row) for model in parts.read_models for _, row in reader.rows(model)]
    for one in WORDED:
        history = desk.ledger.history(one.__name__)
        said += [repr(line) for line in history.lines()]
        said += [repr(history.state(facet)) for facet in parts.facets if facet.subject == "customer"]
    return "\n".join(said)


def stored(desk: FactDesk) -> str:
    """Return all that stands in the tables."""
    with closing(desk.ledger.store.engine.connect()) as connection:  # type: ignore[attr-defined]
        tables = sa.inspect(connection).get_table_names()
        return "\n".join(
            repr(row) for t in tables for row in connection.execute(sa.text(f'SELECT * FROM "{t}"'))
        )


@pytest.mark.rule("CORE-96")
@pytest.mark.rule("CORE-75")
@pytest.mark.rule("CORE-96c")
def test_of_a_word_in_any_personal_field_nothing_is_left_once_it_was_erased(desk: FactDesk) -> None:
    before = shown(desk)
    words = {
        f"{WORD}/{one.__name__}.{a.name}"
        for one in WORDED
        for a in fields_of(one)
        if personal_of(a) is not None and a.name not in PARSED
    }
    assert sorted(word for word in words if word not in before) == []
    assert WORD not in stored(desk)
    keyring = desk.ledger.backend.keyring
    for one in WORDED:
        if one is not LegalHoldPlaced:
            erase(desk.ledger, one.__name__, actor="officer", legal_basis="request")
        others = {
            str(getattr(filled(one), sealed.subject_from))
            for a in fields_of(one)
            if (sealed := sealed_of(a)) is not None and sealed.subject_from
        }
        # What a duty or a hold keeps goes when that ends; what is of others goes with them.
        for subject in (desk.stream(one.__name__), *others):
            for family in RETENTION_FAMILIES:
                keyring.destroy(subject, family)
    assert WORD not in shown(desk)
    assert WORD not in stored(desk)
