"""What this room hands over to the plugin."""

from guanxi import Label, Parts
from guanxi_retail.care.cadences import CADENCES
from guanxi_retail.care.labels import LABELS
from guanxi_retail.care.read_models import READ_MODELS
from guanxi_retail.care.reports import REPORTS
from guanxi_retail.care.rules import RULE_SETS
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Care", "会员关怀"),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=REPORTS,
    cadences=CADENCES,
    labels=LABELS,
)
