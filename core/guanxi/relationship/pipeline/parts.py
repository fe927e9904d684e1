"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.pipeline.actions import actions
from guanxi.relationship.pipeline.bids import bids
from guanxi.relationship.pipeline.cadences import CADENCES
from guanxi.relationship.pipeline.commands import COMMANDS
from guanxi.relationship.pipeline.contract_gate import contract_gate
from guanxi.relationship.pipeline.contracts import contracts
from guanxi.relationship.pipeline.events import EVENTS
from guanxi.relationship.pipeline.incoming import incoming
from guanxi.relationship.pipeline.labels import LABELS
from guanxi.relationship.pipeline.leads import leads
from guanxi.relationship.pipeline.opportunities import opportunities
from guanxi.relationship.pipeline.phases import phases
from guanxi.relationship.pipeline.plans import customer_plans
from guanxi.relationship.pipeline.quotations import quotations
from guanxi.relationship.pipeline.read_models import READ_MODELS
from guanxi.relationship.pipeline.reports import REPORTS
from guanxi.relationship.pipeline.rules import RULE_SETS
from guanxi.relationship.pipeline.visits import visits
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Pipeline", "销售过程"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(
        leads,
        opportunities,
        actions,
        visits,
        quotations,
        bids,
        contract_gate,
        contracts,
        phases,
        customer_plans,
        incoming,
    ),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=REPORTS,
    cadences=CADENCES,
    labels=LABELS,
)
