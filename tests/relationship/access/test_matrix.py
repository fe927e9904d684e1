"""Every role against every operation: what somebody of section 1 gets on a customer of section 1 that ann maintains (CORE-67)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import get_args

import pytest

from guanxi import Command, GuanxiError, Ledger, OpenFile, RuleSet
from guanxi.kernel.access import READING, Operation, ReadingOperation, WritingOperation, let_in
from guanxi.kernel.rules import Supposed
from guanxi.kernel.runs.record import RecordRunLines
from guanxi.relationship.access.calls import answer_call
from guanxi.relationship.access.commands import (
    EstablishPost,
    FreezeAccount,
    KeepView,
    LogIn,
    RecordDeparture,
    RequestAccountChange,
    SetLevel,
)
from guanxi.relationship.access.deeds import _DEED_OF, SOFTWARE
from guanxi.relationship.access.rules import AccessRules, AccountRules
from guanxi.relationship.access.streams import post_stream, staff_stream
from guanxi.relationship.campaigns.commands import NoteOtherHead
from guanxi.relationship.documents.commands import ReturnDocument
from guanxi.relationship.due_items.commands import AssignDueItem, WaiveDueItem
from guanxi.relationship.file.commands import (
    BeAbsorbed,
    BeReleased,
    BeShownAlong,
    CloseRelationship,
    MergeFiles,
)
from guanxi.relationship.file.recognition import look_up, recognise
from guanxi.relationship.grading.commands import TellClass
from guanxi.relationship.ownership.commands import (
    AssignMaintainer,
    AssignOversight,
    AssignSection,
    ProposeHandover,
)
from tests.relationship.access.offices import PEOPLE, Office
from tests.relationship.access.test_examples import ADDRESS, CALL, complaint

MATRIX = """
operation          vice marketing head ann bob clerk1 root desk1 files1 adviser audit head2 eve nobody
read a file        +    A         +    +   L   A      A    +     +      L       +     S     S   A
list his due items +    A         +    +   L   A      A    +     +      L       +     S     S   A
search everywhere  +    A         S    S   S   A      A    S     S      A       +     S     S   A
search section 1   +    A         +    L   L   A      A    +     +      A       +     S     S   A
report everywhere  +    A         S    S   S   A      A    S     S      A       +     S     S   A
find by identifier +    A         S    S   S   A      A    S     S      A       +     S     S   A
follow the log     +    A         S    S   S   A      A    S     S      A       +     S     S   A
suppose rules      +    A         S    S   S   A      A    S     S      A       +     S     S   A
submit complaint   A    A         +    +   +   A      A    +     +      +       A     S     S   A
propose hand-over  A    A         +    +   +   A      A    +     +      +       A     S     S   A
record action      A    A         A    +   A   A      A    A     A      A       A     S     S   A
post address       A    A         A    A   A   A      A    +     A      A       A     A     A   A
assign due item    +    A         +    A   A   A      A    A     A      A       A     S     A   A
waive due item     A    A         +    A   A   A      A    A     A      A       A     S     A   A
assign oversight   A    A         +    A   A   A      A    A     A      A       A     S     A   A
open a file        A    A         A    A   A   A      A    +     A      A       A     A     A   A
link two files     A    A         A    A   A   A      A    +     A      A       A     A     A   A
correct ann's call A    A         +    +   A   A      A    +     +      A       A     S     S   A
void ann's call    A    A         +    +   A   A      A    +     +      A       A     S     S   A
log in as himself  +    +         +    +   +   +      +    +     +      +       +     +     +   -
submit a leaver    A    A         A    A   A   +      A    A     A      A       A     A     A   A
record a departure A    A         A    A   A   +      A    A     A      A       A     A     A   A
freeze an account  +    +         +    A   A   +      A    A     A      A       A     S     A   A
set a level        +    A         +    A   A   A      A    A     A      A       A     S     S   A
establish a post   +    A         +    A   A   A      A    A     A      A       A     S     S   A
publish rules      +    +         S    S   S   A      A    S     A      A       A     S     S   A
see the whole view +    A         +    +   L   A      A    +     +      L       +     S     S   A
look up a file     +    A         +    +   L   A      A    +     +      L       +     S     S   A
look up a caller   +    A         S    S   S   A      A    S     S      A       +     S     S   A
answer a call      +    A         +    +   +   A      A    +     +      +       +     +     +   A
assign a customer  +    A         +    A   A   A      A    A     A      A       A     S     A   A
move to section 2  A    +         A    A   A   A      A    A     A      A       A     A     A   A
close the file     A    A         A    A   A   A      A    +     A      A       A     A     A   A
merge two files    A    A         A    A   A   A      A    +     A      A       A     A     A   A
take a paper back  A    A         A    A   A   A      A    A     +      A       A     A     A   A
carry out a run    +    +         S    S   S   A      A    S     A      A       A     S     S   A
carry out runs     +    +         S    S   S   A      A    S     A      A       A     S     S   A
be absorbed        A    A         A    A   A   A      A    A     A      A       A     A     A   A
be released        A    A         A    A   A   A      A    A     A      A       A     A     A   A
be shown along     A    A         A    A   A   A      A    A     A      A       A     A     A   A
tell a run's class A    A         A    A   A   A      A    A     A      A       A     A     A   A
record run lines   A    A         A    A   A   A      A    A     A      A       A     A     A   A
note other head    A    A         A    A   A   A      A    A     A      A       A     A     A   A
keep a view        A    A         A    A   A   A      A    A     A      A       A     A     A   A
"""
"""+ may, A not_authorised, S section_closed, L lookup_not_approved, - cannot be told."""

CODES = {"A": "not_authorised", "S": "section_closed", "L": "lookup_not_approved"}
DUE = {"cadence": "core.complaint_notice", "number": "K-1"}


def _correct(ledger: Ledger, who: str, entry: str) -> None:
    ledger.correct(entry, {"content": "called twice"}, reason="slip")


INTERNAL: dict[str, Command] = {
    "be absorbed": BeAbsorbed(survivor="C-2", party="person", maintained=True, choices={}, maintainer=None),
    "be released": BeReleased(survivor="C-2"),
    "be shown along": BeShownAlong(survivor="C-2"),
    "tell a run's class": TellClass(scheme="abc", graded_on=date(2025, 5, 1), grade="A", rank=1),
    "record run lines": RecordRunLines(part=1, lines=()),
    "note other head": NoteOtherHead(other_campaign="K-2", running=True),
    "keep a view": KeepView(customer="C-1", operation="history"),
}
"""What only other commands, runs and the door itself give."""

OPERATIONS: dict[str, Callable[[Ledger, str, str], object]] = {
    "read a file": lambda ledger, who, entry: ledger.history("C-1"),
    "list his due items": lambda ledger, who, entry: ledger.due_items(customer="C-1"),
    "search everywhere": lambda ledger, who, entry: ledger.search(name="core.file_opened"),
    "search section 1": lambda ledger, who, entry: ledger.search(section="1"),
    "report everywhere": lambda ledger, who, entry: ledger.report("core.files"),
    "find by identifier": lambda ledger, who, entry: ledger.find_by("core.identifier.till", "7"),
    "follow the log": lambda ledger, who, entry: ledger.subscribe(),
    "suppose rules": lambda ledger, who, entry: ledger.what_if(
        Supposed(AccountRules, {"silent_days": 7}), subjects=[]
    ),
    "submit complaint": lambda ledger, who, entry: ledger.execute("C-1", complaint(), actor=who),
    "propose hand-over": lambda ledger, who, entry: ledger.execute(
        "C-1", ProposeHandover(handover="H-1", receiver="bob"), actor=who
    ),
    "record action": lambda ledger, who, entry: ledger.execute("C-1", CALL, actor=who),
    "post address": lambda ledger, who, entry: ledger.execute("C-1", ADDRESS, actor=who),
    "assign due item": lambda ledger, who, entry: ledger.execute(
        "C-1", AssignDueItem(person="bob", **DUE), actor=who
    ),
    "waive due item": lambda ledger, who, entry: ledger.execute(
        "C-1", WaiveDueItem(reason="abroad", **DUE), actor=who
    ),
    "assign oversight": lambda ledger, who, entry: ledger.execute(
        "C-1", AssignOversight(leader="head"), actor=who
    ),
    "open a file": lambda ledger, who, entry: ledger.execute("C-7", OpenFile(), actor=who),
    "link two files": lambda ledger, who, entry: ledger.link(
        "C-1", "C-2", mode="whole", link_type="group", actor=who, reason="same firm"
    ),
    "correct ann's call": _correct,
    "void ann's call": lambda ledger, who, entry: ledger.void(entry, actor=who, reason="slip"),
    "log in as himself": lambda ledger, who, entry: ledger.execute(staff_stream(who), LogIn(), actor=who),
    "submit a leaver": lambda ledger, who, entry: ledger.execute(
        staff_stream("bob"), RequestAccountChange(change="X-1", reason="leaves", handling="close"), actor=who
    ),
    "record a departure": lambda ledger, who, entry: ledger.execute(
        staff_stream("bob"), RecordDeparture(departure="D-1", leaves_on=ledger.clock().date()), actor=who
    ),
    "freeze an account": lambda ledger, who, entry: ledger.execute(
        staff_stream("bob"), FreezeAccount(reason="means to leave"), actor=who
    ),
    "set a level": lambda ledger, who, entry: ledger.execute(
        staff_stream("bob"), SetLevel(section="1", level=2), actor=who
    ),
    "establish a post": lambda ledger, who, entry: ledger.execute(
        post_stream("new"), EstablishPost(role="business", section="1"), actor=who
    ),
    "publish rules": lambda ledger, who, entry: ledger.publish(
        AccountRules(silent_days=7), effective_from=ledger.clock(), by=who, approved_by="board"
    ),
    "see the whole view": lambda ledger, who, entry: ledger.whole_view("C-1"),
    "look up a file": lambda ledger, who, entry: look_up(ledger, "C-1"),
    "look up a caller": lambda ledger, who, entry: recognise(ledger, "13800138000"),
    "answer a call": lambda ledger, who, entry: answer_call(ledger, "13800138000", agent=who),
    "assign a customer": lambda ledger, who, entry: ledger.execute(
        "C-1", AssignMaintainer(person="bob"), actor=who
    ),
    "move to section 2": lambda ledger, who, entry: ledger.execute(
        "C-1", AssignSection(section="2"), actor=who
    ),
    "close the file": lambda ledger, who, entry: ledger.execute(
        "C-1", CloseRelationship(reason_code="relocation"), actor=who
    ),
    "merge two files": lambda ledger, who, entry: ledger.execute(
        "C-1", MergeFiles(absorbed="C-2"), actor=who
    ),
    "take a paper back": lambda ledger, who, entry: ledger.execute(
        "C-1", ReturnDocument(loan="L-1", condition="whole"), actor=who
    ),
    "carry out a run": lambda ledger, who, entry: ledger.run("core.abc_classes", actor=who),
    "carry out runs": lambda ledger, who, entry: ledger.run_each("core.abc_classes", [{}], actor=who),
    **{
        what: lambda ledger, who, entry, command=command: ledger.execute("C-1", command, actor=who)  # type: ignore[misc]
        for what, command in INTERNAL.items()
    },
}


def _cells() -> list[tuple[str, str, str]]:
    heading, *lines = MATRIX.strip().splitlines()
    users = heading[19:].split()
    return [
        (line[:19].strip(), user, outcome)
        for line in lines
        for user, outcome in zip(users, line[19:].split(), strict=True)
    ]


@pytest.fixture(scope="module", params=list(OPERATIONS))
def tried(request: pytest.FixtureRequest) -> dict[tuple[str, str], str]:
    """What each user gets when he tries one operation."""
    with Office() as office:
        with let_in():
            entry = office.ledger.execute("C-1", CALL, actor="ann").entries[0].id
        return {
            (request.param, user): _outcome(office, OPERATIONS[request.param], user, entry)
            for user in (*PEOPLE, "nobody")
        }


def _outcome(office: Office, operation: Callable[[Ledger, str, str], object], user: str, entry: str) -> str:
    """Return the code by which the door refuses, or + where it lets in, whatever a rule says then."""
    before = len(office.attempts(user))
    with suppress(GuanxiError):
        operation(office.as_(user), user, entry)
    return next(iter(office.attempts(user)[before:]), "+")


@pytest.mark.rule("CORE-67")
def test_each_role_gets_what_the_table_says(tried: dict[tuple[str, str], str]) -> None:
    expected = {(op, user): CODES.get(outcome, outcome) for op, user, outcome in _cells()}
    wanted = {key: expected[key] for key in tried if expected[key] != "-"}
    assert {key: tried[key] for key in wanted} == wanted


def test_the_table_names_every_operation_and_everybody() -> None:
    assert {op for op, _, _ in _cells()} == set(OPERATIONS)
    assert {user for _, user, _ in _cells()} == {*PEOPLE, "nobody"}
    assert issubclass(AccessRules, RuleSet)
    assert {get_args(part) for part in get_args(Operation)} == {
        get_args(WritingOperation),
        get_args(ReadingOperation),
    }
    assert set(READING) == set(get_args(ReadingOperation))


def test_what_only_the_software_gives_counts_as_nothing_that_a_role_may_do() -> None:
    assert not SOFTWARE & set(_DEED_OF)
    assert {c.stored_name for c in INTERNAL.values()} <= SOFTWARE
