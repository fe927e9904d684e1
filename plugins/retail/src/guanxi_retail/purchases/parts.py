"""What this room hands over to the plugin."""

from guanxi import Label, Parts
from guanxi_retail.purchases.commands import COMMANDS
from guanxi_retail.purchases.events import EVENTS
from guanxi_retail.purchases.labels import LABELS
from guanxi_retail.purchases.overview import purchases_view
from guanxi_retail.purchases.purchases import purchases
from guanxi_retail.purchases.read_models import READ_MODELS
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Purchases", "消费"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(purchases,),
    read_models=READ_MODELS,
    overviews=(purchases_view,),
    labels=LABELS,
)
