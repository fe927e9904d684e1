"""What this room hands over to the plugin."""

from guanxi import Label, Parts
from guanxi_retail.points import adjusting, clawing_back, merged, redeeming, transfers  # noqa: F401 - they register handlers
from guanxi_retail.points.ageing import points_ageing
from guanxi_retail.points.commands import COMMANDS
from guanxi_retail.points.events import EVENTS
from guanxi_retail.points.labels import LABELS
from guanxi_retail.points.liability_report import points_liability
from guanxi_retail.points.movement import points_movement
from guanxi_retail.points.overview import points_view
from guanxi_retail.points.points import points
from guanxi_retail.points.read_models import READ_MODELS
from guanxi_retail.points.rules import RULE_SETS
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Points", "积分"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(points,),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=(points_movement, points_ageing, points_liability),
    overviews=(points_view,),
    labels=LABELS,
)
