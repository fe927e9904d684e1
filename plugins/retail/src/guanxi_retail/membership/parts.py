"""What this room hands over to the plugin."""

from guanxi import Label, Parts
from guanxi_retail.membership.cadences import CADENCES
from guanxi_retail.membership.cards import card_entitlement
from guanxi_retail.membership.commands import COMMANDS
from guanxi_retail.membership.consultation import consultation
from guanxi_retail.membership.events import EVENTS
from guanxi_retail.membership.labels import LABELS
from guanxi_retail.membership.membership import membership
from guanxi_retail.membership.overviews import OVERVIEWS
from guanxi_retail.membership.read_models import READ_MODELS
from guanxi_retail.membership.reports import REPORTS
from guanxi_retail.membership.reservations import reservations
from guanxi_retail.membership.rules import RULE_SETS
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Membership", "会员"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(membership, card_entitlement, reservations, consultation),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=REPORTS,
    cadences=CADENCES,
    overviews=OVERVIEWS,
    labels=LABELS,
)
