"""External ids of a customer: identity papers, registrations, cards and keys of other systems; who may hold which, and how long."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.facets import ADVISORY, FOR_EVER, WHILE_ACTIVE, Claim, Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.privacy import Erased
from guanxi.relationship.file.commands import RecordIdentifier
from guanxi.relationship.file.events import IdentifierRecorded
from guanxi.relationship.governance.events import PersonalDataErased

PRC_ID, CREDIT_CODE, PASSPORT, MOBILE, EMAIL = "prc_id", "credit_code", "passport", "mobile", "email"
POLICIES = {
    PRC_ID: WHILE_ACTIVE,
    CREDIT_CODE: WHILE_ACTIVE,
    PASSPORT: WHILE_ACTIVE,
    MOBILE: ADVISORY,
    EMAIL: ADVISORY,
}
"""Claim policy of known schemes (CORE-95); a key of any other system is held for ever."""

LEGAL = (PRC_ID, CREDIT_CODE, PASSPORT)
"""Schemes that belong to the party itself: the same one in two files is a certain duplicate (CORE-12)."""

_PREFIX = "core.identifier."


def claim_kind(scheme: str) -> str:
    """Return the claim kind of an identifier scheme."""
    return _PREFIX + scheme


def normalise(scheme: str, value: str) -> str:
    """Return an identifier as compared: without blanks and dashes, in capitals, checked where its scheme is known (CORE-11).

    Raises:
        Invalid: ``invalid_identifier``.
    """
    if scheme == EMAIL:
        return value.strip().casefold()
    text = re.sub(r"[\s-]", "", value).upper()
    valid = {PRC_ID: _prc_id, CREDIT_CODE: _credit_code}.get(scheme, bool)(text)
    if not valid:
        raise Invalid(
            "invalid_identifier",
            f"that is no valid {scheme}",
            zh=f"不是有效的 {scheme}",
            rule="CORE-11",
            accepts="a number whose check digit is right",
        )
    return text


def _prc_id(text: str) -> bool:
    """ISO 7064 mod 11-2 over 17 digits and a check character."""
    if not re.fullmatch(r"\d{17}[\dX]", text):
        return False
    total = 0
    for ch in text[:-1]:
        total = (total + int(ch)) * 2 % 11
    return (total + (10 if text[-1] == "X" else int(text[-1]))) % 11 == 1


_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _credit_code(text: str) -> bool:
    """Weighted sum mod 31 over 17 characters and a check character."""
    if len(text) != 18 or any(c not in _CODE for c in text):
        return False
    total = sum(_CODE.index(c) * pow(3, i, 31) for i, c in enumerate(text[:-1]))
    return _CODE[(31 - total % 31) % 31] == text[-1]


@attrs.define
class Identifiers:
    """The external ids on file, by scheme."""

    by_scheme: dict[str, list[str | Erased]] = attrs.field(factory=dict)


identifiers = Facet("core.identifiers", Identifiers, title=Label("External ids", "外部标识"))


@identifiers.evolve
def _recorded(s: Identifiers, e: IdentifierRecorded) -> None:
    s.by_scheme.setdefault(e.scheme, []).append(e.value)


@identifiers.decide
def _record(s: Identifiers, c: RecordIdentifier, now: Now) -> Iterator[Fact]:
    value = normalise(c.scheme, c.value)
    if value not in s.by_scheme.get(c.scheme, ()):
        yield IdentifierRecorded(scheme=c.scheme, value=value, issuer=c.issuer, evidence=c.evidence)


@identifiers.claim
def _takes(e: IdentifierRecorded) -> Iterator[Claim]:
    if isinstance(e.value, str):
        code = "duplicate_party" if e.scheme in LEGAL else "identifier_taken"
        policy = POLICIES.get(e.scheme, FOR_EVER)
        yield Claim(claim_kind(e.scheme), e.value, policy, code=code, told=e.scheme in LEGAL)


@identifiers.claim
def _gives_up(e: PersonalDataErased, s: Identifiers) -> Iterator[Claim]:
    """A personal identifier's claim goes with its value; a number that was issued is never given again (CORE-95)."""
    if e.is_of_the_party("identity"):
        for scheme, values in s.by_scheme.items():
            for value in values:
                if isinstance(value, str) and POLICIES.get(scheme, FOR_EVER) != FOR_EVER:
                    yield Claim(claim_kind(scheme), value, POLICIES[scheme], release=True)
