"""The customer relationship itself, one module per subject, written with the surface that plugins use."""

from guanxi.kernel.clocks import ClockRules
from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts, hookimpl
from guanxi.kernel.runs.record import RUN_COMMANDS, RUN_EVENTS, run_record, run_register
from guanxi.kernel.standard import MECHANISM
from guanxi.relationship.assembly import ROOMS, joined
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.customer_file import (
    CloseRelationship,
    CustomerFile,
    FileOpened,
    OpenFile,
    ProfileFactRecorded,
    RecordProfileFact,
    RelationshipClosed,
    RelationshipReopened,
    ReopenRelationship,
    customer_file,
)
from guanxi.relationship.identifiers import IdentifierRecorded, Identifiers, RecordIdentifier, identifiers
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
from guanxi.relationship.read_models import files
from guanxi.relationship.reports import register, runs
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
        FileOpened,
        ProfileFactRecorded,
        RelationshipClosed,
        RelationshipReopened,
        IdentifierRecorded,
        ImportBatchOpened,
        ImportBatchClosed,
        InputWaiting,
        InputReleased,
    ),
    commands=(
        OpenFile,
        RecordProfileFact,
        CloseRelationship,
        ReopenRelationship,
        RecordIdentifier,
        OpenImportBatch,
        CloseImportBatch,
        KeepWaiting,
        ReleaseWaiting,
        *RUN_COMMANDS,
    ),
    facets=(customer_file, identifiers, import_batches, waiting, run_record),
    rule_sets=(ClockRules, CalendarRules),
    read_models=(files, run_register),
    reports=(register, runs),
    labels=LABELS,
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
    "CustomerFile",
    "FileOpened",
    "IdentifierRecorded",
    "Identifiers",
    "ImportBatchClosed",
    "ImportBatchOpened",
    "InputReleased",
    "InputWaiting",
    "KeepWaiting",
    "OpenFile",
    "OpenImportBatch",
    "ProfileFactRecorded",
    "RecordIdentifier",
    "RecordProfileFact",
    "RelationshipClosed",
    "RelationshipReopened",
    "ReleaseWaiting",
    "ReopenRelationship",
    "close_batch",
    "customer_file",
    "files",
    "identifiers",
    "import_batches",
    "keep_waiting",
    "open_batch",
    "parts",
    "plugin",
    "register",
    "release_all_waiting",
    "release_waiting",
    "run_register",
    "runs",
    "waiting",
]
