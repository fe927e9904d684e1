"""Rule sets in files: reads the values a person wants to publish from TOML, exactly, and writes a rule set as TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from guanxi import Invalid, RuleSet
from guanxi.kernel.rules import Parameter, declared, parameters_of, rule_set_from

NONE = "none"
"""How a file says that a parameter has no value, for which TOML has no word."""


def load_rule_sets(path: Path, classes: Iterable[type[RuleSet]]) -> dict[str, dict[str, Any]]:
    """Return the parameters that a file gives, by rule set: one table for each, named like it.

    Args:
        path: a TOML file such as ``guanxi rules template`` prints.
        classes: the rule sets there are.

    Raises:
        Invalid: ``not_toml``, ``unknown_rule_set`` for a table that names none, or ``unknown_field``.
    """
    data, names = _read(path), {c.stored_name: c for c in classes}
    found: dict[str, dict[str, Any]] = {}
    for name, table in _tables(data, set(names)):
        if name not in names:
            raise Invalid(
                "unknown_rule_set",
                f"{path} gives {name}, and no rule set is called so",
                zh=f"{path} 中的 {name} 不是规则集",
                accepts=_hint(name, sorted(names)),
            )
        found[name] = _fitting(names[name], table)
    return found


def load_parameters(path: Path, cls: type[RuleSet], *, alone: bool = False) -> dict[str, Any]:
    """Return the parameters that a file gives for one rule set; the table's heading may be left out.

    Args:
        path: the TOML file.
        cls: the rule set.
        alone: whether the file may speak of that rule set only.

    Raises:
        Invalid: ``not_toml``, or ``unknown_field`` naming the parameters there are; with ``alone``, ``other_rule_sets``.
    """
    data = _read(path)
    if alone:
        _refuse_others(path, data, cls)
    return _fitting(cls, dict(_tables(data, {cls.stored_name})).get(cls.stored_name, data))


def _refuse_others(path: Path, data: Mapping[str, Any], cls: type[RuleSet]) -> None:
    """Refuse a file with tables of other rule sets, which would be left out without a word."""
    name, known = cls.stored_name, {p.name for p in declared(cls)}
    tables = dict(_tables(data, {name}))
    if name in tables:
        beside = [k for k in data if not isinstance(data[k], dict)]
        others = [*(t for t in tables if t != name), *beside]
    else:
        inner = ((t, v) for t, v in tables.items() if t not in known)
        others = [
            f"{t}.{k}" if isinstance(w, dict) else t for t, v in inner for k, w in (v or {t: 0}).items()
        ]
    if others := list(dict.fromkeys(others)):
        raise Invalid(
            "other_rule_sets",
            f"{path} is not about {name} alone: it gives {', '.join(others)}",
            zh=f"{path} 不只涉及 {name}：还含有 {'、'.join(others)}",
            accepts=f'one table ["{name}"], or its parameters without a heading; other rule sets in files of their own',
        )


def _fitting(cls: type[RuleSet], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters that a rule set has, none where a file says so."""
    known = {p.name: p for p in declared(cls)}
    if unknown := [name for name in given if name not in known]:
        raise Invalid(
            "unknown_field",
            f"{cls.stored_name} has no parameter {', '.join(unknown)}",
            zh=f"规则集 {cls.stored_name} 没有参数 {'、'.join(unknown)}",
            accepts=_hint(unknown[0], list(known)),
        )
    return {k: None if v == NONE and known[k].optional else v for k, v in given.items()}


def changed(value: RuleSet, given: Mapping[str, Any]) -> RuleSet:
    """Return a rule set with some parameters changed; mappings and lists are given whole.

    Raises:
        Invalid: ``out_of_scale`` for a value that does not fit its type or bounds.
    """
    return rule_set_from(type(value), {**parameters_of(value), **given})


def as_toml(value: RuleSet, comments: Mapping[str, str] | None = None, head: str = "") -> str:
    """Return a rule set as a TOML table, from which ``load_parameters`` has the same values again.

    Args:
        value: the values.
        comments: what to say of each parameter, by name.
        head: what to say first.
    """
    name, given = value.stored_name, comments or {}
    lines = [*(f"# {line}" for line in head.splitlines()), f"[{_text(name)}]"]
    tables: list[str] = []
    for p in declared(type(value)):
        said = [f"# {given[p.name]}"] if p.name in given else []
        content = getattr(value, p.name)
        if isinstance(content, Mapping):
            rows = [f"{_text(str(k))} = {_toml(v)}" for k, v in content.items()]
            tables += ["", *said, f"[{_text(name)}.{p.name}]", *rows]
        else:
            lines += ["", *said, f"{p.name} = {_parameter(p, content)}"]
    return "\n".join([*lines, *tables]) + "\n"


def _parameter(p: Parameter, value: Any) -> str:
    return _text(NONE) if value is None and p.optional else _toml(value)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_text(str(k))} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return _text(value) if isinstance(value, str) else _toml(msgspec.to_builtins(value))


def _text(text: str) -> str:
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007F")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(
            "not_toml",
            f"{path}: {error}",
            zh=f"{path} 不是 TOML：{error}",
            accepts="TOML as guanxi rules template prints it",
        ) from error


def _tables(data: Mapping[str, Any], names: set[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield the tables of a file by their whole names, whether the dot in a heading was quoted or not."""
    for name, table in data.items():
        if not isinstance(table, dict):
            continue
        inner = {f"{name}.{k}": v for k, v in table.items() if isinstance(v, dict)}
        if name not in names and any(k in names for k in inner):
            yield from inner.items()
        else:
            yield name, table


def _hint(wrong: str, there: list[str]) -> str:
    near = get_close_matches(wrong, there, 1, 0.6)
    listed = ", ".join(there)
    return f"{near[0]}? There are: {listed}" if near else listed
