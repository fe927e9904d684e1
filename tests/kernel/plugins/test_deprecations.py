"""What will go is announced a year ahead, with its dates, to each user once, by name."""

from __future__ import annotations

import subprocess
import sys
import warnings
from datetime import date, timedelta
from types import ModuleType
from typing import Any

import pytest

import guanxi
from guanxi import GuanxiDeprecationWarning, Label, Parts, PluginError, deprecated
from guanxi.kernel.plugins import DEPRECATIONS
from tests.kernel.plugins.installing import Site, bare, code

SINCE, REMOVAL = date(2026, 1, 1), date(2027, 6, 1)


def library(name: str = "some_library") -> dict[str, Any]:
    """Return the names of a module that deprecates what is its own."""
    module = ModuleType(name)
    source = """
from datetime import date
from guanxi import deprecated
since, removal = date(2026, 1, 1), date(2027, 6, 1)

@deprecated("old()", since=since, removal=removal, instead="fresh()")
def old(x):
    '''Say it twice.'''
    return 2 * x

@deprecated("Old", since=since, removal=removal, instead="Fresh")
class Old:
    def __init__(self, x): self.x = x

parameter = deprecated("run(only=...)", since=since, removal=removal, instead="run(allow=...)")

def run(allow=None, only=None):
    if only is not None:
        parameter.warn()
    return allow or only
"""
    exec(source, module.__dict__)
    return module.__dict__


def user(source: str, given: dict[str, Any], name: str = "some_plugin.shop") -> None:
    """Run code as a module of that name."""
    module = ModuleType(name)
    module.__dict__.update({k: v for k, v in given.items() if not k.startswith("__")})
    exec(compile(source, f"/{name}.py", "exec"), module.__dict__)


def told(source: str, given: dict[str, Any], name: str = "some_plugin.shop") -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        user(source, given, name)
    return caught


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("old(1)", "old(), deprecated since 2026-01-01; it goes on 2027-06-01. Use fresh()"),
        ("Old(1)", "Old, deprecated since 2026-01-01; it goes on 2027-06-01. Use Fresh"),
        ("class Mine(Old): pass", "Old, deprecated"),
        (
            "run(only=3)",
            "run(only=...), deprecated since 2026-01-01; it goes on 2027-06-01. Use run(allow=...)",
        ),
    ],
)
def test_a_use_is_told_with_its_user_its_dates_and_what_to_use_instead(source: str, what: str) -> None:
    (one,) = told("\n\n" + source, library())
    assert one.category is GuanxiDeprecationWarning
    assert str(one.message).startswith(f"some_plugin.shop uses {what}")
    assert (one.filename, one.lineno) == ("/some_plugin.shop.py", 3)


def test_each_user_is_told_once() -> None:
    names = library()
    assert len(told("old(1)\nold(2)\nfor _ in range(5): old(3)", names)) == 1
    assert told("old(1)", names) == []
    assert len(told("old(1)", names, "another_plugin")) == 1


def test_what_is_deprecated_still_works() -> None:
    names = library()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GuanxiDeprecationWarning)
        assert names["old"](2) == 4
        assert names["old"].__doc__ == "Say it twice."
        assert names["Old"](7).x == 7
        assert names["run"](only=3) == 3


def test_the_parameter_s_successor_warns_nobody() -> None:
    assert told("run(allow=3)", library()) == []


def test_a_library_s_own_frames_are_never_the_user() -> None:
    names = library()
    exec("def through(): return old(1)", names)
    (one,) = told("through()", names)
    assert "some_plugin.shop uses old()" in str(one.message)


def test_less_than_a_year_s_notice_is_refused() -> None:
    with pytest.raises(
        PluginError, match=r"notice_too_short: x is deprecated since 2026-01-01 and would go on 2026-06-01"
    ):
        deprecated("x", since=SINCE, removal=date(2026, 6, 1), instead="y")
    deprecated("x", since=SINCE, removal=SINCE + timedelta(days=365), instead="y")


def test_it_is_a_deprecation_warning_so_that_test_runners_show_it_and_can_make_it_an_error() -> None:
    assert issubclass(GuanxiDeprecationWarning, DeprecationWarning)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        with pytest.raises(GuanxiDeprecationWarning):
            user("old(1)", library())


def test_a_plugin_s_distribution_and_version_are_named(site: Site) -> None:
    site.add("t_old", code("t_old", parts="api=1,"), version="3.1", manifest=bare("t_old"))
    source = (
        f"import sys, warnings; sys.path.insert(0, {str(site.folder)!r}); warnings.simplefilter('always')\n"
        "import guanxi\n"
        "print([p.error for p in guanxi.discover(allow=['t_old'], strict=True)])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "[None]\n"
    assert (
        "GuanxiDeprecationWarning: guanxi_t_old (guanxi-t_old 3.1) uses Parts(api=...) as a whole number, deprecated since"
        in ran.stderr
    )
    assert 'Use a range of versions, such as api=">=1,<2"' in ran.stderr


def test_a_whole_number_as_api_still_means_its_range() -> None:
    with pytest.warns(GuanxiDeprecationWarning, match="as a whole number"):
        exec(
            "made = Parts(name='x', version='1', title=Label('x', '某'), api=1)",
            {"Parts": Parts, "Label": Label, "__name__": "another_old_plugin"},
            made := {},
        )
    assert made["made"].api == ">=1,<2"


def test_what_guanxi_itself_deprecates_is_listed() -> None:
    assert "Parts(api=...) as a whole number" in [d.what for d in DEPRECATIONS]
    assert not [d for d in DEPRECATIONS if d.what == "old()"]
    assert all(d.removal - d.since >= timedelta(days=365) for d in DEPRECATIONS)
    assert guanxi.deprecated is deprecated
