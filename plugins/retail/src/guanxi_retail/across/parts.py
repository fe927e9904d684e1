"""What this room hands over to the plugin."""

from guanxi import Label, Parts
from guanxi_retail.across.would_differ import REPORT
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Reports across subjects", "跨主题报表"),
    reports=(REPORT,),
)
