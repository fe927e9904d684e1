"""Entries as anybody could export them, line by line, turned into what the naive model is told.

Nothing of the library is imported here. A line is plain JSON::

    {"id": ..., "file": account, "name": "core.receipt_recorded", "at": from when it counts, "recorded": when it was entered,
     "position": in the log, "target": id of the entry that is marked, or None, "fields": {...}}

Lines of decisions are left out: what follows from what is for the naive model to work out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Line = Mapping[str, Any]
Told = dict[str, Any]

NEVER_TOLD = ("stream_linked", "stream_unlinked", "stream_joined", "claim_shared", "breach_recorded")
"""What only says how the files hang together, or that a rule was broken."""


def told_of(lines: Iterable[Line], accounts: Mapping[str, str], *, by_position: bool = False) -> list[Told]:
    """Return lines as things told, still with plain fields.

    Args:
        lines: of all files, in order of entry.
        accounts: account numbers by the ids under which lines name other files.
        by_position: whether they are known from their place in the log on, rather than from their moment of entry.
    """
    told: list[Told] = []
    for line in lines:
        kind, fields, at = line["name"].partition(".")[2], dict(line["fields"]), line["at"]
        if kind in NEVER_TOLD or (kind in ("files_merged", "merge_undone") and fields["here"] != "survivor"):
            continue
        if kind in ("files_merged", "merge_undone"):
            kind = "merge" if kind == "files_merged" else "undo"
            fields["absorbed"] = accounts[fields["absorbed"]]
        elif kind == "entry_voided":
            kind, at = "void", None
        elif kind == "entry_corrected":
            kind, at, fields = "correction", fields["effective_from"], fields["fields"]
        known = line["position"] if by_position else datetime.fromisoformat(line["recorded"])
        told.append(
            {
                "id": line["id"], "file": line["file"], "kind": kind, "known": known, "n": line["position"], "source": None,
                "at": None if at is None else datetime.fromisoformat(at), "fields": fields, "target": line["target"],
            }
        )  # fmt: skip
    return told


def understood(thing: Told) -> Told:
    """Return a thing as the naive model speaks of it: by its own word, with amounts, days and quantities as such."""
    kind, f = thing["kind"], thing["fields"]
    if kind not in WORDS:
        return thing
    word, read = WORDS[kind]
    return {**thing, "kind": word, "fields": read(f)}


# ---------------------------------------------------------------- reading fields


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _amount(money: Mapping[str, str]) -> Decimal:
    return Decimal(money["amount"])


def _as_is(f: Mapping[str, Any]) -> dict[str, Any]:
    return dict(f)


def _quantities(f: Mapping[str, Any]) -> dict[str, Any]:
    return {**f, "lines": [(part["line"], Decimal(part["quantity"])) for part in f["lines"]]}


def _action(f: Mapping[str, Any]) -> dict[str, Any]:
    return {**f, "lead": f["item"] if f["item_kind"] == "lead" else None}


def _order(f: Mapping[str, Any]) -> dict[str, Any]:
    lines = [(n["line"], Decimal(n["quantity"]), _amount(n["amount"])) for n in f["lines"]]
    return {**f, "lines": lines, "credit": f["on_credit"]}


def _cancelled(f: Mapping[str, Any]) -> dict[str, Any]:
    return {**f, "quantity": None if f["quantity"] is None else Decimal(f["quantity"])}


def _with_amount(f: Mapping[str, Any]) -> dict[str, Any]:
    return {**f, "amount": _amount(f["amount"])}


def _receivable(f: Mapping[str, Any]) -> dict[str, Any]:
    return {**f, "amount": _amount(f["amount"]), "due_on": _day(f["due_on"])}


def _contract(f: Mapping[str, Any]) -> dict[str, Any]:
    return {**f, "starts_on": _day(f.get("starts_on")), "ends_on": _day(f["ends_on"])}


def _terms(f: Mapping[str, Any]) -> dict[str, Any]:
    return {**f, "limit": _amount(f["limit"]), "valid_until": _day(f["valid_until"])}


def _promise(f: Mapping[str, Any]) -> dict[str, Any]:
    return {**f, "due": _day(f["due"])}


def _override(f: Mapping[str, Any]) -> dict[str, Any]:
    return {**f, "until": _day(f["until"])}


WORDS: dict[str, tuple[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "file_opened": ("opened", _as_is),
    "relationship_closed": ("closed", _as_is),
    "relationship_reopened": ("reopened", _as_is),
    "profile_fact_recorded": ("profile", _as_is),
    "contact_point_recorded": ("contact", _as_is),
    "contact_point_retired": ("contact_retired", _as_is),
    "consent_given": ("consent", _as_is),
    "grade_overridden": ("override", _override),
    "maintainer_assigned": ("maintainer", _as_is),
    "maintainer_released": ("released", _as_is),
    "handover_accepted": ("handover", _as_is),
    "action_recorded": ("action", _action),
    "quotation_issued": ("quotation", _as_is),
    "lead_recorded": ("lead", _as_is),
    "opportunity_opened": ("opportunity", _as_is),
    "opportunity_stage_moved": ("opportunity_moved", _as_is),
    "contract_signed": ("contract", _contract),
    "contract_amended": ("contract_amended", _contract),
    "complaint_received": ("complaint", _as_is),
    "complaint_notified": ("notified", _as_is),
    "promise_made": ("promise", _promise),
    "credit_terms_set": ("terms", _terms),
    "order_placed": ("order", _order),
    "goods_delivered": ("delivered", _quantities),
    "goods_returned": ("goods_returned", _quantities),
    "installation_accepted": ("installed", _quantities),
    "order_cancelled": ("order_cancelled", _cancelled),
    "instalment_planned": ("instalment", _receivable),
    "invoice_issued": ("invoice", _receivable),
    "receipt_recorded": ("receipt", _with_amount),
    "receipt_allocated": ("allocated", _with_amount),
    "receivable_written_off": ("written_off", _with_amount),
    "advance_returned": ("advance_returned", _with_amount),
}
"""The naive model's own words for what it has a word of its own for, and how their fields are read."""
