"""The customer relationship itself, one module per subject, written with the surface that plugins use."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.kernel.standard import MECHANISM
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
    OpenImportBatch,
    close_batch,
    import_batches,
    open_batch,
)
from guanxi.relationship.labels import LABELS
from guanxi.relationship.read_models import files
from guanxi.relationship.reports import register
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

VERSION = "0.1.0"

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Customer relationship", "客户关系"),
    events=(
        *MECHANISM,
        FileOpened,
        ProfileFactRecorded,
        RelationshipClosed,
        RelationshipReopened,
        IdentifierRecorded,
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
    ),
    facets=(customer_file, identifiers, import_batches, waiting),
    read_models=(files,),
    reports=(register,),
    labels=LABELS,
    after_opening=release_waiting,
)

__all__ = [
    "CloseImportBatch",
    "CloseRelationship",
    "CustomerFile",
    "FileOpened",
    "IdentifierRecorded",
    "Identifiers",
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
    "register",
    "release_all_waiting",
    "release_waiting",
    "waiting",
]
