"""The log of one account: what its holder looked at, and what he was refused (CORE-07, CORE-69)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.access.commands import KeepAttempt, KeepView
from guanxi.relationship.access.events import AttemptRefused, FileViewed
from guanxi.relationship.access.streams import LOG


@attrs.define
class AccessLog:
    """How often somebody looked into files, and was refused."""

    views: int = 0
    refused: int = 0


access_log = Facet("core.access_log", AccessLog, subject=LOG, title=Label("Access log", "访问日志"))


@access_log.evolve
def _viewed(s: AccessLog, e: FileViewed) -> None:
    s.views += 1


@access_log.evolve
def _refused(s: AccessLog, e: AttemptRefused) -> None:
    s.refused += 1


@access_log.decide
def _keep_view(s: AccessLog, c: KeepView, now: Now) -> Iterator[Fact]:
    yield FileViewed(customer=c.customer, operation=c.operation, fields=c.fields, on=c.on)


@access_log.decide
def _keep_attempt(s: AccessLog, c: KeepAttempt, now: Now) -> Iterator[Fact]:
    yield AttemptRefused(
        operation=c.operation,
        asked=c.asked,
        code=c.code,
        rule=c.rule,
        customer=c.customer,
        for_whom=c.for_whom,
        in_name_of=c.in_name_of,
    )
