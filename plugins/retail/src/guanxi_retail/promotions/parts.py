"""What this room hands over to the plugin."""

from guanxi import Label, Parts
from guanxi_retail.promotions.commands import COMMANDS
from guanxi_retail.promotions.events import EVENTS
from guanxi_retail.promotions.exchanges import exchanges
from guanxi_retail.promotions.issuing import issuing
from guanxi_retail.promotions.labels import LABELS
from guanxi_retail.promotions.overview import vouchers_held
from guanxi_retail.promotions.read_models import READ_MODELS
from guanxi_retail.promotions.referrals import referrals
from guanxi_retail.promotions.reports import REPORTS
from guanxi_retail.promotions.rules import RULE_SETS
from guanxi_retail.promotions.scratch_cards import scratch_cards
from guanxi_retail.promotions.till import till
from guanxi_retail.promotions.vouchers import vouchers
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Promotions", "促销"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(vouchers, issuing, scratch_cards, referrals, till, exchanges),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=REPORTS,
    overviews=(vouchers_held,),
    labels=LABELS,
)
