"""A made-up year, replayed: of any customer, at any cut, the ledger states what an office with a card index would work out.

A population lives a year, with late entries, corrections, voids, merges and undone merges. Everything is exported as plain
lines, and for customers and cuts drawn at random what a history states is compared with what the naive model works out from
those lines alone. What is compared:

- name, profile, status, contact points, external ids, roles, belonging, changes handed in, personal data restricted or erased
- maintainer, section, oversight, hand-overs, contact persons, concerns, stage of the life cycle, importance set by hand
- leads, opportunities, quotations, bids, plans, what is gathered before a contract, contracts in force
- orders line by line, receivables, what was lost, advances, exposure, warnings of receivables, expenses, toll material,
  installed products
- complaints, promises, feedback, needs, service requests, surveys, trials
- consents, preferences, messages, gifts, gatherings, age bands, campaigns and responses
- papers, loans, holds, slots, forms, teams, discussion, due items that were given to somebody or let go
"""

from __future__ import annotations

import ast
import json
import random
import sys
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

import guanxi
from guanxi import Ledger
from guanxi.kernel.history import History
from guanxi.relationship.access.submissions import Submissions
from guanxi.relationship.campaigns.targets import Targets
from guanxi.relationship.care.age_bands import AgeBands
from guanxi.relationship.care.gifts import Favours
from guanxi.relationship.care.messages import Messages
from guanxi.relationship.dealings.expenses import Expenses
from guanxi.relationship.dealings.installed import InstalledProducts
from guanxi.relationship.dealings.orders import Orders
from guanxi.relationship.dealings.toll import TollMaterials
from guanxi.relationship.documents.papers import Papers
from guanxi.relationship.due_items.marks import DueMarks
from guanxi.relationship.file.belonging import Belonging
from guanxi.relationship.file.identifiers import Identifiers
from guanxi.relationship.file.roles import Roles
from guanxi.relationship.governance.privacy import Privacy
from guanxi.relationship.ownership.handovers import Handovers
from guanxi.relationship.ownership.oversight import Oversight
from guanxi.relationship.ownership.sections import Section
from guanxi.relationship.people.contact_persons import ContactPersons
from guanxi.relationship.people.trust import Trust
from guanxi.relationship.pipeline.bids import Bids
from guanxi.relationship.pipeline.contract_gate import ContractGate
from guanxi.relationship.pipeline.plans import CustomerPlans
from guanxi.relationship.pipeline.quotations import Quotations
from guanxi.relationship.service.feedback import Feedback
from guanxi.relationship.service.needs import Needs
from guanxi.relationship.service.service_requests import ServiceRequests
from guanxi.relationship.service.surveys import Surveys
from guanxi.relationship.service.trials import Trials
from guanxi.relationship.together.forms import Forms
from guanxi.relationship.together.knowledge import Discussion
from guanxi.relationship.together.teams import Teams
from guanxi.testing.population import Population, live
from guanxi.testing.population.ruling import ROUTED
from tests.relationship.naive import exported, naive_subjects
from tests.relationship.naive import naive_relationship as naive
from tests.relationship.naive.test_replay_equals_naive import replayed

CUSTOMERS = 70
DRAWN = 40
"""Customers drawn at random, besides those whose year holds what is to be met."""
LAPSE_MONTHS, ROUTES = 6, {"web": ROUTED}
"""The rules under which the population lives, where they differ from the core's own."""
SECOND = timedelta(seconds=1)


# ---------------------------------------------------------------- the year, and what can be exported of it


@attrs.define(slots=False)
class Year:
    """A ledger that lived through a year, and its lines.

    Args:
        ledger: it.
        population: who lived.
        accounts: account numbers by stream, of customers and of files that were opened twice.
        lines: everything that was entered in their files, as plain lines.
        known: when each position of the log was entered.
    """

    ledger: Ledger
    population: Population
    accounts: dict[str, str]
    lines: list[dict[str, Any]]
    known: dict[int, datetime]

    @cached_property
    def _by_number(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for line in self.lines:
            found.setdefault(_number(line["file"]), []).append(line)
        return found

    def of(self, account: str) -> list[dict[str, Any]]:
        """Return the lines of one file."""
        return [line for line in self.around(account) if line["file"] == account]

    def around(self, account: str) -> list[dict[str, Any]]:
        """Return the lines of a file and of those that share its number, as doubles do."""
        return self._by_number[_number(account)]


def _number(account: str) -> str:
    return account[: len("SYN-000000")]


@pytest.fixture(scope="module")
def year() -> Iterator[Year]:
    population = Population(customers=CUSTOMERS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ledger = guanxi.open("sqlite://", plugins=[])
    live(ledger, population)
    yield Year(ledger, population, *_exported(ledger))
    ledger.close()


def _exported(ledger: Ledger) -> tuple[dict[str, str], list[dict[str, Any]], dict[int, datetime]]:
    accounts: dict[str, str] = {}
    lines: list[dict[str, Any]] = []
    known: dict[int, datetime] = {}
    position = 0
    while page := ledger.store.page(position, 2_000):
        position = page[-1].position
        for e in page:
            known[e.position] = datetime.fromisoformat(e.recorded_at)
            fields = ledger.codec.fields(e.name, e.schema_version, e.payload, e.stream, e.version)
            if e.name == "core.file_opened":
                accounts[e.stream] = fields["account"]
            if e.kind in ("fact", "act") and e.stream in accounts:
                lines.append(
                    {
                        "id": e.id, "file": accounts[e.stream], "name": e.name, "at": e.effective_from,
                        "recorded": e.recorded_at, "position": e.position, "target": e.target,
                        "fields": json.loads(json.dumps(fields, default=str)),
                    }
                )  # fmt: skip
    return accounts, lines, known


# ---------------------------------------------------------------- what the ledger states


def cards(history: History) -> dict[str, Any]:
    """Return what the ledger states of every subject that has a card."""
    state = history.state
    privacy, section, papers = state(Privacy), state(Section), state(Papers)
    messages, favours, gate = state(Messages), state(Favours), state(ContractGate)
    return {
        "identifiers": state(Identifiers).by_scheme,
        "roles": sorted(state(Roles).since),
        "ties": {k: sorted(t.other for t in ties) for k, ties in state(Belonging).ties.items() if ties},
        "submissions": {n: s.state for n, s in state(Submissions).by_number.items()},
        "privacy": {
            "requests": {n: r.answer for n, r in privacy.requests.items()},
            "restricted": sorted(family for _, family in privacy.restricted),
            "erased": sorted(family for _, family in privacy.erased),
        },
        "section": {"section": section.section, "asked": sorted(section.requests)},
        "overseers": sorted(x for x, scheme in state(Oversight).by_leader.items() if scheme is None),
        "handovers": {n: h.accepted is not None for n, h in state(Handovers).by_number.items()},
        "contact persons": {n: p.key_person for n, p in state(ContactPersons).by_id.items()},
        "concerns": {n: c.answer is not None for n, c in state(Trust).concerns.items()},
        "quotations": {n: v[max(v)].answer for n, v in state(Quotations).by_number.items()},
        "bids": {
            n: b.outcome or ("planned" if b.submitted_at is None else "submitted")
            for n, b in state(Bids).by_number.items()
        },
        "plans": {n: p.outcome for n, p in state(CustomerPlans).by_number.items()},
        "gate": {
            "investigations": sorted(gate.investigations),
            "decisions": {
                n: "approved" if taken[-1].approved else "returned" for n, taken in gate.decisions.items()
            },
            "confirmations": sorted(gate.confirmations),
        },
        "expenses": {n: (e.outcome, e.paid) for n, e in state(Expenses).claims.items()},
        "toll material": {n: m.on_hand for n, m in state(TollMaterials).materials.items()},
        "installed products": {
            n: sorted(p.parts) for n, p in state(InstalledProducts).products.items() if p.removed_on is None
        },
        "feedback": {n: "answered" if done else "begun" for n, done in state(Feedback).feedback.items()},
        "needs": {n: "answered" if x.answered else "begun" for n, x in state(Needs).needs.items()},
        "service requests": {n: r.state for n, r in state(ServiceRequests).requests.items()},
        "surveys": sorted(state(Surveys).scores.values()),
        "trials": {n: "begun" if x == "invited" else x for n, x in state(Trials).trials.items()},
        "preference": {"channels": list(messages.channels), "barred": messages.do_not_contact},
        "messages": {
            "sent": {n: touch.kind for n, touch in messages.sent.items()},
            "waits": sorted(messages.queued),
            "delivery": messages.delivery,
        },
        "favours": {"gifts": sorted(favours.gifts), "gatherings": sorted(favours.gatherings)},
        "age bands": state(AgeBands).bands,
        "campaigns": {
            "aimed": sorted(state(Targets).campaigns),
            "responses": sorted(state(Targets).responses),
        },
        "papers": {
            "papers": {n: "destroyed" if paper.destroyed else "begun" for n, paper in papers.papers.items()},
            "rejected": papers.rejected,
            "lent": sorted(papers.loans),
            "holds": sorted(papers.holds),
            "slots": papers.slots,
        },
        "forms": {
            n: (sum(len(by) for by in s.taken.values()), s.end) for n, s in state(Forms).submissions.items()
        },
        "teams": sorted((item, p) for (_, item), members in state(Teams).members.items() for p in members),
        "discussion": sorted(state(Discussion).posts),
        "due items": {
            "persons": {f"{c} {n}": who for (c, n), who in state(DueMarks).persons.items()},
            "waived": {f"{c} {n}": who for (c, n), who in state(DueMarks).waived.items()},
        },
    }


# ---------------------------------------------------------------- comparing


@attrs.define
class Comparing:
    """Compares what a ledger states with what its lines come to, and counts what it compared."""

    year: Year
    values: int = 0
    cuts: int = 0
    files: set[str] = attrs.field(factory=set)

    def at(self, account: str, as_of: datetime, known: datetime | int) -> None:
        """Compare one file at one cut, as known at a moment or at a position of the log."""
        history = self.year.ledger.history(account).as_known(known).as_of(as_of)
        if isinstance(known, int):
            known = history.cut.position or 0
        moment = self.year.known[known] if isinstance(known, int) else known
        told = exported.told_of(
            self.year.around(account), self.year.accounts, by_position=isinstance(known, int)
        )
        everything = [exported.understood(t) for t in naive.standing(told, known)]  # type: ignore[arg-type]
        orders = history.state(Orders)
        held = {n for n, o in orders.orders.items() if orders.held(o)}
        until = min(as_of, moment)
        worked_out = naive.answer_of(everything, account, as_of, until, held, LAPSE_MONTHS, ROUTES)
        worked_out["profile"] = _plain(worked_out["profile"])
        things = naive.shown(everything, account, as_of)
        worked_out |= {name: card(things) for name, card in naive_subjects.CARDS.items()}
        stated = replayed(history, as_of) | cards(history)
        stated["profile"] = _plain(stated["profile"])
        if self._was_classed(things):
            del stated["importance"]
        differing = {k: (stated[k], worked_out[k]) for k in stated if stated[k] != worked_out[k]}
        assert not differing, (account, as_of, known, differing)
        self.values += len(stated)
        self.cuts += 1
        self.files.add(account)

    @staticmethod
    def _was_classed(things: list[naive.Told]) -> bool:
        """Return whether other classes than those set by hand say how important he is."""
        return any(t["kind"] == "class_told" for t in things)


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def _moments(lines: list[dict[str, Any]]) -> list[datetime]:
    return [datetime.fromisoformat(line[key]) for line in lines for key in ("at", "recorded")]


@pytest.mark.parametrize(
    "model", [naive, naive_subjects, exported], ids=lambda m: m.__name__.rpartition(".")[2]
)
def test_the_naive_model_imports_nothing_of_the_library(model: ModuleType) -> None:
    tree = ast.parse(Path(str(model.__file__)).read_text(encoding="utf-8"))
    names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert [
        name for name in names if name.partition(".")[0] not in sys.stdlib_module_names | {"__future__"}
    ] == []


def test_any_customer_at_any_cut_is_what_his_lines_come_to(year: Year) -> None:
    draw, comparing = random.Random(20250101), Comparing(year)
    accounts = sorted(year.accounts.values())
    for account in draw.sample(accounts, DRAWN):
        moments = _moments(year.of(account))
        for _ in range(6):
            as_of, known = draw.choice(moments), draw.choice(moments)
            comparing.at(account, as_of + draw.choice((-1, 1)) * SECOND, known + SECOND)
        positions = [line["position"] for line in year.of(account)]
        for _ in range(3):
            comparing.at(account, draw.choice(moments) + SECOND, draw.choice(positions))
    assert len(comparing.files) == DRAWN
    assert comparing.cuts == 9 * DRAWN
    assert comparing.values > 15_000


MARKS = ("core.entry_corrected", "core.entry_voided", "core.files_merged", "core.merge_undone")
LATE = timedelta(days=32)
"""What is entered later than this was entered late: everything else comes in at the end of its month."""


def test_on_either_side_of_whatever_was_entered_late_set_right_merged_or_undone_it_is_too(
    year: Year,
) -> None:
    draw, comparing, met = random.Random(7), Comparing(year), dict.fromkeys((*MARKS, "late"), 0)
    places = sorted(year.known)
    for line in year.lines:
        at, recorded = datetime.fromisoformat(line["at"]), datetime.fromisoformat(line["recorded"])
        kind = line["name"] if line["name"] in MARKS else "late" if recorded - at > LATE else None
        if kind is None or met[kind] == 12:
            continue
        met[kind] += 1
        account, place = line["file"], line["position"]
        before = places[places.index(place) - 1]
        for known in (before, place, recorded - SECOND, recorded + SECOND):
            for as_of in (at - SECOND, at + SECOND, draw.choice(_moments(year.of(account)))):
                comparing.at(account, as_of, known)
    assert all(met.values()), met
    assert met["core.files_merged"] == met["core.merge_undone"], met
    assert comparing.cuts == 12 * sum(met.values())
