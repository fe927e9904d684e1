"""Random histories of a customer, told to a ledger whose clock only the test moves and, in plain words, to the naive model."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

from guanxi import Command, Ledger, Money, OpenFile, Refusal
from guanxi.kernel.telling import Source
from guanxi.relationship.care.commands import GiveConsent, WithdrawConsent
from guanxi.relationship.dealings import commands as dealings
from guanxi.relationship.dealings.events import LineQuantity, OrderLine
from guanxi.relationship.file import commands as file
from guanxi.relationship.grading.commands import OverrideGrade
from guanxi.relationship.ownership import commands as ownership
from guanxi.relationship.pipeline import commands as pipeline
from guanxi.relationship.service import commands as service
from tests.relationship.naive import naive_relationship as naive

START = datetime(2022, 1, 3, 2, tzinfo=UTC)
OPENED = START - timedelta(days=400)
LAGS = (0, 0, 0, 0, 0, 1, 5, 40, 200)
PAUSES = (0, 0, 1, 2, 3, 5, 9, 20, 35, 100, 400)
STAGES = ("confirmed", "decision_relations", "quotation", "negotiation", "contract")
PEOPLE = ("Ann", "Bo", "Cui")
MOBILES = ("+8613800138000", "+8613800138001", "+8613800138002")

Plain = tuple[str, dict[str, Any]]


@attrs.frozen
class Step:
    """Something that comes in: what, two figures to choose by, days since the step before, and days late."""

    kind: str
    a: int
    b: int
    days: int
    lag: int
    happened: bool


def steps(
    kinds: tuple[str, ...], smallest: int, largest: int, lags: tuple[int, ...] = LAGS
) -> st.SearchStrategy[list[Step]]:
    """Histories of some steps of some kinds."""
    one = st.builds(
        Step,
        kind=st.sampled_from(kinds),
        a=st.integers(0, 99),
        b=st.integers(0, 99),
        days=st.sampled_from(PAUSES),
        lag=st.sampled_from(lags),
        happened=st.sampled_from((True, True, False)) if len(lags) > 1 else st.just(False),
    )
    return st.lists(one, min_size=smallest, max_size=largest)


def cny(amount: Decimal | int) -> Money:
    return Money(amount, "CNY")


SHARED = "M-both-"
"""What the numbers of receipts begin with that come in for every file."""


class Teller:
    """Tells steps to a ledger, and notes in plain words what was taken in."""

    def __init__(self, ledger: Ledger, *files: str) -> None:
        self.ledger, self.files = ledger, files
        self.told: list[naive.Told] = []
        self.numbers: dict[tuple[str, str], list[Any]] = {}
        self.count = 0
        self.now = START
        ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]
        for name in files:
            self._execute(
                name, OpenFile(name=f"{name} Ltd"), [("opened", {"name": f"{name} Ltd"})], OPENED, True
            )

    def tell(self, step: Step) -> None:
        """Tell a step; what the ledger refuses was not told."""
        self.now += timedelta(days=step.days, seconds=7)
        self.count += 1
        name = self.files[step.b % len(self.files)]
        at = self.now - timedelta(days=step.lag)
        try:
            if step.kind in ("correct", "redate", "void"):
                self._mark(step)
            elif step.kind in ("merge", "undo"):
                self._link(step, at)
            else:
                made = getattr(self, f"_{step.kind}")(name, step, at)
                if made is not None:
                    self._execute(name, *made, at, step.happened)
        except Refusal:
            return

    # ---------------------------------------------------------------- entering

    def _execute(
        self, name: str, command: Command, plain: list[Plain], at: datetime, happened: bool, **envelope: Any
    ) -> None:
        ahead = envelope.pop("ahead", None)
        outcome = self.ledger.execute(
            name, command, actor="clerk", occurred_at=at, effective_from=ahead, reason="late", happened=happened,
            **envelope,
        )  # fmt: skip
        entries = [
            e for e in outcome.entries if e.kind != "decision" and not e.name.startswith("core.breach_")
        ]
        if not entries:
            return
        if len(entries) < len(plain) and plain[-1][0] == "opportunity_assigned":
            plain = plain[:-1]  # the lead that hands its assignee on has none any more
        assert len(entries) == len(plain), (command, [e.name for e in entries])
        source = envelope.get("source")
        for entry, (kind, fields) in zip(entries, plain, strict=True):
            # Of a receipt that came in for both, it may be the other file's that is meant: this one's may be void.
            of_both = kind != "receipt" and str(fields.get("receipt")).startswith(SHARED)
            file = self._file_of(entry.id) if of_both else name
            self._note(entry.id, file, kind, fields, ahead or at, None if source is None else str(source))

    def _file_of(self, entry: str) -> str:
        stream = entry.rpartition("/")[0]
        return next(file for file in self.files if self.ledger.find(file) == stream)

    def _note(
        self,
        entry: str,
        name: str,
        kind: str,
        fields: dict[str, Any],
        at: datetime | None,
        source: str | None,
    ) -> None:
        self.told.append(
            {
                "id": entry, "file": name, "kind": kind, "at": at, "known": self.now, "n": len(self.told),
                "source": source, "fields": fields, "target": None,
            }
        )  # fmt: skip

    def _view(self, name: str, at: datetime) -> list[naive.Told]:
        """Return what the naive model shows of a file at a moment, as known now."""
        return naive.shown(naive.standing(self.told, self.now), name, at)

    def _new(self, name: str, what: str, *also: Any) -> str:
        number = f"{what}-{name}-{self.count}"
        self.numbers.setdefault((name, what), []).append((number, *also) if also else number)
        return number

    def _one(self, name: str, what: str, choose: int) -> Any:
        there = self.numbers.get((name, what), [])
        return there[-1 - choose % min(len(there), 4)] if there else None

    # ---------------------------------------------------------------- the file

    def _profile(self, name: str, s: Step, at: datetime) -> Any:
        field = ("name", "region", "industry")[s.a % 3]
        fields = {"field_name": field, "value": f"value {s.b}"}
        return file.RecordProfileFact(**fields), [("profile", fields)]

    def _contact(self, name: str, s: Step, at: datetime) -> Any:
        fields = {"type": "mobile", "value": MOBILES[s.a % 3]}
        return file.RecordContactPoint(**fields), [("contact", {**fields, "point": f"point {self.count}"})]

    def _retire(self, name: str, s: Step, at: datetime) -> Any:
        fields = {"type": "mobile", "value": MOBILES[s.a % 3]}
        points = naive.file_card(self._view(name, at), name)["points"]
        number = next((n for n, p in points.items() if p == ("mobile", fields["value"])), "")
        return file.RetireContactPoint(**fields), [("contact_retired", {**fields, "point": number})]

    def _close(self, name: str, s: Step, at: datetime) -> Any:
        return file.CloseRelationship(reason_code="price"), [("closed", {})]

    def _reopen(self, name: str, s: Step, at: datetime) -> Any:
        return file.ReopenRelationship(reason_code="back"), [("reopened", {})]

    def _consent(self, name: str, s: Step, at: datetime) -> Any:
        fields = {"channel": ("any", "sms", "email")[s.a % 3]}
        if s.b % 2:
            return WithdrawConsent(**fields), [("consent_withdrawn", fields)]
        return GiveConsent(wording_version="1", **fields), [("consent", fields)]

    def _importance(self, name: str, s: Step, at: datetime) -> Any:
        fields = {"grade": str(1 + s.a % 4), "until": naive.day_of(at) + timedelta(days=s.b)}
        command = OverrideGrade(scheme="importance", reason="known well", approver="board", **fields)
        return command, [("importance", fields)]

    # ---------------------------------------------------------------- who answers

    def _maintainer(self, name: str, s: Step, at: datetime) -> Any:
        fields = {"person": PEOPLE[s.a % 3]}
        return ownership.AssignMaintainer(**fields), [("maintainer", fields)]

    def _release(self, name: str, s: Step, at: datetime) -> Any:
        person = naive.maintainer(self._view(name, at), name)
        return ownership.ReleaseMaintainer(basis="leaves"), [("released", {"person": person})]

    def _propose(self, name: str, s: Step, at: datetime) -> Any:
        giver = naive.maintainer(self._view(name, at), name)
        fields = {"giver": giver or "", "receiver": PEOPLE[s.a % 3], "handover": self._new(name, "H", s.a)}
        command = ownership.ProposeHandover(handover=fields["handover"], receiver=fields["receiver"])
        return command, [("handover_proposed", fields)]

    def _accept(self, name: str, s: Step, at: datetime) -> Any:
        proposed = [t for t in self._view(name, at) if t["kind"] == "handover_proposed"]
        if not proposed:
            return None
        fields = dict(proposed[-1 - s.a % len(proposed)]["fields"])
        command = ownership.AcceptHandover(
            handover=fields["handover"], giver_signature="g", receiver_signature="r"
        )
        return command, [("handover", fields)]

    # ---------------------------------------------------------------- leads, opportunities, contracts

    def _action(self, name: str, s: Step, at: datetime) -> Any:
        lead = self._one(name, "L", s.a)
        fields = {
            "kind": ("call", "visit", "negotiation")[s.a % 3],
            "two_way": s.b % 3 > 0,
            "bulk": s.b % 7 == 0,
        }
        about = {} if lead is None or s.b % 2 else {"item_kind": "lead", "item": lead}
        return pipeline.RecordAction(**fields, **about), [("action", {**fields, "lead": about.get("item")})]

    def _quotation(self, name: str, s: Step, at: datetime) -> Any:
        command = pipeline.IssueQuotation(
            quotation=self._new(name, "Q"), amount=cny(s.a), valid_until=naive.day_of(at) + timedelta(days=30)
        )
        return command, [("quotation", {})]

    def _lead(self, name: str, s: Step, at: datetime) -> Any:
        number = self._new(name, "L")
        plain: list[Plain] = [("lead", {"lead": number})]
        person = PEOPLE[s.a % 3] if s.b % 2 else None
        if person:
            plain.append(("lead_assigned", {"lead": number, "assignee": person}))
        return pipeline.RecordLead(lead=number, need="wants some", assignee=person), plain

    def _upgrade(self, name: str, s: Step, at: datetime) -> Any:
        lead = self._one(name, "L", s.a)
        if lead is None:
            return None
        works = [
            t for t in self._view(name, at) if t["kind"] == "lead_assigned" and t["fields"]["lead"] == lead
        ]
        number = self._new(name, "O")
        plain: list[Plain] = [
            ("lead_upgraded", {"lead": lead}),
            ("opportunity", {"opportunity": number, "stage": STAGES[0]}),
        ]
        if works:
            fields = {"opportunity": number, "assignee": works[-1]["fields"]["assignee"]}
            plain.append(("opportunity_assigned", fields))
        return pipeline.UpgradeLead(lead=lead, opportunity=number, stage=STAGES[0]), plain

    def _end_lead(self, name: str, s: Step, at: datetime) -> Any:
        lead = self._one(name, "L", s.a)
        return lead and (
            pipeline.CloseLead(lead=lead, reason_code="budget"),
            [("lead_closed", {"lead": lead})],
        )

    def _opportunity(self, name: str, s: Step, at: datetime) -> Any:
        fields = {"opportunity": self._new(name, "O"), "stage": STAGES[s.a % 5]}
        plain: list[Plain] = [("opportunity", fields)]
        person = PEOPLE[s.a % 3] if s.b % 2 else None
        if person:
            plain.append(("opportunity_assigned", {"opportunity": fields["opportunity"], "assignee": person}))
        return pipeline.OpenOpportunity(**fields, assignee=person), plain

    def _move(self, name: str, s: Step, at: datetime) -> Any:
        number = self._one(name, "O", s.a)
        if number is None:
            return None
        fields = {"opportunity": number, "stage": STAGES[s.b % 5]}
        return pipeline.MoveOpportunity(**fields, reason="so it is"), [("opportunity_moved", fields)]

    def _end_opportunity(self, name: str, s: Step, at: datetime) -> Any:
        number = self._one(name, "O", s.a)
        if number is None:
            return None
        fields = {"opportunity": number, "outcome": "won" if s.b % 3 else "lost"}
        return pipeline.CloseOpportunity(**fields, reason_code="price"), [("opportunity_closed", fields)]

    def _reopen_opportunity(self, name: str, s: Step, at: datetime) -> Any:
        number = self._one(name, "O", s.a)
        if number is None:
            return None
        fields = {"opportunity": number, "stage": STAGES[s.b % 5]}
        return pipeline.ReopenOpportunity(**fields, reason="again"), [("opportunity_reopened", fields)]

    def _contract(self, name: str, s: Step, at: datetime) -> Any:
        day = naive.day_of(at)
        fields = {
            "contract": self._new(name, "C"),
            "starts_on": day + timedelta(days=s.b % 10) if s.b % 2 else None,
            "ends_on": day + timedelta(days=20 + 4 * s.a) if s.a % 5 else None,
        }
        # What was signed outside is kept with its breach; an order would need the whole gate first.
        self._execute(
            name, pipeline.SignContract(amount=cny(500), parties=("we", name), **fields),
            [("contract", fields)], at, True,
        )  # fmt: skip

    def _amend(self, name: str, s: Step, at: datetime) -> Any:
        number = self._one(name, "C", s.a)
        if number is None:
            return
        ends = naive.day_of(at) + timedelta(days=2 * s.b) if s.b % 3 else None
        fields = {"contract": number, "amendment": f"A{self.count}", "ends_on": ends}
        command = pipeline.AmendContract(added=cny(10), **fields)
        self._execute(name, command, [("contract_amended", fields)], at, True)

    def _end_contract(self, name: str, s: Step, at: datetime) -> Any:
        number = self._one(name, "C", s.a)
        if number is None:
            return None
        command = pipeline.EndContract(contract=number, how="terminated", reason="over")
        return command, [("contract_ended", {"contract": number})]

    # ---------------------------------------------------------------- complaints and promises

    def _complain(self, name: str, s: Step, at: datetime) -> Any:
        number = self._new(name, "K")
        return service.ReceiveComplaint(complaint=number, category="late"), [
            ("complaint", {"complaint": number})
        ]

    def _notify(self, name: str, s: Step, at: datetime) -> Any:
        number = self._one(name, "K", s.a)
        if number is None:
            return None
        return service.NotifyComplainant(complaint=number, answer="so"), [("notified", {"complaint": number})]

    def _end_complaint(self, name: str, s: Step, at: datetime) -> Any:
        number = self._one(name, "K", s.a)
        if number is None:
            return None
        command = service.CloseComplaint(
            complaint=number, result="paid", root_cause="haste", improvement="care"
        )
        return command, [("complaint_closed", {"complaint": number})]

    def _reopen_complaint(self, name: str, s: Step, at: datetime) -> Any:
        number = self._one(name, "K", s.a)
        if number is None:
            return None
        last = naive.last_day_to_reopen(self._view(name, at), number)
        again = last is not None and naive.day_of(at) <= last
        plain = (
            ("complaint_reopened", {"complaint": number})
            if again
            else ("complaint", {"complaint": f"{number}/2"})
        )
        return service.ReopenComplaint(complaint=number, reason="not mended"), [plain]

    def _promise(self, name: str, s: Step, at: datetime) -> Any:
        fields = {"promise": self._new(name, "P"), "due": naive.day_of(at) + timedelta(days=s.a % 40)}
        command = service.MakePromise(content="to call", basis="plan", promiser="Ann", **fields)
        return command, [("promise", fields)]

    def _keep(self, name: str, s: Step, at: datetime) -> Any:
        number = self._one(name, "P", s.a)
        return number and (service.KeepPromise(promise=number), [("promise_kept", {"promise": number})])

    def _let_off(self, name: str, s: Step, at: datetime) -> Any:
        number = self._one(name, "P", s.a)
        if number is None:
            return None
        return service.ReleasePromise(promise=number, reason="no need"), [
            ("promise_released", {"promise": number})
        ]

    # ---------------------------------------------------------------- orders and money

    def _order(self, name: str, s: Step, at: datetime) -> Any:
        lines = [("1", Decimal(1 + s.a % 7), Decimal(100 + 7 * s.a))]
        if s.b % 3 == 0:
            lines.append(("2", Decimal(3), Decimal(50)))
        contract = self._one(name, "C", s.b) if s.b % 4 == 1 else None
        number = self._new(name, "B", lines)
        fields = {
            "order": number, "lines": lines, "credit": s.b % 2 == 0, "contract": contract,
            "term_days": (None, 30, 60)[s.a % 3],
        }  # fmt: skip
        made = tuple(
            OrderLine(line=n, product="pump", quantity=q, unit="piece", amount=cny(a)) for n, q, a in lines
        )
        command = dealings.PlaceOrder(
            order=number, lines=made, on_credit=fields["credit"], term_days=fields["term_days"],
            contract=contract, seller="Ann",
        )  # fmt: skip
        return command, [("order", fields)]

    def _part(self, name: str, s: Step) -> tuple[str, list[tuple[str, Decimal]]] | None:
        found = self._one(name, "B", s.a)
        if found is None:
            return None
        number, lines = found
        return number, [(n, q if s.b % 3 else Decimal(1)) for n, q, _ in lines]

    def _deliver(self, name: str, s: Step, at: datetime) -> Any:
        part = self._part(name, s)
        if part is None:
            return None
        lines = tuple(LineQuantity(line=n, quantity=q) for n, q in part[1])
        return dealings.DeliverGoods(order=part[0], lines=lines), [
            ("delivered", {"order": part[0], "lines": part[1]})
        ]

    def _take_back(self, name: str, s: Step, at: datetime) -> Any:
        part = self._part(name, s)
        if part is None:
            return None
        lines = tuple(LineQuantity(line=n, quantity=q) for n, q in part[1])
        plain = ("goods_returned", {"order": part[0], "lines": part[1]})
        return dealings.ReturnGoods(order=part[0], lines=lines, reason="torn"), [plain]

    def _cancel(self, name: str, s: Step, at: datetime) -> Any:
        found = self._one(name, "B", s.a)
        if found is None:
            return None
        fields = {
            "order": found[0], "line": "1" if s.b % 3 else None, "quantity": Decimal(1) if s.b % 3 == 1 else None,
        }  # fmt: skip
        return dealings.CancelOrder(**fields, reason="too late"), [("order_cancelled", fields)]

    def _terms(self, name: str, s: Step, at: datetime) -> Any:
        fields = {
            "limit": Decimal(20 * s.a), "term_days": 30 + s.b % 40,
            "valid_until": naive.day_of(at) + timedelta(days=200) if s.b % 4 == 0 else None,
        }  # fmt: skip
        command = dealings.SetCreditTerms(**{**fields, "limit": cny(fields["limit"])})
        return command, [("terms", fields)]

    def _let_go(self, name: str, s: Step, at: datetime) -> Any:
        found = self._one(name, "B", s.a)
        if found is None:
            return None
        plain = ("release_approved", {"order": found[0], "kind": "order"})
        return dealings.ReleaseOrder(order=found[0], reason="known well"), [plain]

    def _instalment(self, name: str, s: Step, at: datetime) -> Any:
        contract = self._one(name, "C", s.b) or "none"
        fields = {
            "contract": contract, "instalment": str(self.count), "amount": Decimal(10 + s.a),
            "due_on": naive.day_of(at) + timedelta(days=s.b - 20),
        }  # fmt: skip
        self.numbers.setdefault((name, "R"), []).append(f"{contract}/{self.count}")
        return dealings.PlanInstalment(**{**fields, "amount": cny(fields["amount"])}), [
            ("instalment", fields)
        ]

    def _invoice(self, name: str, s: Step, at: datetime) -> Any:
        found = self._one(name, "B", s.a) if s.b % 2 else None
        orders = {t["fields"]["order"]: t["fields"] for t in self._view(name, at) if t["kind"] == "order"}
        order = found[0] if found is not None and found[0] in orders else None
        fields = {
            "invoice": self._new(name, "R"), "amount": Decimal(10 + 3 * s.a), "order": order,
            "contract": None if order is None else orders[order]["contract"],
            "due_on": naive.day_of(at) + timedelta(days=s.b - 20),
        }  # fmt: skip
        return dealings.IssueInvoice(**{**fields, "amount": cny(fields["amount"])}), [("invoice", fields)]

    def _receipt(self, name: str, s: Step, at: datetime) -> Any:
        number, stated = self._new(name, "M"), self._one(name, "R", s.a) if s.b % 4 == 0 else None
        mark = self._one(name, "R", s.b) if s.b % 5 == 0 else None
        fields = {"receipt": number, "amount": Decimal(5 + 2 * s.a), "earmarked_for": mark}
        plain: list[Plain] = [("receipt", fields)]
        if stated is not None:
            plain.append(("allocated", {"receipt": number, "receivable": stated, "amount": fields["amount"]}))
        return dealings.RecordReceipt(**{**fields, "amount": cny(fields["amount"])}, receivable=stated), plain

    def _allocate(self, name: str, s: Step, at: datetime) -> Any:
        paid, item = self._one(name, "M", s.a), self._one(name, "R", s.b)
        if paid is None or item is None:
            return None
        fields = {"receipt": paid, "receivable": item, "amount": Decimal(1 + s.a)}
        return dealings.AllocateReceipt(**{**fields, "amount": cny(fields["amount"])}), [
            ("allocated", fields)
        ]

    def _reverse(self, name: str, s: Step, at: datetime) -> Any:
        paid = self._one(name, "M", s.a)
        return paid and (
            dealings.ReverseReceipt(receipt=paid, reason="bounced"),
            [("receipt_reversed", {"receipt": paid})],
        )

    def _give_back(self, name: str, s: Step, at: datetime) -> Any:
        fields = {"amount": Decimal(1 + s.a), "receipt": self._one(name, "M", s.a) if s.b % 2 else None}
        return dealings.ReturnAdvance(**{**fields, "amount": cny(fields["amount"])}), [
            ("advance_returned", fields)
        ]

    def _write_off(self, name: str, s: Step, at: datetime) -> Any:
        item = self._one(name, "R", s.a)
        if item is None:
            return None
        fields = {"receivable": item, "amount": Decimal(1 + s.b)}
        command = dealings.WriteOffReceivable(**{**fields, "amount": cny(fields["amount"])}, reason="lost")
        return command, [("written_off", fields)]

    # ---------------------------------------------------------------- both files

    def _shared(self, name: str, s: Step, at: datetime) -> Any:
        """The same receipt comes in for every file, under one reference."""
        number = f"{SHARED}{self.count}"
        fields = {"receipt": number, "amount": Decimal(5 + s.a), "earmarked_for": None}
        command = dealings.RecordReceipt(**{**fields, "amount": cny(fields["amount"])})
        for each in self.files:
            self.numbers.setdefault((each, "M"), []).append(number)
            self._execute(
                each, command, [("receipt", dict(fields))], at, True, source=Source("ERP", number, "1")
            )

    def _link(self, step: Step, at: datetime) -> None:
        survivor, absorbed = self.files[step.a % 2], self.files[1 - step.a % 2]
        if step.kind == "undo":
            command: Command = file.UndoMerge(absorbed=absorbed)
            fields: dict[str, Any] = {"absorbed": absorbed}
        else:
            choices = {"region": "absorbed"} if step.b % 2 else {}
            fields = {"absorbed": absorbed, "choices": choices, "maintainer": PEOPLE[step.b % 3]}
            command = file.MergeFiles(**fields)
        outcome = self.ledger.execute(
            survivor, command, actor="clerk", occurred_at=at, reason="late", happened=step.happened
        )
        first = next(e for e in outcome.entries if e.kind != "decision")
        self._note(first.id, survivor, step.kind, fields, at, None)

    # ---------------------------------------------------------------- setting right

    def _mark(self, step: Step) -> None:
        markable = [
            t
            for t in self.told
            if t["kind"] not in ("opened", "merge", "undo", "void")
            and (t["kind"] != "correction" or step.kind == "void")
        ]
        if not markable:
            return
        target = markable[-1 - (step.a * 7 + step.b) % len(markable)]
        envelope = {"actor": "clerk", "reason": "wrong"}
        if step.kind == "void":
            outcome = self.ledger.void(target["id"], **envelope)
            plain: naive.Told = {"kind": "void", "fields": {}, "at": None}
        elif step.kind == "redate":
            at = self.now - timedelta(days=step.b)
            outcome = self.ledger.correct(target["id"], effective_from=at, **envelope)
            plain = {"kind": "correction", "fields": {}, "at": at}
        else:
            changed = self._changed(target, step)
            if changed is None:
                return
            outcome = self.ledger.correct(
                target["id"], {k: _rich(k, v) for k, v in changed.items()}, **envelope
            )
            plain = {"kind": "correction", "fields": changed, "at": None}
        entry = next(e for e in outcome.entries if e.kind != "decision")
        self._note(entry.id, target["file"], plain["kind"], plain["fields"], plain["at"], None)
        self.told[-1]["target"] = target["id"]

    def _changed(self, target: naive.Told, s: Step) -> dict[str, Any] | None:
        """Return the fields that a correction sets right."""
        amount, day = Decimal(3 + s.a), naive.day_of(self.now) + timedelta(days=s.b - 40)
        match target["kind"]:
            case "profile":
                return {"value": f"mended {s.a}"}
            case "contact":
                return {"value": MOBILES[s.a % 3]}
            case "consent" | "consent_withdrawn":
                return {"channel": ("any", "sms", "email")[s.a % 3]}
            case "importance":
                return {"grade": str(1 + s.a % 4)} if s.b % 2 else {"until": day}
            case "maintainer":
                return {"person": PEOPLE[s.a % 3]}
            case "opportunity" | "opportunity_moved":
                return {"stage": STAGES[s.a % 5]}
            case "contract" | "contract_amended":
                return {"ends_on": day}
            case "promise":
                return {"due": day}
            case "delivered" | "goods_returned":
                return {"lines": [(target["fields"]["lines"][0][0], Decimal(1 + s.a % 3))]}
            case "terms":
                return {"limit": amount * 10}
            case "instalment" | "invoice":
                return {"amount": amount} if s.b % 2 else {"due_on": day}
            case "receipt" | "allocated" | "written_off" | "advance_returned":
                return {"amount": amount}
        return None


def _rich(name: str, value: Any) -> Any:
    if name in ("amount", "limit"):
        return cny(value)
    if name == "lines":
        return tuple(LineQuantity(line=n, quantity=q) for n, q in value)
    return value


FileKinds = (
    "profile", "profile", "contact", "contact", "retire", "close", "reopen", "consent", "consent", "importance",
)  # fmt: skip
OwnershipKinds = ("maintainer", "release", "propose", "accept")
PipelineKinds = (
    "action", "quotation", "lead", "upgrade", "end_lead", "opportunity", "move", "end_opportunity",
    "reopen_opportunity", "contract", "amend", "end_contract",
)  # fmt: skip
ServiceKinds = (
    "complain", "notify", "end_complaint", "reopen_complaint", "promise", "promise", "keep", "let_off",
)  # fmt: skip
MoneyKinds = (
    "order", "order", "order", "deliver", "deliver", "deliver", "deliver", "take_back", "cancel", "terms", "instalment", "invoice", "invoice",
    "receipt", "receipt", "allocate", "reverse", "give_back", "write_off",
)  # fmt: skip
Marks = ("correct", "correct", "correct", "redate", "redate", "void", "void")

Telling = Callable[[str, Step, datetime], Any]
