"""What else an office with a card index would know of a customer: a card for each subject, each filled in line by line.

Nothing of the library is imported here. What is shown are things as ``naive_relationship`` has them; those it has no word of
its own for bear the name of their line, and their fields are plain JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

Told = dict[str, Any]
Things = Iterable[Told]


# ---------------------------------------------------------------- small helpers


def states(things: Things, key: str, begin: str, **after: str) -> dict[str, str]:
    """Return what became of each: ``begin`` opens a card in the state ``begun``, later kinds put it into theirs."""
    found: dict[str, str] = {}
    for t in things:
        number = t["fields"].get(key)
        if t["kind"] == begin:
            found[number] = "begun"
        elif t["kind"] in after and number in found:
            found[number] = after[t["kind"]]
    return found


def there(things: Things, key: str, comes: str, goes: str) -> list[str]:
    """Return what came and has not gone since."""
    found: dict[str, None] = {}
    for t in things:
        if t["kind"] == comes:
            found[t["fields"][key]] = None
        elif t["kind"] == goes:
            found.pop(t["fields"][key], None)
    return sorted(found)


def noted(things: Things, kind: str, key: str, value: str) -> dict[str, Any]:
    """Return the last value by key."""
    return {t["fields"][key]: t["fields"][value] for t in things if t["kind"] == kind}


def listed(things: Things, kind: str, key: str) -> list[str]:
    """Return what was named, in order."""
    return [t["fields"][key] for t in things if t["kind"] == kind]


# ---------------------------------------------------------------- the file


def identifiers(things: Things) -> dict[str, list[str]]:
    """Return the ids of each scheme, each once (CORE-11)."""
    found: dict[str, list[str]] = {}
    for t in things:
        if t["kind"] == "identifier_recorded":
            values = found.setdefault(t["fields"]["scheme"], [])
            if t["fields"]["value"] not in values:
                values.append(t["fields"]["value"])
    return found


def roles(things: Things) -> list[str]:
    return there(things, "role", "role_taken", "role_ended")


def ties(things: Things) -> dict[str, list[str]]:
    """Return to whom he belongs, by type (CORE-14)."""
    found: dict[str, list[str]] = {}
    for t in things:
        f = t["fields"]
        others = found.setdefault(f["link_type"], []) if t["kind"].startswith("party_") else []
        if t["kind"] == "party_linked" and f["other"] not in others:
            others.append(f["other"])
        elif t["kind"] == "party_unlinked" and f["other"] in others:
            others.remove(f["other"])
    return {kind: sorted(others) for kind, others in found.items() if others}


def submissions(things: Things) -> dict[str, str]:
    """Return what became of changes that were handed in: entered by the fact itself, or refused (CORE-68)."""
    found: dict[str, str] = {}
    wanted: dict[str, tuple[str, Any]] = {}
    for t in things:
        f = t["fields"]
        if t["kind"] == "change_submitted":
            found[f["submission"]], wanted[f["submission"]] = "pending", (f["field_name"], f["value"])
        elif t["kind"] == "change_submission_rejected" and f["submission"] in found:
            found[f["submission"]] = "rejected"
        elif t["kind"] == "profile":
            for number, change in wanted.items():
                if found[number] == "pending" and change == (f["field_name"], f["value"]):
                    found[number] = "posted"
    return found


def privacy(things: Things) -> dict[str, Any]:
    """Return the answers to requests, and which families may not be used or are gone (CORE-75)."""
    requests: dict[str, str | None] = {}
    restricted: dict[str, None] = {}
    erased: dict[str, None] = {}
    for t in things:
        f = t["fields"]
        match t["kind"]:
            case "rights_request_received":
                requests[f["request"]] = None
            case "rights_request_answered" if f["request"] in requests:
                requests[f["request"]] = f["answer"]
            case "processing_restricted":
                restricted |= dict.fromkeys(f["families"])
            case "restriction_lifted":
                for family in f["families"]:
                    restricted.pop(family, None)
                    erased.pop(family, None)
            case "personal_data_erased":
                erased |= dict.fromkeys(f["families"])
                for family in f["families"]:
                    restricted.pop(family, None)
    return {"requests": requests, "restricted": sorted(restricted), "erased": sorted(erased)}


# ---------------------------------------------------------------- who answers, whom he sends


def section(things: Things) -> dict[str, Any]:
    """Return where he is, and what other sections asked for without an answer (CORE-22)."""
    where: str | None = None
    asked: dict[str, None] = {}
    for t in things:
        if t["kind"] == "cross_section_requested":
            asked[t["fields"]["request"]] = None
        elif t["kind"] == "section_assigned":
            where = t["fields"]["section"]
            asked.pop(t["fields"]["request"], None)
    return {"section": where, "asked": sorted(asked)}


def overseers(things: Things) -> list[str]:
    """Return the leaders who have an eye on him for no class's sake (CORE-21)."""
    found: dict[str, Any] = {}
    for t in things:
        if t["kind"] == "oversight_assigned":
            found[t["fields"]["leader"]] = t["fields"]["scheme"]
        elif t["kind"] == "oversight_released":
            found.pop(t["fields"]["leader"], None)
    return sorted(leader for leader, scheme in found.items() if scheme is None)


def handovers(things: Things) -> dict[str, bool]:
    """Return which were signed."""
    found: dict[str, bool] = {}
    for t in things:
        if t["kind"] in ("handover_proposed", "handover"):
            found[t["fields"]["handover"]] = t["kind"] == "handover"
    return found


def contact_persons(things: Things) -> dict[str, bool]:
    """Return who acts for the organisation, and whether he decides or sways them (CORE-18)."""
    found: dict[str, bool] = {}
    for t in things:
        if t["kind"] == "contact_person_named":
            found[t["fields"]["person"]] = t["fields"]["key_person"]
        elif t["kind"] == "contact_person_left":
            found.pop(t["fields"]["person"], None)
    return found


def concerns(things: Things) -> dict[str, bool]:
    """Return which fears were answered (CORE-17)."""
    return {
        t["fields"]["concern"]: t["fields"]["answer"] is not None
        for t in things
        if t["kind"] == "concern_recorded"
    }


# ---------------------------------------------------------------- selling


def quotations(things: Things) -> dict[str, str | None]:
    """Return the answer to the last version of each (CORE-26)."""
    found: dict[str, dict[int, str | None]] = {}
    for t in things:
        f = t["fields"]
        if t["kind"] == "quotation":
            found.setdefault(f["quotation"], {})[f["version"]] = None
        elif t["kind"] == "quotation_answered" and f["version"] in found.get(f["quotation"], {}):
            found[f["quotation"]][f["version"]] = f["answer"]
    return {number: versions[max(versions)] for number, versions in found.items()}


def bids(things: Things) -> dict[str, str]:
    found: dict[str, str] = {}
    for t in things:
        if t["kind"] == "bid_planned":
            found.setdefault(t["fields"]["bid"], "planned")
        elif t["kind"] == "bid_submitted":
            found[t["fields"]["bid"]] = "submitted"
        elif t["kind"] == "bid_decided" and t["fields"]["bid"] in found:
            found[t["fields"]["bid"]] = t["fields"]["outcome"]
    return found


def plans(things: Things) -> dict[str, str | None]:
    """Return how each plan was reviewed (CORE-25)."""
    found: dict[str, str | None] = {}
    for t in things:
        if t["kind"] == "customer_plan_filed":
            found[t["fields"]["plan"]] = None
        elif t["kind"] == "customer_plan_reviewed" and t["fields"]["plan"] in found:
            found[t["fields"]["plan"]] = t["fields"]["outcome"]
    return found


def gate(things: Things) -> dict[str, Any]:
    """Return what was gathered before a contract (CORE-27)."""
    return {
        "investigations": sorted(listed(things, "investigation_filed", "document")),
        "decisions": noted(things, "collective_decision_taken", "contract", "outcome"),
        "confirmations": sorted(noted(things, "contract_confirmed", "contract", "confirmed_by")),
    }


# ---------------------------------------------------------------- dealings


def expenses(things: Things) -> dict[str, tuple[str | None, bool]]:
    """Return how each was reviewed, and whether it was paid (CORE-31)."""
    found: dict[str, tuple[str | None, bool]] = {}
    for t in things:
        number = t["fields"].get("expense")
        if t["kind"] == "expense_claimed":
            found[number] = (None, False)
        elif t["kind"] == "expense_reviewed" and number in found:
            found[number] = (t["fields"]["outcome"], found[number][1])
        elif t["kind"] == "expense_paid" and number in found:
            found[number] = (found[number][0], True)
    return found


def toll(things: Things) -> dict[str, Decimal]:
    """Return what is on hand of his own material (CORE-80)."""
    found: dict[str, Decimal] = {}
    for t in things:
        if t["kind"] == "toll_material_moved":
            f = t["fields"]
            sign = 1 if f["movement"] == "received" else -1
            found[f["toll_material"]] = found.get(f["toll_material"], Decimal(0)) + sign * Decimal(
                f["quantity"]
            )
    return found


def installed(things: Things) -> dict[str, list[str]]:
    """Return what stands at his place, with its parts (CORE-87)."""
    found: dict[str, list[str]] = {}
    for t in things:
        f = t["fields"]
        if t["kind"] == "product_installed":
            found[f["serial"]] = list(f["parts"])
        elif t["kind"] == "part_replaced" and f["serial"] in found:
            parts = [part for part in found[f["serial"]] if part != f["old_part"]]
            found[f["serial"]] = [*parts, f["new_part"]]
        elif t["kind"] == "product_removed":
            found.pop(f["serial"], None)
    return {serial: sorted(parts) for serial, parts in found.items()}


# ---------------------------------------------------------------- service


def feedback(things: Things) -> dict[str, str]:
    return states(things, "feedback", "feedback_received", feedback_answered="answered")


def needs(things: Things) -> dict[str, str]:
    return states(things, "need", "need_recorded", need_answered="answered")


def requests(things: Things) -> dict[str, str]:
    """Return the state of each service request (CORE-37)."""
    found: dict[str, str] = {}
    for t in things:
        f = t["fields"]
        number = f.get("request")
        if t["kind"] == "service_requested":
            found[number] = "acknowledged"
        elif number not in found:
            continue
        elif t["kind"] == "service_step_taken":
            if found[number] not in ("resolved", "closed", "cancelled", "rejected"):
                found[number] = f["state"]
        elif t["kind"] == "service_completed":
            found[number] = "resolved"
        elif t["kind"] == "service_closed":
            found[number] = f["state"]
    return found


def surveys(things: Things) -> list[int]:
    return sorted(int(t["fields"]["score"]) for t in things if t["kind"] == "survey_answered")


def trials(things: Things) -> dict[str, str]:
    return states(things, "trial", "trial_invited", trial_taken="taken", impression_given="impression")


# ---------------------------------------------------------------- care and campaigns


def preference(things: Things) -> dict[str, Any]:
    """Return by which channels he wants to be reached (CORE-42)."""
    channels: list[str] = []
    barred = False
    for t in things:
        if t["kind"] == "contact_preference_set":
            channels, barred = list(t["fields"]["channels"]), t["fields"]["do_not_contact"]
    return {"channels": channels, "barred": barred}


def messages(things: Things) -> dict[str, Any]:
    """Return what was sent, what waits, and what became of it (CORE-41)."""
    sent: dict[str, str] = {}
    waits: dict[str, None] = {}
    for t in things:
        if t["kind"] == "message_sent":
            sent[t["fields"]["message"]] = t["fields"]["kind"]
            waits.pop(t["fields"]["message"], None)
        elif t["kind"] == "message_queued":
            waits[t["fields"]["message"]] = None
    return {
        "sent": sent,
        "waits": sorted(waits),
        "delivery": noted(things, "delivery_reported", "message", "outcome"),
    }


def favours(things: Things) -> dict[str, list[str]]:
    return {
        "gifts": sorted(listed(things, "gift_given", "gift")),
        "gatherings": sorted(listed(things, "gathering_attended", "gathering")),
    }


def age_bands(things: Things) -> dict[int, str]:
    return noted(things, "age_band_noted", "year", "band")


def campaigns(things: Things) -> dict[str, Any]:
    return {
        "aimed": sorted(noted(things, "campaign_targeted", "campaign", "version")),
        "responses": sorted(listed(things, "response_received", "response")),
    }


# ---------------------------------------------------------------- kept and worked on together


def papers(things: Things) -> dict[str, Any]:
    """Return which papers there are, which were destroyed, where they are, and what is held (CORE-62 to CORE-67)."""
    kept = states(things, "document", "document_accepted", document_destroyed="destroyed")
    return {
        "papers": kept,
        "rejected": len(listed(things, "document_rejected", "document")),
        "lent": there(things, "loan", "document_lent", "document_returned"),
        "holds": there(things, "hold", "legal_hold_placed", "legal_hold_lifted"),
        "slots": noted(things, "document_shelved", "document", "slot"),
    }


def forms(things: Things) -> dict[str, tuple[int, str | None]]:
    """Return how many steps each form has taken, and how it ended (CORE-83)."""
    steps: dict[str, set[tuple[str, str]]] = {}
    ends: dict[str, str | None] = {}
    for t in things:
        f = t["fields"]
        if t["kind"] == "form_submitted":
            steps[f["submission"]], ends[f["submission"]] = set(), None
        elif t["kind"] == "form_step_taken" and f["submission"] in steps:
            steps[f["submission"]].add((f["step"], f["by"]))
        elif t["kind"] == "form_closed" and f["submission"] in ends:
            ends[f["submission"]] = f["end"]
    return {number: (len(steps[number]), ends[number]) for number in steps}


def teams(things: Things) -> list[tuple[str, str]]:
    """Return who helps with what that is not over (CORE-84)."""
    found: dict[tuple[str, str, str], None] = {}
    for t in things:
        f = t["fields"]
        if t["kind"] == "team_member_joined":
            found[f["item_kind"], f["item"], f["person"]] = None
        elif t["kind"] == "team_member_left":
            found.pop((f["item_kind"], f["item"], f["person"]), None)
        elif t["kind"] in ("opportunity_closed", "contract_ended"):
            over = f["opportunity"] if t["kind"] == "opportunity_closed" else f["contract"]
            for member in [m for m in found if m[1] == over]:
                del found[member]
    return sorted((item, person) for _, item, person in found)


def discussion(things: Things) -> list[str]:
    return sorted(listed(things, "discussion_posted", "post"))


def due_items(things: Things) -> dict[str, Any]:
    """Return who is to do what, and who let it go (CORE-99)."""
    persons: dict[str, str] = {}
    waived: dict[str, str] = {}
    for t in things:
        f = t["fields"]
        if t["kind"] == "due_item_assigned":
            persons[f"{f['cadence']} {f['number']}"] = f["person"]
        elif t["kind"] == "due_item_waived":
            waived[f"{f['cadence']} {f['number']}"] = f["approver"]
    return {"persons": persons, "waived": waived}


CARDS: dict[str, Callable[[list[Told]], Any]] = {
    "identifiers": identifiers, "roles": roles, "ties": ties, "submissions": submissions, "privacy": privacy,
    "section": section, "overseers": overseers, "handovers": handovers, "contact persons": contact_persons,
    "concerns": concerns, "quotations": quotations, "bids": bids, "plans": plans, "gate": gate, "expenses": expenses,
    "toll material": toll, "installed products": installed, "feedback": feedback, "needs": needs,
    "service requests": requests, "surveys": surveys, "trials": trials, "preference": preference, "messages": messages,
    "favours": favours, "age bands": age_bands, "campaigns": campaigns, "papers": papers, "forms": forms, "teams": teams,
    "discussion": discussion, "due items": due_items,
}  # fmt: skip
"""Every card by its name."""
