"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.file.belonging import belonging
from guanxi.relationship.file.cadences import CADENCES
from guanxi.relationship.file.callers import caller_items, callers
from guanxi.relationship.file.commands import (
    BeAbsorbed,
    BeDismissed,
    BeReleased,
    BeShownAlong,
    CloseRelationship,
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
    ShowAlong,
    TakeRole,
    UndoMerge,
    UnlinkParty,
    VerifyProfile,
)
from guanxi.relationship.file.contacts import contacts
from guanxi.relationship.file.customer_file import customer_file
from guanxi.relationship.file.duplicates import duplicates
from guanxi.relationship.file.events import (
    ChangeSubmissionRejected,
    ChangeSubmitted,
    ContactPointRecorded,
    ContactPointRetired,
    DuplicateDismissed,
    DuplicateSuspected,
    FileOpened,
    FilesMerged,
    IdentifierRecorded,
    MergeUndone,
    PartyLinked,
    PartyUnlinked,
    ProfileFactRecorded,
    ProfileVerified,
    RelationshipClosed,
    RelationshipReopened,
    RoleEnded,
    RoleTaken,
)
from guanxi.relationship.file.identifiers import identifiers
from guanxi.relationship.file.labels import LABELS
from guanxi.relationship.file.merges import merges
from guanxi.relationship.file.read_models import (
    absorbed_files,
    changes,
    contact_points,
    elements,
    files,
    merged_files,
    profile,
    suspicions,
    ties,
)
from guanxi.relationship.file.reports import REPORTS
from guanxi.relationship.file.roles import roles
from guanxi.relationship.file.rollup import group_rollup, paid
from guanxi.relationship.file.rules import BelongingRules, OpeningRules, ProfileRules, TelephoneRules
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Customer file", "客户档案"),
    events=(
        FileOpened,
        ProfileFactRecorded,
        ProfileVerified,
        ChangeSubmitted,
        ChangeSubmissionRejected,
        RelationshipClosed,
        RelationshipReopened,
        IdentifierRecorded,
        ContactPointRecorded,
        ContactPointRetired,
        RoleTaken,
        RoleEnded,
        PartyLinked,
        PartyUnlinked,
        DuplicateSuspected,
        DuplicateDismissed,
        FilesMerged,
        MergeUndone,
    ),
    commands=(
        OpenFile,
        RecordProfileFact,
        VerifyProfile,
        CloseRelationship,
        ReopenRelationship,
        RecordIdentifier,
        RecordContactPoint,
        RetireContactPoint,
        TakeRole,
        EndRole,
        LinkParty,
        UnlinkParty,
        DismissDuplicate,
        MergeFiles,
        UndoMerge,
        BeDismissed,
        BeAbsorbed,
        BeReleased,
        ShowAlong,
        BeShownAlong,
    ),
    facets=(customer_file, identifiers, contacts, roles, belonging, duplicates, merges),
    rule_sets=(OpeningRules, TelephoneRules, ProfileRules, BelongingRules),
    read_models=(
        files,
        profile,
        contact_points,
        elements,
        changes,
        merged_files,
        absorbed_files,
        suspicions,
        ties,
        callers,
        caller_items,
        paid,
    ),
    reports=(*REPORTS, group_rollup),
    cadences=CADENCES,
    labels=LABELS,
)
