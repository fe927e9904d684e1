"""What this room hands over to the plugin."""

from guanxi import Label, Parts
from guanxi_retail.store.cadences import CADENCES
from guanxi_retail.store.campaigns import campaign_costs, campaign_plans
from guanxi_retail.store.claims import claimed_receipts
from guanxi_retail.store.commands import COMMANDS
from guanxi_retail.store.credit import sales_credit, store_credit
from guanxi_retail.store.events import EVENTS
from guanxi_retail.store.follow_ups import follow_ups
from guanxi_retail.store.followed import FOLLOWED
from guanxi_retail.store.key_customers import key_customer
from guanxi_retail.store.labels import LABELS
from guanxi_retail.store.outlet import outlet
from guanxi_retail.store.read_models import READ_MODELS
from guanxi_retail.store.reports import REPORTS
from guanxi_retail.store.reviews import vip_review
from guanxi_retail.store.rules import RULE_SETS
from guanxi_retail.store.vips import store_vips
from guanxi_retail.store.walk_ins import store_day
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Stores", "门店"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(
        claimed_receipts,
        sales_credit,
        key_customer,
        store_day,
        store_credit,
        outlet,
        vip_review,
        follow_ups,
    ),
    rule_sets=RULE_SETS,
    read_models=(*READ_MODELS, store_vips, *FOLLOWED, campaign_plans, campaign_costs),
    reports=REPORTS,
    cadences=CADENCES,
    labels=LABELS,
)
