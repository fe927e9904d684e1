"""What a plugin's own events may count as in the core: classes that they are derived from."""

from __future__ import annotations

from guanxi.kernel.messages import Decision, Fact


class SaleAtOnce(Fact):
    """A sale that was ordered, handed over and paid in one (CORE-16, CORE-17).

    A fact of a plugin that is derived from it counts as a sign of life and as a fulfilled sale, where it names a ``deal``.
    """

    __slots__ = ()

    @property
    def deal(self) -> str | None:
        """The number that tells this sale from the customer's other ones; the class that is derived gives it.

        None where it is no sale by itself, such as the difference that is paid for goods that were exchanged.
        """
        raise NotImplementedError


class LapseFound(Decision):
    """A plugin's rule found that a customer has lapsed (CORE-16).

    A decision of a plugin that is derived from it lets the relationship lapse where ``LifecycleRules.lapse_rule`` names the
    plugin, the part of the event's stored name before the first dot.
    """

    __slots__ = ()
