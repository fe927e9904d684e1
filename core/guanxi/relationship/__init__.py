"""The customer relationship itself, one module per subject, written with the surface that plugins use."""

from guanxi.kernel.clocks import ClockRules
from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts, hookimpl, joined
from guanxi.kernel.runs.record import RUN_COMMANDS, RUN_EVENTS, run_record, run_register
from guanxi.kernel.standard import MECHANISM
from guanxi.relationship.assembly import ROOMS
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.file.commands import (
    CloseRelationship,
    Contact,
    DismissDuplicate,
    EndRole,
    Identity,
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
from guanxi.relationship.file.customer_file import CustomerFile, customer_file
from guanxi.relationship.file.events import (
    FileOpened,
    IdentifierRecorded,
    ProfileFactRecorded,
    RelationshipClosed,
    RelationshipReopened,
)
from guanxi.relationship.file.identifiers import Identifiers, identifiers
from guanxi.relationship.file.read_models import files
from guanxi.relationship.file.recognition import Recognition, look_up, recognise
from guanxi.relationship.file.reports import register
from guanxi.relationship.import_batches import (
    CloseImportBatch,
    ImportBatchClosed,
    ImportBatchOpened,
    OpenImportBatch,
    close_batch,
    import_batches,
    open_batch,
)
from guanxi.relationship.labels import LABELS
from guanxi.relationship.overviews import LABELS as VIEW_LABELS
from guanxi.relationship.overviews import OVERVIEWS
from guanxi.relationship.run_reports import runs
from guanxi.relationship.version import VERSION
from guanxi.relationship.waiting import (
    InputReleased,
    InputWaiting,
    KeepWaiting,
    ReleaseWaiting,
    keep_waiting,
    release_all_waiting,
    release_waiting,
    waiting,
)

_FIRST = Parts(
    name="core",
    version=VERSION,
    title=Label("Customer relationship", "客户关系"),
    events=(
        *MECHANISM,
        *RUN_EVENTS,
        ImportBatchOpened,
        ImportBatchClosed,
        InputWaiting,
        InputReleased,
    ),
    commands=(
        OpenImportBatch,
        CloseImportBatch,
        KeepWaiting,
        ReleaseWaiting,
        *RUN_COMMANDS,
    ),
    facets=(import_batches, waiting, run_record),
    rule_sets=(ClockRules, CalendarRules),
    read_models=(run_register,),
    reports=(runs,),
    overviews=OVERVIEWS,
    labels={**LABELS, **VIEW_LABELS},
    after_opening=release_waiting,
)

parts = joined(_FIRST, *ROOMS)


class _Core:
    """The object that hands the core's own parts over, as a plugin's does."""

    @hookimpl
    def guanxi_parts(self) -> Parts:
        """Return the core's parts."""
        return parts


plugin = _Core()

__all__ = [
    "CloseImportBatch",
    "CloseRelationship",
    "Contact",
    "CustomerFile",
    "DismissDuplicate",
    "EndRole",
    "FileOpened",
    "IdentifierRecorded",
    "Identifiers",
    "Identity",
    "ImportBatchClosed",
    "ImportBatchOpened",
    "InputReleased",
    "InputWaiting",
    "KeepWaiting",
    "LinkParty",
    "MergeFiles",
    "OpenFile",
    "OpenImportBatch",
    "ProfileFactRecorded",
    "Recognition",
    "RecordContactPoint",
    "RecordIdentifier",
    "RecordProfileFact",
    "RelationshipClosed",
    "RelationshipReopened",
    "ReleaseWaiting",
    "ReopenRelationship",
    "RetireContactPoint",
    "TakeRole",
    "UndoMerge",
    "UnlinkParty",
    "VerifyProfile",
    "close_batch",
    "customer_file",
    "files",
    "identifiers",
    "import_batches",
    "keep_waiting",
    "look_up",
    "open_batch",
    "parts",
    "plugin",
    "recognise",
    "register",
    "release_all_waiting",
    "release_waiting",
    "run_register",
    "runs",
    "waiting",
]
