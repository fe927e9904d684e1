"""Discussion on a customer, and articles in versions that answers name (CORE-92)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Act, Fact
from guanxi.kernel.privacy import Erased
from guanxi.relationship.together.commands import PostDiscussion, PublishKnowledge
from guanxi.relationship.together.events import DiscussionPosted, KnowledgePublished

KNOWLEDGE = "knowledge"
_PREFIX = "knowledge/"


def article_stream(article: str) -> str:
    """Return the stream of an article."""
    return _PREFIX + article


@attrs.define
class Discussion:
    """What staff wrote about a customer: number to (item, text)."""

    posts: dict[str, tuple[str | None, str | Erased]] = attrs.field(factory=dict)


discussion = Facet("core.discussion", Discussion, title=Label("Discussion", "研讨"))


@discussion.evolve
def _posted(s: Discussion, e: DiscussionPosted) -> None:
    s.posts[e.post] = (e.item, e.text)


@discussion.decide
def _post(s: Discussion, c: PostDiscussion, now: Now) -> Iterator[Fact]:
    if c.post in s.posts:
        raise Conflict(
            "identifier_taken",
            f"post {c.post} is on record",
            zh=f"帖子 {c.post} 已登记",
            rule="CORE-92",
            accepts="another number",
        )
    yield DiscussionPosted(post=c.post, item=c.item, text=c.text)


@attrs.define
class Article:
    """An article's versions, by number."""

    versions: dict[int, str] = attrs.field(factory=dict)
    title: str = ""

    @property
    def version(self) -> int:
        """The number of the latest version, 0 before there is one."""
        return max(self.versions, default=0)


articles = Facet("core.article", Article, subject=KNOWLEDGE, title=Label("Knowledge", "业务知识"))


@articles.evolve
def _published(s: Article, e: KnowledgePublished) -> None:
    s.versions[e.version], s.title = e.text, e.title


@articles.decide
def _publish(s: Article, c: PublishKnowledge, now: Now) -> Iterator[Act]:
    yield KnowledgePublished(
        article=now.subject.removeprefix(_PREFIX), version=s.version + 1, title=c.title, text=c.text
    )
