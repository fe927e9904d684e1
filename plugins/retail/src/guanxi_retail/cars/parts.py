"""What this room hands over to the plugin."""

from guanxi import Label, Parts
from guanxi_retail.cars import ordering  # noqa: F401 - it registers handlers of the orders
from guanxi_retail.cars.cadences import CADENCES
from guanxi_retail.cars.calls import CallAboutFeedback, feedback_calls
from guanxi_retail.cars.commands import COMMANDS
from guanxi_retail.cars.events import EVENTS
from guanxi_retail.cars.labels import LABELS
from guanxi_retail.cars.orders import vehicle_orders
from guanxi_retail.cars.read_models import READ_MODELS
from guanxi_retail.cars.reports import REPORTS
from guanxi_retail.cars.rules import RULE_SETS
from guanxi_retail.cars.showroom import showroom
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Car retail", "汽车零售"),
    events=EVENTS,
    commands=(*COMMANDS, CallAboutFeedback),
    facets=(showroom, vehicle_orders, feedback_calls),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=REPORTS,
    cadences=CADENCES,
    labels=LABELS,
)
