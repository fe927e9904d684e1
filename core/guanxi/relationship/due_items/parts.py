"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.due_items.commands import AssignDueItem, WaiveDueItem
from guanxi.relationship.due_items.events import DueItemAssigned, DueItemWaived
from guanxi.relationship.due_items.labels import LABELS
from guanxi.relationship.due_items.marks import due_marks
from guanxi.relationship.due_items.notes import CoreDueNotes
from guanxi.relationship.due_items.read_models import answerable, due_mark_rows, due_owners
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Due items", "待办事项"),
    events=(DueItemAssigned, DueItemWaived),
    commands=(AssignDueItem, WaiveDueItem),
    facets=(due_marks,),
    read_models=(due_owners, answerable, due_mark_rows),
    due_notes=CoreDueNotes(),
    labels=LABELS,
)
