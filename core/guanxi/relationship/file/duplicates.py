"""Files that seem to be of one party: certain by a legal identifier, probable by number and name, possible by less (CORE-12)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.facets import ADVISORY, Claim, Facet, Now, To
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Fact
from guanxi.kernel.privacy import Erased
from guanxi.kernel.standard import ClaimShared
from guanxi.relationship.file.commands import BeDismissed, DismissDuplicate
from guanxi.relationship.file.events import (
    ContactPointRecorded,
    ContactPointRetired,
    DuplicateDismissed,
    DuplicateSuspected,
    FileOpened,
    Level,
    ProfileFactRecorded,
)
from guanxi.relationship.file.identifiers import LEGAL, claim_kind
from guanxi.relationship.file.names import tied
from guanxi.relationship.governance.events import PersonalDataErased

MATCH = "core.match."
MOBILE_AND_NAME, NAME_AND_REGION = "mobile_and_name", "name_and_region"
POSSIBLE = ("mobile", "name_and_birth_date")
"""Evidence that makes a duplicate possible only: such pairs are listed, not suspected."""

_LEVELS: dict[str, tuple[Level, str]] = {
    MATCH + MOBILE_AND_NAME: ("probable", MOBILE_AND_NAME),
    MATCH + NAME_AND_REGION: ("probable", NAME_AND_REGION),
    **{claim_kind(scheme): ("certain", scheme) for scheme in LEGAL},
}
"""Level and evidence by kind of claim."""


@attrs.define
class Duplicates:
    """The other files suspected, with level and evidence; those dismissed, with the evidence that was looked at."""

    suspected: dict[str, dict[str, tuple[str, ...]]] = attrs.field(factory=dict)
    dismissed: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    party: str = ""
    name: str | Erased | None = None
    region: str | Erased | None = None
    mobiles: list[str] = attrs.field(factory=list)
    _ever: dict[tuple[str, str], None] = attrs.field(factory=dict)

    def note(self) -> None:
        """Keep by what other files may have been found alike so far."""
        if isinstance(self.name, str):
            for mobile in self.mobiles:
                self._ever[MATCH + MOBILE_AND_NAME, tied(mobile, self.name)] = None
            if isinstance(self.region, str):
                self._ever[MATCH + NAME_AND_REGION, tied(self.name, self.region)] = None

    def ever(self) -> Iterator[tuple[str, str]]:
        """Yield kind and value of all by which another file may have been found alike."""
        yield from self._ever

    def evidence(self, other: str) -> tuple[str, ...]:
        """Return the evidence on which another file is suspected."""
        return tuple(sorted({e for found in self.suspected.get(other, {}).values() for e in found}))


duplicates = Facet("core.duplicates", Duplicates, title=Label("Duplicates", "重复档案"))


@duplicates.evolve
def _opened(s: Duplicates, e: FileOpened) -> None:
    s.party, s.name = e.party, e.name
    s.note()


@duplicates.evolve
def _fact(s: Duplicates, e: ProfileFactRecorded) -> None:
    if e.field_name == "name":
        s.name = e.value
    elif e.field_name == "region":
        s.region = e.value
    s.note()


@duplicates.evolve
def _reached(s: Duplicates, e: ContactPointRecorded) -> None:
    if e.type == "mobile" and isinstance(e.value, str) and e.value not in s.mobiles:
        s.mobiles.append(e.value)
    s.note()


@duplicates.evolve
def _lost(s: Duplicates, e: ContactPointRetired) -> None:
    if isinstance(e.value, str) and e.value in s.mobiles:
        s.mobiles.remove(e.value)


@duplicates.evolve
def _suspected(s: Duplicates, e: DuplicateSuspected) -> None:
    s.suspected.setdefault(e.other, {})[e.level] = e.evidence


@duplicates.ended
def _cleared(s: Duplicates, e: DuplicateSuspected) -> None:
    found = s.suspected.get(e.other, {})
    found.pop(e.level, None)
    if not found:
        s.suspected.pop(e.other, None)


@duplicates.evolve
def _dismissed(s: Duplicates, e: DuplicateDismissed) -> None:
    s.suspected.pop(e.other, None)
    s.dismissed[e.other] = tuple(sorted({*s.dismissed.get(e.other, ()), *e.evidence}))


@duplicates.claim
def _is_alike(e: FileOpened | ProfileFactRecorded | ContactPointRecorded, s: Duplicates) -> Iterator[Claim]:
    if not isinstance(s.name, str):
        return
    if isinstance(e, ProfileFactRecorded) and e.field_name not in ("name", "region"):
        return
    numbers = (e.value,) if isinstance(e, ContactPointRecorded) else s.mobiles
    for mobile in s.mobiles:
        if mobile in numbers:
            yield Claim(MATCH + MOBILE_AND_NAME, tied(mobile, s.name), ADVISORY, told=True)
    if s.party == "organisation" and isinstance(s.region, str) and not isinstance(e, ContactPointRecorded):
        yield Claim(MATCH + NAME_AND_REGION, tied(s.name, s.region), ADVISORY, told=True)


@duplicates.claim
def _gives_up(e: PersonalDataErased, s: Duplicates) -> Iterator[Claim]:
    """Whose name or numbers were erased is found alike to nobody by them any more."""
    for kind, value in s.ever():
        by_number = kind == MATCH + MOBILE_AND_NAME
        if e.is_of_the_party("identity") or (by_number and e.is_of_the_party("contact")):
            yield Claim(kind, value, ADVISORY, release=True)


@duplicates.react("CORE-12")
def _suspect(s: Duplicates, e: ClaimShared, now: Now) -> Iterator[Decision]:
    level, evidence = _LEVELS.get(e.kind, (None, ""))
    if level is None:
        return
    for other in e.others:
        known = s.suspected.get(other, {}).get(level, ())
        if evidence not in known and evidence not in s.dismissed.get(other, ()):
            yield DuplicateSuspected(other=other, level=level, evidence=tuple(sorted((*known, evidence))))


@duplicates.decide
def _dismiss(s: Duplicates, c: DismissDuplicate, now: Now) -> Iterator[Fact | To]:
    if now.other == now.stream:
        raise Invalid(
            "link_to_itself",
            f"{now.subject} is no duplicate of itself",
            zh=f"{now.subject} 不是自身的重复档案",
            rule="CORE-12",
            accepts="another file",
        )
    evidence = tuple(sorted({*s.evidence(now.other), *POSSIBLE}))
    yield DuplicateDismissed(other=now.other, evidence=evidence)
    yield To(now.other, BeDismissed(other=now.stream, evidence=evidence))


@duplicates.decide
def _be_dismissed(s: Duplicates, c: BeDismissed, now: Now) -> Iterator[Fact]:
    evidence = tuple(sorted({*s.evidence(now.other), *c.evidence}))
    yield DuplicateDismissed(other=now.other, evidence=evidence)
