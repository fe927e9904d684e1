"""Stories of the file itself: opening, facts, contacts, roles, ties, doubles, closing and privacy."""

from __future__ import annotations

from collections.abc import Iterator

from guanxi.relationship.access.commands import RejectChange, SubmitChange
from guanxi.relationship.care.occasions import BIRTH_DATE
from guanxi.relationship.file.commands import (
    CloseRelationship,
    Contact,
    DismissDuplicate,
    EndRole,
    LinkParty,
    MergeFiles,
    OpenFile,
    RecordContactPoint,
    RecordIdentifier,
    RecordProfileFact,
    ReopenRelationship,
    RetireContactPoint,
    TakeRole,
    UndoMerge,
    UnlinkParty,
    VerifyProfile,
)
from guanxi.relationship.file.events import LinkType, Role
from guanxi.relationship.governance.commands import (
    AnswerRightsRequest,
    ErasePersonalData,
    LiftRestriction,
    ReceiveRightsRequest,
    RestrictProcessing,
)
from guanxi.relationship.ownership.commands import AssignMaintainer, AssignSection
from guanxi.relationship.people.commands import RecordWinBackAttempt
from guanxi.testing.population.people import BRANCH, SURNAMES, account, section_of
from guanxi.testing.population.telling import Step, Teller

ROLES: tuple[Role, ...] = ("referrer", "partner", "end_customer")


def opening(t: Teller) -> Iterator[Step]:
    """His file is opened, and he gets a section and a maintainer."""
    c = t.customer
    contacts = [Contact(type="mobile", value=c.mobile)]
    if not c.prospect:
        contacts.append(Contact(type="email", value=f"syn{c.number}@example.invalid"))
    yield t.say(
        0,
        9,
        OpenFile(
            party=c.party,
            name=c.name,
            source_channel=c.channel,
            contacts=tuple(contacts),
            profile={"region": c.region},
        ),
        "desk",
    )
    yield t.say(0, 9.25, AssignSection(section=section_of(c.branch)), "head")
    if c.channel != "web":  # those are routed
        yield t.say(0, 9.5, AssignMaintainer(person=c.staff("seller")), "head")
    day = f"{t.draw.randint(1950, 2004)}-{t.draw.randint(1, 12):02}-{t.draw.randint(1, 28):02}"
    if c.party == "person":
        yield t.say(0, 10, RecordProfileFact(field_name=BIRTH_DATE, value=day), "desk")
    else:
        yield t.say(0, 10, RecordProfileFact(field_name="founding_day", value=day), "desk")


def facts(t: Teller) -> Iterator[Step]:
    """Something of his file changes, and the rest is found unchanged; now and then it is put right later."""
    name = t.draw.choice(("address", "industry", "work_unit", "post", "hobby", "size"))
    value = f"合成{t.draw.choice(SURNAMES)}{t.draw.randint(1, 99)}号"
    slip = t.number == 0 and t.draw.random() < 0.1
    yield t.say(
        0,
        10,
        RecordProfileFact(field_name=name, value=value, family="basics"),
        "desk",
        mark="correct" if slip else None,
        fields={"value": f"{value}甲"} if slip else None,
    )
    yield t.say(t.draw.randint(1, 9), 11, VerifyProfile(families=("basics",)), "desk")


def submitted(t: Teller) -> Iterator[Step]:
    """Two changes are handed in for him: one is entered, the other refused."""
    one, two = t.code("SB", 1), t.code("SB", 2)
    yield t.say(0, 10, SubmitChange(submission=one, field_name="hobby", value="合成书法"))
    yield t.say(0, 11, SubmitChange(submission=two, field_name="hobby", value="合成未核", reason="合成"))
    yield t.say(2, 10, RecordProfileFact(field_name="hobby", value="合成书法"), "desk")
    yield t.say(3, 10, RejectChange(submission=two, reason="合成无据"), "desk")


def contacts(t: Teller) -> Iterator[Step]:
    """He tells a second number and gives up another one."""
    value = f"+86138{t.customer.number:06}{t.number:02}"
    yield t.say(0, 9.5, RecordContactPoint(type="mobile", value=value, verified=True), "desk")
    yield t.say(0, 9.75, RecordIdentifier(scheme="syn_card", value=t.code("K")), "desk", mark="void")
    yield t.say(20, 9.5, RetireContactPoint(type="mobile", value=value, reason="changed"), "desk")


def roles(t: Teller) -> Iterator[Step]:
    """He refers others, and later no more."""
    role = t.draw.choice(ROLES)
    yield t.say(0, 10.5, TakeRole(role=role))
    yield t.say(25, 10.5, EndRole(role=role))


def ties(t: Teller) -> Iterator[Step]:
    """He belongs to his branch's household or group for a while."""
    c = t.customer
    home = c.branch * BRANCH + (0 if c.party == "person" else 1)
    kind: LinkType = "household" if c.party == "person" else "group"
    link = LinkParty(other=account(home), link_type=kind)
    yield t.say(0, 10, link, "desk", order=True)
    if t.draw.random() < 0.5:
        yield t.say(28, 10, UnlinkParty(other=account(home), link_type=kind), "desk", order=True)


def double(t: Teller) -> Iterator[Step]:
    """His file is opened a second time, found out, merged, and parted again where it was somebody else."""
    c = t.customer
    other = f"{c.account}-D{t.number}"
    opened = OpenFile(
        party=c.party,
        name=c.name,
        source_channel="telephone",
        contacts=(Contact(type="mobile", value=c.mobile),),
        profile={"region": c.region},
    )
    yield t.say(0, 9, opened, "desk", subject=other)
    yield t.say(1, 11, RecordProfileFact(field_name="hobby", value="合成茶艺"), "desk", subject=other)
    if c.number % 2:
        yield t.say(24, 10, DismissDuplicate(other=other), "desk", order=True)
        return
    merge = MergeFiles(absorbed=other, maintainer=c.staff("seller"))
    yield t.say(24, 10, merge, "desk", order=True)
    yield t.say(35, 10, UndoMerge(absorbed=other), "desk", order=True)


def closing(t: Teller) -> Iterator[Step]:
    """He leaves one evening, is called, and comes back before the next day's work."""
    reason = t.draw.choice(("price", "service", "competitor_price"))
    yield t.say(0, 20, CloseRelationship(reason_code=reason), "head")
    yield t.say(1, 7, ReopenRelationship(reason_code="talked_to"), "head")


def winning_back(t: Teller) -> Iterator[Step]:
    """He has been silent for months, and somebody tries to win him back."""
    attempt = RecordWinBackAttempt(
        attempt=t.code("W"), by=t.customer.staff("seller"), offer="合成优惠", channel="phone"
    )
    yield t.say(0, 10, attempt, happened=True)


def rights(t: Teller) -> Iterator[Step]:
    """He asks what is held of him, and has its use restricted for an evening."""
    number = t.code("R")
    yield t.say(0, 14, ReceiveRightsRequest(request=number, right="know"), "desk")
    yield t.say(0, 20.1, RestrictProcessing(legal_basis=number, families=("marketing",)), "head")
    yield t.say(0, 20.9, LiftRestriction(legal_basis=number, families=("marketing",)), "head")
    yield t.say(5, 10, AnswerRightsRequest(request=number, answer="granted"), "head")


def erasing(t: Teller) -> Iterator[Step]:
    """On the last evening of the year what nobody has to keep is erased."""
    erase = ErasePersonalData(legal_basis="合成请求", families=("preference", "marketing"))
    yield t.say(0, 21, erase, "head")
