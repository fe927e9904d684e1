"""Stories of what is kept and worked on together: classes, papers, forms, discussions and due items."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from guanxi.relationship.documents.commands import (
    ApproveDestruction,
    DestroyDocument,
    ExpectDocument,
    HandInDocument,
    IssueCatalogue,
    LendDocument,
    LiftLegalHold,
    PlaceLegalHold,
    ReturnDocument,
    ShelveDocument,
)
from guanxi.relationship.due_items.commands import AssignDueItem, WaiveDueItem
from guanxi.relationship.grading.commands import (
    GradeCustomer,
    OverrideGrade,
    Part,
    StateClass,
    StateDeliveredValue,
    StateSignal,
)
from guanxi.relationship.ownership.commands import AssignOversight
from guanxi.relationship.together.commands import (
    FormDefinition,
    PostDiscussion,
    SubmitForm,
    TakeFormStep,
    WithdrawForm,
)
from guanxi.relationship.together.events import FlowStep, FormField
from guanxi.testing.population.telling import Step, Teller

PLUGIN, SCHEME, BORROWER = "syn", "syn.tier", "syn-archivist"
PAPERS = ("order_form", "letter", "photo")


def form_of(branch: int) -> FormDefinition:
    """Return the form of a branch, as its head defined it."""
    head = f"syn-{branch:04}-head"
    return FormDefinition(
        form=f"syn-request-{branch:04}",
        version=1,
        title="合成申请单",
        fields=(
            FormField(name="what", title="事项", required=True),
            FormField(name="note", family="service"),
        ),
        flow=(
            FlowStep(name="sign", kind="sign", people=(head,)),
            FlowStep(name="approve", kind="approve", people=(head,)),
        ),
    )


def classes(t: Teller) -> Iterator[Step]:
    """He is graded by points, put elsewhere by hand, and a plugin states signs, a class and what he gets."""
    yield t.say(0, 10, GradeCustomer(scheme="syn_points", score=Decimal(t.draw.randint(0, 100))), "head")
    over = OverrideGrade(
        scheme="importance",
        grade="2",
        until=t.day(40),
        reason="合成理由",
        approver=t.customer.staff("marketing"),
    )
    yield t.say(2, 10, over, "head")
    yield t.say(3, 10, AssignOversight(leader=t.customer.staff("leader"), scheme="importance"), "marketing")
    stated = StateClass(plugin=PLUGIN, scheme=SCHEME, grade="b", since=t.day(4))
    yield t.say(4, 10, stated, "desk")
    value = StateDeliveredValue(product=Part("100", "points"), money=Part("80", "points"))
    yield t.say(5, 10, value, "desk")


def signals(t: Teller) -> Iterator[Step]:
    """A plugin sees signs that he may leave, until they pass."""
    since = t.day(0)
    yield t.say(0, 10, StateSignal(plugin=PLUGIN, signal="silent", weight="strong", since=since), "desk")
    passed = StateSignal(plugin=PLUGIN, signal="silent", weight="strong", since=since, until=t.day(14))
    yield t.say(15, 10, passed, "desk")


def papers(t: Teller) -> Iterator[Step]:
    """A paper is called for, handed in, shelved, and lent for some days."""
    number, loan, kind = t.code("D"), t.code("LO"), t.draw.choice(PAPERS)
    yield t.say(0, 10, ExpectDocument(document_type=kind, event_on=t.day(0)), "desk")
    given = HandInDocument(
        document=number, document_type=kind, formed_on=t.day(0), pages=2, medium="printed", title="合成文件"
    )
    yield t.say(3, 10, given, "desk")
    yield t.say(4, 10, ShelveDocument(slot=f"S{t.customer.number % 9}", document=number), "desk")
    lent = LendDocument(
        loan=loan, document=number, borrower=BORROWER, purpose="合成查阅", signature="合成签字"
    )
    yield t.say(8, 10, lent, "desk")
    yield t.say(15, 10, ReturnDocument(loan=loan, condition="good"), "desk")


def bad_paper(t: Teller) -> Iterator[Step]:
    """A contract is handed in that nobody signed, and the contents list is issued."""
    given = HandInDocument(
        document=t.code("D"), document_type="contract", formed_on=t.day(0), pages=1, medium="printed"
    )
    yield t.say(0, 10, given, "desk")
    yield t.say(5, 10, IssueCatalogue(catalogue=t.code("CA")), "desk")


def held_paper(t: Teller) -> Iterator[Step]:
    """A court asks that papers be kept, and lets go."""
    number = t.code("LH")
    yield t.say(0, 10, PlaceLegalHold(hold=number, reason="合成保全"), "head")
    yield t.say(12, 10, LiftLegalHold(hold=number, reason="合成解除"), "head")


def destroyed_paper(t: Teller) -> Iterator[Step]:
    """A paper was destroyed although its time had not run; that is told, kept and flagged."""
    number, listed, head = t.code("D"), t.code("DL"), t.customer.staff("head")
    given = HandInDocument(
        document=number, document_type="photo", formed_on=t.day(0), pages=1, medium="printed"
    )
    yield t.say(0, 10, given, "desk")
    approve = ApproveDestruction(list_no=listed, approver=head, documents=(number,), reason="合成销毁")
    yield t.say(10, 10, approve, "desk", happened=True)
    destroy = DestroyDocument(
        document=number, list_no=listed, executor=t.customer.staff("desk"), supervisor=head
    )
    yield t.say(11, 10, destroy, "desk", happened=True)


def form(t: Teller) -> Iterator[Step]:
    """A form is handed in and goes its way, or is taken back."""
    number = t.code("FM")
    submitted = SubmitForm(
        submission=number,
        definition=form_of(t.customer.branch),
        values={"what": "合成事项", "note": "合成备注"},
    )
    yield t.say(0, 10, submitted)
    if t.draw.random() < 0.2:
        yield t.say(1, 10, WithdrawForm(submission=number, because="合成撤回"))
        return
    yield t.say(1, 10, TakeFormStep(submission=number, step="sign", done="signed"), "head")
    yield t.say(2, 10, TakeFormStep(submission=number, step="approve", done="approved"), "head")


def discussion(t: Teller) -> Iterator[Step]:
    """Two of the staff write about him."""
    yield t.say(0, 11, PostDiscussion(post=t.code("DI", 1), text="合成讨论"))
    yield t.say(1, 11, PostDiscussion(post=t.code("DI", 2), text="合成回复"), "head")


def due(t: Teller) -> Iterator[Step]:
    """A due item gets a named person, and another is let go."""
    assigned = AssignDueItem(
        cadence="core.contact_density", number=t.code("DU"), person=t.customer.staff("seller")
    )
    yield t.say(0, 10, assigned, "head")
    waived = WaiveDueItem(
        cadence="core.contact_density",
        number=t.code("DU"),
        reason="合成免除",
        person=t.customer.staff("seller"),
    )
    yield t.say(5, 10, waived, "head")
