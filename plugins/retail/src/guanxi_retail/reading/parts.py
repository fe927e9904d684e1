"""What this room hands over to the plugin."""

from guanxi import Label, Parts
from guanxi_retail.reading.commands import COMMANDS
from guanxi_retail.reading.events import EVENTS
from guanxi_retail.reading.labels import LABELS
from guanxi_retail.reading.read_models import READ_MODELS
from guanxi_retail.reading.reports import REPORTS
from guanxi_retail.reading.rules import RULE_SETS
from guanxi_retail.reading.subscription import subscription
from guanxi_retail.reading.use import content_use
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Paid reading", "付费阅读"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(subscription, content_use),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=REPORTS,
    labels=LABELS,
)
