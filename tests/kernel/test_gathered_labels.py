"""What a word means where several groups use it: to most, to a group's own, and to one that is named with it."""

from __future__ import annotations

from guanxi.kernel.labels import Label, gathered, label_of

FIRST, SECOND, NAMED = Label("left", "离任"), Label("left", "退会"), Label("left", "已退出")


def test_the_first_group_says_what_a_word_means_and_later_ones_what_it_means_to_their_own() -> None:
    texts = gathered([({"left": FIRST}, ("core.a",)), ({"left": SECOND}, ("retail.b",))])
    assert label_of(texts, "left", "core.a") == label_of(texts, "left") == FIRST
    assert label_of(texts, "left", "retail.b") == SECOND


def test_an_owner_that_a_group_names_with_the_word_keeps_what_is_said_of_it() -> None:
    inner = gathered([({"left": SECOND}, ("retail.b",)), ({"left": NAMED}, ("retail.c",))])
    texts = gathered([({"left": FIRST}, ("core.a",)), (inner, ("retail.b", "retail.c"))])
    assert label_of(texts, "left", "retail.b") == SECOND
    assert label_of(texts, "left", "retail.c") == NAMED
