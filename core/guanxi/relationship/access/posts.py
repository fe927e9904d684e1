"""Posts: what each is there for, in which section, and below which other one, dated (CORE-67)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.access.commands import AbolishPost, EstablishPost
from guanxi.relationship.access.events import PostAbolished, PostEstablished, Role
from guanxi.relationship.access.streams import POST, post_stream


@attrs.define
class Post:
    """A post as it stands."""

    role: Role | None = None
    section: str | None = None
    reports_to: str | None = None
    grants: tuple[str, ...] = ()


posts = Facet("core.post", Post, subject=POST, title=Label("Post", "岗位"))


@posts.evolve
def _established(s: Post, e: PostEstablished) -> None:
    s.role, s.section, s.reports_to, s.grants = e.role, e.section, e.reports_to, e.grants


@posts.evolve
def _abolished(s: Post, e: PostAbolished) -> None:
    s.role, s.section, s.reports_to, s.grants = None, None, None, ()


@posts.decide
def _establish(s: Post, c: EstablishPost, now: Now) -> Iterator[Fact]:
    if c.reports_to is not None and post_stream(c.reports_to) == now.subject:
        raise Unknown(
            "unknown_code",
            "a post does not report to itself",
            zh="岗位不能向自己汇报",
            rule="CORE-67",
            accepts="the post above it, or None",
        )
    yield PostEstablished(role=c.role, section=c.section, reports_to=c.reports_to, grants=c.grants)


@posts.decide
def _abolish(s: Post, c: AbolishPost, now: Now) -> Iterator[Fact]:
    if s.role is None:
        raise Unknown("unknown_code", "there is no such post", zh="没有该岗位", rule="CORE-67")
    yield PostAbolished()
