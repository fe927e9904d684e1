"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.ownership.cadences import handover_acceptance
from guanxi.relationship.ownership.collisions import collisions
from guanxi.relationship.ownership.commands import (
    AcceptHandover,
    AssignMaintainer,
    AssignOversight,
    AssignSection,
    ProposeHandover,
    ReleaseMaintainer,
    ReleaseOversight,
    RequestCrossSection,
    ResolveCollision,
)
from guanxi.relationship.ownership.events import EVENTS
from guanxi.relationship.ownership.handovers import handovers
from guanxi.relationship.ownership.labels import LABELS
from guanxi.relationship.ownership.maintainers import maintainers
from guanxi.relationship.ownership.oversight import oversight
from guanxi.relationship.ownership.read_models import READ_MODELS
from guanxi.relationship.ownership.reports import REPORTS
from guanxi.relationship.ownership.routing import routing
from guanxi.relationship.ownership.rules import OwnershipRules
from guanxi.relationship.ownership.sections import sections
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Ownership and sections", "归属与版块"),
    events=EVENTS,
    commands=(
        AssignMaintainer,
        ReleaseMaintainer,
        ProposeHandover,
        AcceptHandover,
        AssignOversight,
        ReleaseOversight,
        ResolveCollision,
        AssignSection,
        RequestCrossSection,
    ),
    facets=(maintainers, routing, handovers, oversight, sections, collisions),
    rule_sets=(OwnershipRules,),
    read_models=READ_MODELS,
    reports=REPORTS,
    cadences=(handover_acceptance,),
    labels=LABELS,
)
