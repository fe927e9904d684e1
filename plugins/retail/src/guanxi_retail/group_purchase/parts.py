"""What this room hands over to the plugin."""

from guanxi import Label, Parts
from guanxi_retail.group_purchase.cadences import CADENCES
from guanxi_retail.group_purchase.commands import COMMANDS
from guanxi_retail.group_purchase.events import EVENTS
from guanxi_retail.group_purchase.labels import LABELS
from guanxi_retail.group_purchase.overviews import OVERVIEWS
from guanxi_retail.group_purchase.read_models import READ_MODELS
from guanxi_retail.group_purchase.reports import REPORTS
from guanxi_retail.group_purchase.rules import RULE_SETS
from guanxi_retail.group_purchase.stock import stock
from guanxi_retail.group_purchase.vip import vip
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Group purchase", "团购"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(vip, stock),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=REPORTS,
    cadences=CADENCES,
    overviews=OVERVIEWS,
    labels=LABELS,
)
