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
from guanxi.relationship.labels import LABELS
from guanxi.relationship.read_models import files
from guanxi.relationship.reports import register

VERSION = "0.1.0"

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Customer relationship", "客户关系"),
    events=(*MECHANISM, FileOpened, ProfileFactRecorded, RelationshipClosed, RelationshipReopened, IdentifierRecorded),
    commands=(OpenFile, RecordProfileFact, CloseRelationship, ReopenRelationship, RecordIdentifier),
    facets=(customer_file, identifiers),
    read_models=(files,),
    reports=(register,),
    labels=LABELS,
)

__all__ = [
    "CloseRelationship",
    "CustomerFile",
    "FileOpened",
    "IdentifierRecorded",
    "Identifiers",
    "OpenFile",
    "ProfileFactRecorded",
    "RecordIdentifier",
    "RecordProfileFact",
    "RelationshipClosed",
    "RelationshipReopened",
    "ReopenRelationship",
    "customer_file",
    "files",
    "identifiers",
    "parts",
    "register",
]
