"""A made-up population with a whole year of relationships: seeded, of any size, and marked as synthetic throughout.

Nothing in it is about anybody: accounts begin with ``SYN-``, names with 合成, numbers are of a range that is made up.
"""

from guanxi.testing.population.living import Progress, Tally, live
from guanxi.testing.population.marks import Mark
from guanxi.testing.population.people import BRANCH, Customer
from guanxi.testing.population.plan import Population
from guanxi.testing.population.rates import RATES, UNREACHED, Rate

__all__ = [
    "BRANCH",
    "RATES",
    "UNREACHED",
    "Customer",
    "Mark",
    "Population",
    "Progress",
    "Rate",
    "Tally",
    "live",
]
