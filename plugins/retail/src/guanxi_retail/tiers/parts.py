"""What this room hands over to the plugin; warnings apart, since they come after all else of an instant (RET-58)."""

from guanxi import Label, Parts
from guanxi_retail.tiers import by_hand as _by_hand  # noqa: F401 - it registers its handlers
from guanxi_retail.tiers import qualification as _reactions  # noqa: F401 - it registers them
from guanxi_retail.tiers.cadences import CADENCES
from guanxi_retail.tiers.commands import COMMANDS
from guanxi_retail.tiers.events import EVENTS
from guanxi_retail.tiers.labels import LABELS
from guanxi_retail.tiers.overview import OVERVIEWS
from guanxi_retail.tiers.read_models import READ_MODELS
from guanxi_retail.tiers.reports import REPORTS
from guanxi_retail.tiers.rules import RULE_SETS
from guanxi_retail.tiers.tiers import tiers
from guanxi_retail.tiers.warnings import tier_warnings
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Tiers", "会员等级"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(tiers,),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=REPORTS,
    cadences=CADENCES,
    overviews=OVERVIEWS,
    labels=LABELS,
)

warnings = Parts(
    name="retail",
    version=VERSION,
    title=Label("Tier warnings", "降级预警"),
    facets=(tier_warnings,),
    labels=LABELS,
)
