"""What a data subject may have us do: requests, families restricted for a duty, families erased (CORE-75)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.families import RETENTION_FAMILIES
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Act, Command, Fact
from guanxi.kernel.privacy import Erased
from guanxi.kernel.times import add_months
from guanxi.relationship.dealings.events import CreditTermsSet, OrderPlaced, ReceiptRecorded
from guanxi.relationship.documents.events import DocumentAccepted, LegalHoldLifted, LegalHoldPlaced
from guanxi.relationship.file.customer_file import CustomerFile, customer_file
from guanxi.relationship.governance.commands import (
    AnswerRightsRequest,
    ErasePersonalData,
    LiftRestriction,
    ReceiveRightsRequest,
    RestrictProcessing,
)
from guanxi.relationship.governance.events import (
    PersonalDataErased,
    ProcessingRestricted,
    RestrictionLifted,
    RightsRequestAnswered,
    RightsRequestReceived,
)
from guanxi.relationship.governance.rules import PrivacyRules
from guanxi.relationship.people.commands import NameContactPerson
from guanxi.relationship.pipeline.events import ContractAmended, ContractEnded, ContractSigned
from guanxi.relationship.service.events import ComplaintReceived, ServiceRequested

PARTY = ""
"""Stands for the file's own party where a data subject is named."""


@attrs.define
class RightsRequest:
    """One request as it stands."""

    right: str
    data_subject: str
    received_on: datetime
    answer: str | None = None
    answered_on: datetime | None = None


@attrs.define
class Privacy:
    """Requests, and what may be done with whose data."""

    requests: dict[str, RightsRequest] = attrs.field(factory=dict)
    restricted: dict[tuple[str, str], str | None] = attrs.field(factory=dict)
    erased: set[tuple[str, str]] = attrs.field(factory=set)
    under_duty: set[str] = attrs.field(factory=set)
    holds: set[str] = attrs.field(factory=set)
    signed: dict[str, list[str]] = attrs.field(factory=dict)
    running: dict[str, date | None] = attrs.field(factory=dict)

    def closed_to(self, family: str, data_subject: str = PARTY) -> bool:
        """Return whether nothing of a family may be used or added."""
        return (data_subject, family) in self.restricted or (data_subject, family) in self.erased

    def runs(self, contract: str, day: date) -> bool:
        """Return whether a contract runs on a day."""
        ends_on = self.running.get(contract)
        return contract in self.running and (ends_on is None or day <= ends_on)


privacy = Facet("core.privacy", Privacy, reads=(customer_file,), title=Label("Privacy", "个人信息"))


@privacy.evolve
def _asked(s: Privacy, e: RightsRequestReceived, at: datetime) -> None:
    s.requests[e.request] = RightsRequest(e.right, e.data_subject, at)


@privacy.evolve
def _answered(s: Privacy, e: RightsRequestAnswered, at: datetime) -> None:
    if e.request in s.requests:
        s.requests[e.request].answer, s.requests[e.request].answered_on = e.answer, at


@privacy.evolve
def _restricted(s: Privacy, e: ProcessingRestricted) -> None:
    s.restricted.update({(e.data_subject, family): e.until for family in e.families})


@privacy.evolve
def _lifted(s: Privacy, e: RestrictionLifted) -> None:
    for family in e.families:
        s.restricted.pop((e.data_subject, family), None)
        s.erased.discard((e.data_subject, family))


@privacy.evolve
def _erased(s: Privacy, e: PersonalDataErased) -> None:
    for family in e.families:
        s.restricted.pop((e.data_subject, family), None)
        s.erased.add((e.data_subject, family))


@privacy.evolve
def _holds(s: Privacy, e: LegalHoldPlaced | LegalHoldLifted) -> None:
    if isinstance(e, LegalHoldPlaced):
        s.holds.add(e.hold)
    else:
        s.holds.discard(e.hold)


@privacy.evolve
def _dealt(s: Privacy, e: ContractSigned | OrderPlaced | ReceiptRecorded) -> None:
    s.under_duty.add("dealings")
    if isinstance(e, ContractSigned):
        s.running[e.contract] = e.ends_on
        if not isinstance(e.parties, Erased):
            for person in e.parties:
                s.signed.setdefault(person, []).append(e.contract)


@privacy.evolve
def _amended(s: Privacy, e: ContractAmended) -> None:
    if e.contract in s.running and e.ends_on is not None:
        s.running[e.contract] = e.ends_on


@privacy.evolve
def _ended(s: Privacy, e: ContractEnded) -> None:
    s.running.pop(e.contract, None)


@privacy.evolve
def _served(s: Privacy, e: ComplaintReceived | ServiceRequested) -> None:
    s.under_duty.add("service")


@privacy.evolve
def _credited(s: Privacy, e: CreditTermsSet) -> None:
    s.under_duty.add("credit")


@privacy.evolve
def _filed(s: Privacy, e: DocumentAccepted) -> None:
    s.under_duty.add("document")


@privacy.decide
def _receive(s: Privacy, c: ReceiveRightsRequest, now: Now) -> Iterator[Fact]:
    if c.request in s.requests:
        raise Conflict(
            "identifier_taken",
            f"request {c.request} is on record",
            zh=f"请求 {c.request} 已登记",
            rule="CORE-75",
            accepts="another number",
        )
    yield RightsRequestReceived(
        request=c.request, right=c.right, data_subject=c.data_subject, families=c.families
    )


@privacy.decide
def _answer(s: Privacy, c: AnswerRightsRequest, now: Now) -> Iterator[Fact]:
    if c.request not in s.requests:
        raise Unknown(
            "unknown_code",
            f"there is no request {c.request}",
            zh=f"没有请求 {c.request}",
            rule="CORE-75",
            accepts="the number of a request received",
        )
    if c.answer == "refused" and not c.because.strip():
        raise Incomplete(
            "reason_missing",
            "a refusal says why",
            zh="拒绝须说明理由",
            rule="CORE-75",
            accepts="because=...",
        )
    yield RightsRequestAnswered(request=c.request, answer=c.answer, because=c.because or None)


@privacy.decide
def _erase(s: Privacy, c: ErasePersonalData, now: Now) -> Iterator[Fact]:
    now.require(
        not s.holds,
        "legal_hold",
        "CORE-75",
        "a legal hold stands on the file",
        zh="档案处于法律保全中",
        accepts="the erasure once the hold is lifted",
    )
    families = c.families or tuple(RETENTION_FAMILIES)
    duties = {
        **{f: None for f in families if f in c.needed},
        **duties_of(s, c.data_subject, families, _terms(now)),
    }
    gone = tuple(f for f in families if f not in duties and (c.data_subject, f) not in s.erased)
    if gone:
        yield PersonalDataErased(data_subject=c.data_subject, families=gone, legal_basis=c.legal_basis)
    yield from _restrictions(c.data_subject, duties, c.legal_basis)


@privacy.decide
def _restrict(s: Privacy, c: RestrictProcessing, now: Now) -> Iterator[Fact]:
    families = c.families or tuple(RETENTION_FAMILIES)
    duties = duties_of(s, c.data_subject, families, _terms(now))
    yield from _restrictions(c.data_subject, {f: duties.get(f) for f in families}, c.legal_basis)


@privacy.decide
def _lift(s: Privacy, c: LiftRestriction, now: Now) -> Iterator[Act]:
    closed = {f for subject, f in {*s.restricted, *s.erased} if subject == c.data_subject}
    families = tuple(f for f in RETENTION_FAMILIES if f in (set(c.families) or closed) & closed)
    now.require(
        bool(families),
        "not_restricted",
        "CORE-75",
        "nothing of it is restricted",
        zh="没有受限制的内容",
        accepts="families that are restricted or erased",
    )
    yield RestrictionLifted(data_subject=c.data_subject, families=families, legal_basis=c.legal_basis)


@privacy.gate
def _not_used(s: Privacy, c: Command, now: Now) -> None:
    family = family_of(c)
    if family is not None and s.closed_to(family):
        now.require(
            False,
            "processing_restricted",
            "CORE-75",
            f"the customer's {family} data are restricted or erased",
            zh=f"客户的“{family}”类信息已限制处理或删除",
            accepts="the same after the restriction is lifted",
        )


@privacy.gate
def _not_told(s: Privacy, c: NameContactPerson, now: Now) -> None:
    told = (("identity", c.name), ("contact", c.phone), ("preference", c.preferences or c.worries))
    for family, value in told:
        if value is not None and s.closed_to(family, c.person):
            now.require(
                False,
                "processing_restricted",
                "CORE-75",
                f"the {family} data of {c.person} are restricted or erased",
                zh=f"{c.person} 的“{family}”类信息已限制处理或删除",
                accepts="the same after the restriction is lifted",
            )


def family_of(command: Command) -> str | None:
    """Return the retention family of the party's own data that a command would use or add, where it is but one."""
    if "marketing" in (getattr(command, "kind", None), getattr(command, "purpose", None)):
        return "marketing"
    retention: str | None = getattr(command, "retention", None)
    return retention or _USED.get(type(command).stored_name)


_USED = {
    "core.record_profile_fact": "identity",
    "core.record_identifier": "identity",
    "core.record_contact_point": "contact",
    "core.target_customer": "marketing",
}


@attrs.frozen
class Terms:
    """What duties are reckoned by: the rules, when the relationship ended if it did, and the day."""

    rules: PrivacyRules
    closed_on: datetime | None
    day: date


def _terms(now: Now) -> Terms:
    return Terms(now.rules(PrivacyRules), now.of(CustomerFile).closed_on, now.at.date())


def duties_of(
    s: Privacy, data_subject: str, families: tuple[str, ...], terms: Terms
) -> dict[str, date | None]:
    """Return those of the families that a duty keeps, each with the last day of it; None while the relationship lasts.

    Of somebody other than the party, a duty keeps only what he signed: his name and signature, while the contract runs
    and then as long as the party's dealings are kept.

    Args:
        s: the file's.
        data_subject: whose; the party's own if empty.
        families: which.
        terms: by which rules, and on which day.
    """
    rules, closed = terms.rules, terms.closed_on
    contracts = s.signed.get(data_subject, ())
    if data_subject != PARTY and any(s.runs(n, terms.day) for n in contracts):
        return {f: None for f in families if f in ("dealings", *rules.needed_by_duty)}
    under_duty = s.under_duty if data_subject == PARTY else {"dealings"} if contracts else set()
    ends: dict[str, date | None] = {
        family: None if closed is None else add_months(closed.date(), 12 * years)
        for family, years in rules.retention_years.items()
        if family in under_duty
    }
    running = {f: end for f, end in ends.items() if end is None or end >= terms.day}
    if running:
        last = None if None in running.values() else max(d for d in running.values() if d is not None)
        running.update({f: last for f in rules.needed_by_duty if f not in running})
    return {f: running[f] for f in families if f in running}


def _restrictions(
    data_subject: str, duties: dict[str, date | None], legal_basis: str
) -> Iterator[ProcessingRestricted]:
    """Yield one restriction for each last day."""
    for until in dict.fromkeys(duties.values()):
        yield ProcessingRestricted(
            data_subject=data_subject,
            families=tuple(f for f, end in duties.items() if end == until),
            legal_basis=legal_basis,
            until=None if until is None else until.isoformat(),
        )
