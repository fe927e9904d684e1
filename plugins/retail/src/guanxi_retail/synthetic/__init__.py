"""A made-up chain of shops with whole years of membership: seeded, of any size, and marked as synthetic throughout.

Nothing in it is about anybody: accounts begin with ``SYN-``, names with 合成, numbers are of a range that is made up.
"""

from guanxi_retail.synthetic.chain import ShopChain
from guanxi_retail.synthetic.living import Progress, Tally, live
from guanxi_retail.synthetic.members import SHOP, Member
from guanxi_retail.synthetic.plans import MEANT, PLANS, UNREACHED, Plan
from guanxi_retail.synthetic.telling import Step

__all__ = [
    "MEANT",
    "PLANS",
    "SHOP",
    "UNREACHED",
    "Member",
    "Plan",
    "Progress",
    "ShopChain",
    "Step",
    "Tally",
    "live",
]
