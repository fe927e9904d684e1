"""What each command, and each call of the ledger, counts as, so that a role may do it or not (CORE-67, CORE-68)."""

from __future__ import annotations

from collections.abc import Mapping

from guanxi.kernel.access import Attempt
from guanxi.kernel.messages import Command
from guanxi.relationship.access.events import Content
from guanxi.relationship.access.rights import DEEDS, Deed
from guanxi.relationship.access.rules import AccessRules

_COMMANDS: Mapping[Deed, tuple[str, ...]] = {
    "master": (
        "open_file",
        "record_profile_fact",
        "verify_profile",
        "record_identifier",
        "record_contact_point",
        "retire_contact_point",
        "take_role",
        "end_role",
        "link_party",
        "unlink_party",
        "merge_files",
        "undo_merge",
        "dismiss_duplicate",
        "reject_change",
        "close_relationship",
        "reopen_relationship",
        "set_credit_terms",
        "grade_customer",
        "state_class",
        "state_signal",
    ),
    "submit": (
        "submit_change",
        "receive_complaint",
        "receive_feedback",
        "record_need",
        "request_service",
        "submit_form",
        "record_lead",
        "register_incoming",
        "receive_rights_request",
        "receive_response",
        "file_customer_feedback",
        "give_consent",
        "withdraw_consent",
        "set_contact_preference",
        "take_form_step",
        "withdraw_form",
    ),
    "propose": ("propose_handover", "file_customer_plan", "request_cross_section"),
    "approve": (
        "resolve_collision",
        "assign_oversight",
        "release_oversight",
        "release_maintainer",
        "override_grade",
        "release_order",
        "grant_compensation",
        "reopen_complaint",
        "review_expense",
        "review_customer_plan",
        "write_off_receivable",
        "approve_funded_goods",
        "take_collective_decision",
        "waive_due_item",
        "decide_approval",
        "release_promise",
        "answer_rights_request",
        "restrict_processing",
        "lift_restriction",
        "erase_personal_data",
        "resolve_head_conflict",
        "review_programme",
        "set_goal",
        "revise_goal",
    ),
    "assign": (
        "assign_maintainer",
        "assign_lead",
        "assign_opportunity",
        "assign_due_item",
        "name_collector",
        "plan_visit",
        "join_team",
        "leave_team",
    ),
    "transfer": ("assign_section",),
    "document": (
        "expect_document",
        "hand_in_document",
        "issue_catalogue",
        "lend_document",
        "return_document",
        "shelve_document",
        "approve_destruction",
        "destroy_document",
        "place_legal_hold",
        "lift_legal_hold",
        "issue_extract",
    ),
    "account": ("request_account_change", "record_departure", "record_leave"),
    "account_execute": ("execute_account_change",),
    "freeze": ("freeze_account",),
    "grant": ("enrol_staff", "establish_post", "abolish_post", "take_post", "leave_post", "set_level"),
    "design": ("define_form", "review_rule_set"),
    "technical": (
        "open_import_batch",
        "close_import_batch",
        "keep_waiting",
        "release_waiting",
        "note_report_issued",
        "note_backup",
        "abandon_run",
        "note_age_band",
    ),
    "own_account": ("log_in", "record_duty_trip", "request_approval", "request_lookup"),
}
_DEED_OF: Mapping[str, Deed] = {f"core.{name}": deed for deed, names in _COMMANDS.items() for name in names}

SOFTWARE = frozenset(
    f"core.{name}"
    for name in (
        "keep_view",
        "keep_attempt",
        "note_not_consulted",
        "be_absorbed",
        "be_released",
        "be_dismissed",
        "be_shown_along",
        "show_along",
        "note_head_conflict",
        "note_other_head",
        "start_run",
        "record_run_lines",
        "close_run",
        "note_run_delivered",
        "tell_class",
    )
)
"""Commands that only the software gives: they follow from another command, from a run, or from the door itself."""


def is_marketing(command: Command) -> bool:
    """Return whether a command turns to the customer for marketing (CORE-77)."""
    return command.stored_name == "core.target_customer" or getattr(command, "kind", None) == "marketing"


CONTENTS: Mapping[str, Content] = {"core.publish_knowledge": "knowledge", "core.post_discussion": "knowledge"}
"""Commands that are not about a customer's own content."""

_MASTER_EVENTS = frozenset(
    f"core.{name}"
    for name in (
        "file_opened",
        "profile_fact_recorded",
        "identifier_recorded",
        "contact_point_recorded",
        "contact_point_retired",
        "role_taken",
        "role_ended",
        "party_linked",
        "party_unlinked",
        "credit_terms_set",
        "class_told",
        "class_stated",
        "stream_linked",
    )
)


def is_master(event: str) -> bool:
    """Return whether an event of this stored name is master data, which the designated post alone posts."""
    return event in _MASTER_EVENTS


def deed_of_command(command: str, rules: AccessRules) -> Deed:
    """Return what a command counts as: as the host set it, as the core knows it, else as an activity that is recorded.

    Args:
        command: its stored name.
        rules: the access rules in force.
    """
    told = rules.deeds.get(command)
    for deed in DEEDS:
        if deed == told:
            return deed
    return _DEED_OF.get(command, "record")


def deed_of(attempt: Attempt, rules: AccessRules) -> Deed:
    """Return what a call of the ledger counts as; those about one entry are judged by its author besides."""
    if attempt.command is not None:
        return deed_of_command(attempt.command.stored_name, rules)
    if attempt.operation in ("link", "unlink"):
        return "master"
    if attempt.operation in ("publish", "withdraw_rules", "run"):
        return "design"
    if attempt.operation in ("correct", "void"):
        return "correct_others"
    return "view" if attempt.subject is not None else "list"
