"""Arrays as text are what PostgreSQL reads them as, whatever stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi_adapters.sql.arrays import array_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
AWKWARD = st.sampled_from(["", "NULL", "null", '"', "\\", '\\"', "{}", ",", " a ", '","', "'", "\n", "中文"])


@pytest.fixture(scope="module")
def cursor(postgres_server: str) -> Iterator[Any]:
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        yield connection.cursor()


@pytest.mark.postgres
@given(st.lists(st.one_of(st.none(), TEXTS, AWKWARD), max_size=12))
def test_texts_come_back_as_they_were(cursor: Any, values: list[str | None]) -> None:
    cursor.execute("SELECT %s::text[]", (array_text(values),))
    assert cursor.fetchone()[0] == values


@pytest.mark.postgres
@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.booleans()), max_size=12))
def test_whole_numbers_come_back_as_they_were(cursor: Any, values: list[int | None]) -> None:
    cursor.execute("SELECT %s::bigint[]", (array_text(values),))
    assert cursor.fetchone()[0] == values


def test_what_is_no_text_and_no_whole_number_is_refused() -> None:
    with pytest.raises(TypeError):
        array_text([1, 1.5])  # type: ignore[list-item]
    with pytest.raises((TypeError, AttributeError)):
        array_text([None, 1.5])  # type: ignore[list-item]
