"""The reference is what the code says, and the code says something about everything public."""

from __future__ import annotations

import pytest

from tests.docs import reference


def test_the_reference_is_what_the_code_makes() -> None:
    written = reference.PAGE.read_text("utf-8")
    assert written == reference.page(), "run: python -m tests.docs.reference"


def test_every_public_name_has_a_docstring() -> None:
    assert [name for name in reference.public() if not reference.text_of(name)] == []


def test_every_public_name_stands_in_the_reference_once() -> None:
    headings = [line[4:] for line in reference.page().splitlines() if line.startswith("### ")]
    assert sorted(headings) == sorted(name.rpartition(".")[2] for name in reference.public())


def test_every_public_method_says_what_it_does() -> None:
    assert "see its class" not in reference.page()


def test_a_constant_is_described_by_the_text_below_its_definition() -> None:
    assert reference.text_of("guanxi.ERASED") == "What a personal field reads once its key is destroyed."


def test_a_signature_reads_as_it_is_written() -> None:
    def example(a: int, *rest: str, b: list[int] | None = None, **more: object) -> None: ...

    assert reference.signature(example) == (
        "(a: int, *rest: str, b: list[int] | None = None, **more: object) -> None"
    )


@pytest.mark.parametrize(
    ("text", "summary", "sections"),
    [
        ("Say it.", "Say it.", {}),
        (
            "Say it.\n\nArgs:\n    a: one\n        thing.\n    b: another.\n\nRaises:\n    Invalid: ``x``, if so.",
            "Say it.",
            {"Args": [("a", "one thing."), ("b", "another.")], "Raises": [("Invalid", "`x`, if so.")]},
        ),
    ],
)
def test_a_docstring_is_taken_apart(
    text: str, summary: str, sections: dict[str, list[tuple[str, str]]]
) -> None:
    told = reference.taken_apart(text)
    assert (told.summary, told.sections) == (summary, sections)
