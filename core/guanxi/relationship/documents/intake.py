"""The intake gate and the contents list: what is taken in, what is sent back with its faults, what is issued (CORE-62, CORE-63)."""

from __future__ import annotations

from collections.abc import Iterator

from guanxi.kernel.errors import Incomplete, RuleNotMet
from guanxi.kernel.facets import Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.documents.commands import (
    ExpectDocument,
    HandInDocument,
    IssueCatalogue,
    ShelveDocument,
)
from guanxi.relationship.documents.events import (
    CatalogueIssued,
    DocumentAccepted,
    DocumentExpected,
    DocumentRejected,
    DocumentShelved,
)
from guanxi.relationship.documents.papers import Papers, paper_of, papers
from guanxi.relationship.documents.rules import IntakeRules, RetentionRules

SIGNATURE, PAPER, FIELDS, ENCLOSURE, VERIFICATION = (
    "signature",
    "paper",
    "fields",
    "enclosure",
    "verification",
)

FAULTS: dict[str, Label] = {
    SIGNATURE: Label("signature missing", "缺少签字"),
    PAPER: Label("paper or ink that does not last", "纸张或字迹材料不耐久"),
    FIELDS: Label("fields not filled in", "项目未填全"),
    ENCLOSURE: Label("what should come with it is missing", "材料不齐"),
    VERIFICATION: Label("copy not verified", "复印件未核验"),
}


def faults_of(c: HandInDocument, rules: IntakeRules, duties: list[str]) -> list[tuple[str, str]]:
    """Return what is wrong with a hand-in: (code, what) pairs.

    Args:
        c: the hand-in.
        rules: what a paper of its type must have.
        duties: the retention classes it falls under.
    """
    found: list[tuple[str, str]] = []
    asked = (
        (SIGNATURE, rules.signatures, c.signatures),
        (FIELDS, rules.fields, c.filled),
        (ENCLOSURE, rules.enclosures, c.enclosed),
    )
    for code, needed, given in asked:
        found += [(code, part) for part in needed.get(c.document_type, ()) if part not in given]
    if c.medium in rules.unlasting_media and any(one in rules.lasting_classes for one in duties):
        found.append((PAPER, c.medium))
    if c.is_copy and not c.verified and c.document_type in rules.identity_types:
        found.append((VERIFICATION, c.document_type))
    return found


@papers.decide
def _hand_in(s: Papers, c: HandInDocument, now: Now) -> Iterator[Fact]:
    if c.document in s.papers:
        raise RuleNotMet(
            "history_immutable",
            f"{c.document} is in the catalogue and is never replaced",
            zh=f"{c.document} 已在目录中，只可补充，不得替换",
            rule="CORE-62",
            accepts=f"a further paper under a number of its own with supersedes={c.document!r}",
        )
    if c.supersedes is not None:
        paper_of(s, c.supersedes, "CORE-62")
    retention = now.rules(RetentionRules)
    duties = {*retention.duties(c.document_type, c.retention_class), c.retention_class or ""}
    faults = faults_of(c, now.rules(IntakeRules), sorted(duties))
    if faults:
        raise _rejected(c, faults)
    yield DocumentAccepted(
        document=c.document,
        document_type=c.document_type,
        formed_on=c.formed_on,
        pages=c.pages,
        medium=c.medium,
        title=c.title,
        signatures=c.signatures,
        signed_by=c.signed_by,
        supersedes=c.supersedes,
        event_on=c.event_on,
        is_copy=c.is_copy,
        verified=c.verified,
        retention_class=c.retention_class,
        made_later=c.event_on is not None and c.formed_on > c.event_on,
    )


def _rejected(c: HandInDocument, faults: list[tuple[str, str]]) -> Incomplete:
    named = [f"{code}: {what}" for code, what in faults]
    shown = "；".join(f"{FAULTS[code].zh}：{what}" for code, what in faults)
    return Incomplete(
        "intake_rejected",
        f"{c.document} is not taken in: {'; '.join(named)}",
        zh=f"{c.document} 不予接收：{shown}",
        rule="CORE-63",
        accepts="the paper with these faults mended",
        faults=named,
    ).keeping(
        DocumentRejected(
            document=c.document,
            document_type=c.document_type,
            formed_on=c.formed_on,
            pages=c.pages,
            faults=tuple(named),
            medium=c.medium,
            title=c.title,
            signatures=c.signatures,
            is_copy=c.is_copy,
        )
    )


@papers.decide
def _expect(s: Papers, c: ExpectDocument, now: Now) -> Iterator[Fact]:
    yield DocumentExpected(
        document_type=c.document_type, event_on=c.event_on, due_on=c.due_on, applies=c.applies
    )


@papers.decide
def _issue(s: Papers, c: IssueCatalogue, now: Now) -> Iterator[Fact]:
    yield CatalogueIssued(catalogue=c.catalogue, entries=tuple(s.catalogue()))


@papers.decide
def _shelve(s: Papers, c: ShelveDocument, now: Now) -> Iterator[Fact]:
    if c.document is not None:
        paper_of(s, c.document, "CORE-66")
    yield DocumentShelved(slot=c.slot, document=c.document, apart=c.apart)
