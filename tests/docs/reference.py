"""The reference of the public surface, made from the code: signatures, summaries, arguments and what is raised.

``python -m tests.docs.reference`` writes ``docs/plugin-authors/reference.md``; a test holds the page to what this makes.
"""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import itertools
import re
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attrs

import guanxi
import guanxi.testing
from guanxi.kernel.plugins import API, DEPRECATIONS
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "plugin-authors" / "reference.md"

TOPICS: dict[str, str] = {
    "Messages": "event command due Event Fact Act Decision Deed Command Due key given limit personal field Erased ERASED",
    "Late effects": "REVISE FROM_NOW WOULD_DIFFER dated revise_when",
    "Facets": "Facet Now To Claim FOR_EVER WHILE_ACTIVE ADVISORY",
    "Rule sets": "rule_set RuleSet parameter",
    "Read models": "ReadModel column Rows Reader",
    "Reports": "Report Column Content Asked Picture Drawing ReportResult",
    "Runs": "Run Population InForce RunRow RunView LineDifference run_register",
    "Handing over": "hookimpl Parts Upcaster Label deprecated GuanxiDeprecationWarning Installed PluginRefused Block discover",
    "Times and values": (
        "Money exact add_months midnight midnight_after end_of instant stamp DAY INSTANT ClockRules"
    ),
    "The customer file": (
        "OpenFile CloseRelationship ReopenRelationship RecordProfileFact RecordIdentifier CustomerFile ACCOUNT"
    ),
    "Errors": (
        "GuanxiError Refusal Conflict Held Incomplete Invalid NotPermitted RuleNotMet SchemaTooNew Unknown "
        "PluginError StoreError Unavailable"
    ),
}
"""What a plugin is written with, by topic. Whatever else is public is listed under the topic after these."""

REST = "Asking a ledger"
TESTING = "Testing"

_SECTION = re.compile(r"^(Args|Attributes|Returns|Yields|Raises):\s*$")
_ITEM = re.compile(r"^(\*{0,2}[\w]+(?:, \*{0,2}\w+)*): (.*)$")
_PUBLIC_NAME = re.compile(r"guanxi(?:\.\w+)+\.(\w+)")


@attrs.frozen
class Documented:
    """A docstring taken apart.

    Args:
        summary: its first paragraph and what follows up to the sections.
        sections: items, or plain text under an empty name, by section.
    """

    summary: str
    sections: dict[str, list[tuple[str, str]]]


def page() -> str:
    """Return the text of the reference."""
    return "\n".join(_page()).rstrip() + "\n"


def public() -> list[str]:
    """Return the names of the surface that have to be documented, as ``guanxi.x`` or ``guanxi.testing.x``."""
    return [f"guanxi.{n}" for n in guanxi.__all__] + [f"guanxi.testing.{n}" for n in guanxi.testing.__all__]


def text_of(name: str) -> str:
    """Return the docstring of a public name: of a constant, the text below its definition; empty when it has none."""
    module, _, attribute = name.rpartition(".")
    thing = getattr(importlib.import_module(module), attribute)
    if inspect.isclass(thing) or inspect.isroutine(thing):
        return inspect.cleandoc(
            thing.__dict__.get("__doc__") or "" if inspect.isclass(thing) else thing.__doc__ or ""
        )
    return _constant_text(_defining_module(module, attribute), attribute)


# ---------------------------------------------------------------- the page


def _page() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield (
        f"The surface that a plugin may use, version {API}: every public name of `guanxi` and `guanxi.testing`. This page is made from "
        "the code by `python -m tests.docs.reference`, and a test holds it to that. How the pieces go together is told on the page "
        "[Write a plugin](index.md); what changes between versions, under [Versions](versioning.md)."
    )
    placed = {n for names in TOPICS.values() for n in names.split()}
    topics = {
        **{t: names.split() for t, names in TOPICS.items()},
        REST: sorted(set(guanxi.__all__) - placed, key=str.lower),
    }
    yield ""
    for topic in (*topics, TESTING, "Deprecated"):
        yield f"- [{topic}](#{topic.lower().replace(' ', '-')})"
    for topic, names in topics.items():
        yield ""
        yield f"## {topic}"
        for name in names:
            yield from _entry("guanxi", name)
    yield ""
    yield f"## {TESTING}"
    yield ""
    yield "From `guanxi.testing`; what makes up histories needs the extra `guanxi[testing]`."
    for name in guanxi.testing.__all__:
        yield from _entry("guanxi.testing", name)
    yield from _deprecated()


def _deprecated() -> Iterator[str]:
    yield ""
    yield "## Deprecated"
    yield ""
    yield "| what | since | goes on | use |"
    yield "|---|---|---|---|"
    for each in DEPRECATIONS:
        yield f"| `{each.what}` | {each.since} | {each.removal} | {each.instead} |"


def _entry(module: str, name: str) -> Iterator[str]:
    thing = getattr(importlib.import_module(module), name)
    told = taken_apart(text_of(f"{module}.{name}"))
    yield ""
    yield f"### {name}"
    yield ""
    if inspect.isclass(thing):
        yield from _class(name, thing, told)
    elif inspect.isroutine(thing):
        yield from _code(f"{name}{signature(thing)}")
        yield from _told(told)
    else:
        yield from _told(told)


def _class(name: str, cls: type[Any], told: Documented) -> Iterator[str]:
    if issubclass(cls, BaseException) or issubclass(cls, enum.Enum) or getattr(cls, "_is_protocol", False):
        base = next((b.__name__ for b in cls.__bases__ if b is not object), "")
        yield from _code(f"class {name}({base})" if base else f"class {name}")
    else:
        yield from _code(f"class {name}{signature(cls)}".removesuffix("()"))
    yield from _told(told)
    methods = list(_methods(cls))
    if methods:
        yield ""
        yield from methods


def _methods(cls: type[Any]) -> Iterator[str]:
    for name, raw in cls.__dict__.items():
        if name.startswith("_"):
            continue
        inner: Any = raw.__func__ if isinstance(raw, classmethod | staticmethod) else raw
        if isinstance(inner, property):
            told = taken_apart(inspect.cleandoc(inner.fget.__doc__ or "") if inner.fget else "")
            yield f"- `.{name}`: {_first(told)}"
        elif inspect.isfunction(inner) and not name.startswith("test_"):
            told = taken_apart(inspect.cleandoc(inner.__doc__ or ""))
            shape = signature(inner, bound=not isinstance(raw, staticmethod))
            yield f"- `.{name}{shape}`: {_first(told)}{_raises(told)}"


def _first(told: Documented) -> str:
    return told.summary.split("\n\n")[0] or "see its class."


def _raises(told: Documented) -> str:
    raised = [f"`{name}`" for name, _ in told.sections.get("Raises", ()) if name]
    return f" Raises {', '.join(raised)}." if raised else ""


def _code(text: str) -> Iterator[str]:
    yield "```python not-run"
    yield text
    yield "```"
    yield ""


def _told(told: Documented) -> Iterator[str]:
    yield told.summary
    for section, items in told.sections.items():
        yield ""
        if section in ("Args", "Attributes"):
            yield from (f"- `{name}`: {text}" for name, text in items)
        elif section == "Raises":
            yield from (f"- raises `{name}`: {text}" if name else f"- raises {text}" for name, text in items)
        else:
            yield f"{section} " + " ".join(text for _, text in items)


# ---------------------------------------------------------------- docstrings


def taken_apart(text: str) -> Documented:
    """Return a docstring in the Google style taken apart."""
    summary: list[str] = []
    sections: dict[str, list[tuple[str, str]]] = {}
    section = ""
    for line in text.splitlines():
        head = _SECTION.match(line)
        if head:
            section = head[1]
            sections[section] = []
        elif not section:
            summary.append(line)
        elif line.strip():
            body = line.strip()
            item = _ITEM.match(body)
            deep = len(line) - len(line.lstrip())
            if item and deep <= 4:
                sections[section].append((item[1], _marked(item[2])))
            elif sections[section]:
                name, before = sections[section][-1]
                sections[section][-1] = (name, f"{before} {_marked(body)}")
            else:
                sections[section].append(("", _marked(body)))
    return Documented(_unwrapped(summary), sections)


def _unwrapped(lines: list[str]) -> str:
    """Return paragraphs as lines, and code behind a double colon as a block."""
    out: list[str] = []
    for paragraph in "\n".join(lines).strip().split("\n\n"):
        if paragraph.startswith("    "):
            out.append("```python not-run\n" + inspect.cleandoc(paragraph) + "\n```")
        elif paragraph.strip() != "::":
            out.append(_marked(" ".join(paragraph.split())))
    return "\n\n".join(out)


def _marked(text: str) -> str:
    return text.replace("``", "`")


def _defining_module(module: str, name: str) -> str:
    """Return the module that a constant was imported from."""
    path = Path(str(importlib.import_module(module).__file__))
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and any((a.asname or a.name) == name for a in node.names)
        ):
            inner = importlib.import_module(node.module)
            if inner.__file__ and Path(inner.__file__).name == "__init__.py":
                return _defining_module(node.module, name)
            return node.module
    return module


@cache
def _constants(module: str) -> dict[str, str]:
    path = Path(str(importlib.import_module(module).__file__))
    body = ast.parse(path.read_text("utf-8")).body
    found: dict[str, str] = {}
    for node, after in itertools.pairwise(body):
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        text = (
            after.value.value
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            else None
        )
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(text, str):
                found[target.id] = inspect.cleandoc(text)
    return found


def _constant_text(module: str, name: str) -> str:
    return _constants(module).get(name, "")


# ---------------------------------------------------------------- signatures


def signature(thing: Any, *, bound: bool = False) -> str:
    """Return a callable's signature as a reader would write it, without what only the machine sees.

    Args:
        thing: a function, or a class.
        bound: whether to leave out the first parameter.
    """
    try:
        shape = inspect.signature(thing)
    except (TypeError, ValueError):
        return "(…)"
    shown, keyword_only = [], False
    for parameter in list(shape.parameters.values())[1 if bound else 0 :]:
        if parameter.kind is parameter.VAR_POSITIONAL:
            keyword_only = True
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            shown.append("*")
            keyword_only = True
        shown.append(_parameter(thing, parameter))
    result = "" if inspect.isclass(thing) else _annotation(shape.return_annotation)
    return f"({', '.join(shown)})" + (f" -> {result}" if result else "")


def _parameter(thing: Any, parameter: inspect.Parameter) -> str:
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    text = stars + parameter.name
    hint = _annotation(_declared_type(thing, parameter))
    default = parameter.default
    if hint:
        text += f": {hint}"
    if default is not parameter.empty:
        text += f" = {_default(default)}" if hint else f"={_default(default)}"
    return text


def _declared_type(thing: Any, parameter: inspect.Parameter) -> Any:
    """Return a parameter's annotation; a converted attrs field has that of the field."""
    if inspect.isclass(thing) and attrs.has(thing):
        for a in attrs.fields(thing):
            if a.alias == parameter.name and a.type is not None:
                return a.type
    return parameter.annotation


def _annotation(hint: Any) -> str:
    if hint is inspect.Parameter.empty:
        return ""
    if hint is type(None):
        return "None"
    text = (
        hint
        if isinstance(hint, str)
        else hint.__name__
        if inspect.isclass(hint) and not typing.get_args(hint)
        else str(hint)
    )
    return (
        _PUBLIC_NAME.sub(r"\1", text)
        .replace("typing.", "")
        .replace("collections.abc.", "")
        .replace("datetime.date", "date")
    )


def _default(value: Any) -> str:
    if value is attrs.NOTHING or isinstance(value, attrs.Factory) or callable(value):  # type: ignore[arg-type]
        return "…"
    text = repr(value)
    return "…" if " object at 0x" in text else text


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), "utf-8")
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
