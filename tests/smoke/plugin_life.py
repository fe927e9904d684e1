"""A plugin's whole life outside the repository: run after `make dist`, with nothing but a Python and the wheels.

    python tests/smoke/plugin_life.py [--dist dist] [--constraint constraints.txt] [--keep]

A plugin is made with `guanxi plugins new`, built as a wheel, and installed beside the `guanxi` wheel alone: found, checked, judging,
projecting, reporting. Then it is withdrawn, and comes back in version 2.0 with a field renamed and a rule changed; `upgrade-check` names the
decisions and the report rows that differ before it is let in. It needs a package index for the dependencies. Not collected by pytest.
Prints one line per check and exits with status 1 at the first that fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from wheels import Failed, Installation, arguments, carried_out, check, only, rows

FACTS = (
    ("C-1", "core.open_file", "2025-01-02"),
    ("C-2", "core.open_file", "2025-01-02"),
    ("C-1", "lending.lend_item", "2025-03-03", "loan=L-1", "item=phone", "taken_by=Li Ming"),
    ("C-1", "lending.return_item", "2025-03-20", "loan=L-1"),
    ("C-1", "lending.lend_item", "2025-03-24", "loan=L-2", "item=sample case"),
    ("C-1", "lending.return_item", "2025-03-28", "loan=L-2"),
    ("C-2", "lending.lend_item", "2025-04-01", "loan=L-3", "item=tablet", "taken_by=Wang Fang"),
)
"""Account, command, day, and fields. L-1 comes back two days after it was overdue; L-3 stays out."""

MOVEMENT = [["2025-03", 0, 2, 2, 0], ["2025-04", 0, 1, 0, 1]]
OVERDUE = [["2025-04-16", "L-3", "tablet"]]
OVERDUE_LATER = [["2025-04-23", "L-3", "tablet"]]

UPCASTER = """def _item_to_article(fields: dict[str, object]) -> dict[str, object]:
    kept = {name: value for name, value in fields.items() if name != "item"}
    return {**kept, "article": fields["item"]}


class _Plugin:"""
GRACE = """    grace: int = parameter(
        default=7, label=Label("days of grace", "宽限天数"), unit=Label("days", "天"), minimum=0, maximum=60
    )
    at_most: int"""
LAST_DAY = "    last_day = now.at.date() + timedelta(days=now.rules(LendingRules).days)"
LAST_DAY_LATER = """    rules = now.rules(LendingRules)
    last_day = now.at.date() + timedelta(days=rules.days + rules.grace)"""
NEWS = """## 2.0.0

An item is overdue after days of grace. `item` of a loan is now called `article`.

## 0.1.0"""

SECOND: dict[str, tuple[tuple[str, str], ...]] = {
    "pyproject.toml": (('version = "0.1.0"', 'version = "2.0.0"'),),
    "CHANGELOG.md": (("## 0.1.0", NEWS),),
    "src/guanxi_lending/__init__.py": (
        ('__version__ = "0.1.0"', '__version__ = "2.0.0"'),
        ("import Label, Parts, hookimpl", "import Label, Parts, Upcaster, hookimpl"),
        ("class _Plugin:", UPCASTER),
        (
            "            commands=(",
            '            upcasters=(Upcaster("lending.item_lent", 1, _item_to_article),),\n            commands=(',
        ),
    ),
    "src/guanxi_lending/events.py": (
        ('@event("lending.item_lent")', '@event("lending.item_lent", version=2)'),
        (
            'handed over."""\n\n    loan: str\n    item: str',
            'handed over."""\n\n    loan: str\n    article: str',
        ),
    ),
    "src/guanxi_lending/rules.py": (("    at_most: int", GRACE),),
    "src/guanxi_lending/loans.py": (
        ('Facet("lending.loans", Loans, title', 'Facet("lending.loans", Loans, version=2, title'),
        ("s.out[e.loan] = e.item", "s.out[e.loan] = e.article"),
        ("ItemLent(loan=c.loan, item=c.item", "ItemLent(loan=c.loan, article=c.item"),
        (LAST_DAY, LAST_DAY_LATER),
    ),
    "src/guanxi_lending/read_models.py": (("= e.item, at", "= e.article, at"),),
    "src/guanxi_lending/labels.py": (
        ('    "item": Label', '    "article": Label("article", "物品名称"),\n    "item": Label'),
    ),
}
"""By file, what version 2.0 puts in place of what: a renamed field with its upcaster, and a changed rule."""


CHANGES = [
    ["C-1", "L-1", "only before", "2025-03-17T16:00:00.000000Z", None],
    ["C-2", "L-3", "differs", "2025-04-15T16:00:00.000000Z", "2025-04-22T16:00:00.000000Z"],
]
"""The decisions that differ under version 2.0: L-1 is not overdue any more, L-3 seven days later. Of L-2 nothing is said."""

CAUSE = "drawn by lending 0.1.0; 2.0.0 is installed"

ROWS = [
    ["lending.overdue", ["2025-04-16", "L-3", "tablet"], None],
    ["lending.overdue", None, ["2025-04-23", "L-3", "tablet"]],
]
"""The report rows that differ: a row gone, and a row new."""


def main() -> int:
    """Go through the plugin's life."""
    options = arguments(__doc__).parse_args()

    def prove(work: Path) -> None:
        Life(work, options.dist, options.constraint, Path()).live()

    return carried_out(prove, keep=options.keep, said="The plugin has lived.")


class Life(Installation):
    """A clean environment with the ``guanxi`` wheel alone, and a plugin that comes, goes and returns."""

    def live(self) -> None:
        """From nothing to version 2.0."""
        venv.create(self.work / "venv", with_pip=True)
        self.environment |= {"GUANXI_DB": self.url, "GUANXI_ACTOR": "clerk"}
        self.install("--constraint", str(self.constraint), f"{only(self.dist, 'guanxi-*.whl')}[testing]")
        self.guanxi("init")
        self.guanxi("plugins", "new", "lending", "--title-zh", "物品借出")
        first = self.built("first")
        self.comes(first)
        self.enters()
        self.leaves()
        self.returns()

    # ------------------------------------------------------------ chapters

    def comes(self, wheel: Path) -> None:
        """It is installed, found, and checked."""
        self.install("--no-deps", str(wheel))
        found = [(p["name"], p["distribution"], p["error"]) for p in self.told("plugins", "list")]
        check("the plugin is found", found == [("lending", "guanxi-lending 0.1.0", None)], found)
        answer = self.told("plugins", "check", "lending", "--examples", "12")
        check("the installed plugin is sound", answer["level"] == "sound" and answer["reached"], answer)

    def enters(self) -> None:
        """Facts are told, decisions drawn, rows projected, reports shown."""
        for customer, command, day, *fields in FACTS:
            self.guanxi("execute", customer, command, *fields, "--at", day, "--reason", "from paper")
        check("it reports what is out", self.report("movement") == MOVEMENT, self.report("movement"))
        check("it reports what is overdue", self.report("overdue") == OVERDUE, self.report("overdue"))
        self.guanxi("project", "status")
        check("its read models keep up", True, "")

    def leaves(self) -> None:
        """It is withdrawn: nothing is lost, nothing is understood."""
        self.python("-m", "pip", "uninstall", "--quiet", "--yes", "guanxi-lending")
        check("without it, no plugin is listed", self.told("plugins", "list") == [], "still there")
        opaque = self.guanxi("history", "C-1").count("unreadable: its plugin is not installed")
        check("the ledger opens, and its entries stand there as opaque", opaque == 6, opaque)
        shown = self.guanxi("history", "C-1").splitlines()[1]
        check("the opaque entries are counted", shown.endswith("8 entries"), shown)
        self.guanxi("verify")
        check("verification is clean without it", True, "")
        refused = self.guanxi("report", "lending.overdue", code=1)
        check("its reports are gone with it", "unknown_report" in refused, refused)

    def returns(self) -> None:
        """It comes back with a field renamed and a rule changed, checked against the true history before it is let in."""
        self.change(SECOND)
        self.manifest()
        wheel = self.built("second")
        found = self.told("plugins", "upgrade-check", "lending", "--with", str(wheel), code=4)
        check(
            "upgrade-check names exactly the decisions that differ", changes(found) == CHANGES, changes(found)
        )
        check("upgrade-check names exactly the report rows that differ", cells(found) == ROWS, cells(found))
        check("upgrade-check reads every stored entry", found["unreadable"] == [], found["unreadable"])
        check("upgrade-check has installed nothing", self.told("plugins", "list") == [], "lending is listed")
        position = found["position"]
        self.install("--no-deps", str(wheel))
        self.guanxi("advance")
        check(
            "in version 2.0 the report shows the new rows",
            self.report("overdue") == OVERDUE_LATER,
            self.report("overdue"),
        )
        before = self.report("overdue", "--as-known", str(position))
        check("as known before, it shows the old ones", before == OVERDUE, before)
        check(
            "what does not depend on the rule is as it was",
            self.report("movement") == MOVEMENT,
            self.report("movement"),
        )
        history = self.guanxi("history", "C-1")
        check("the old entries are read in their new form", "article phone" in history, history)
        self.guanxi("verify")
        check("it verifies", True, "")
        self.guanxi("plugins", "upgrade-check", "lending")
        check("what is in force comes out again as it is stored", True, "")
        again = self.told("check", "determinism", code=4)
        causes = {x["en"] for c in again["changes"] for x in c["causes"]}
        check("what differs was drawn by the old version, and says so", causes == {CAUSE}, causes)

    # ------------------------------------------------------------ tools

    @property
    def folder(self) -> Path:
        """Where the plugin is developed."""
        return self.work / "guanxi-lending"

    def install(self, *arguments: str) -> None:
        """Install into the clean environment."""
        self.python("-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)

    def built(self, name: str) -> Path:
        """Return a wheel of the plugin as it is now, built with the tools that built guanxi's."""
        out = self.work / name
        command = [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(out),
            str(self.folder),
        ]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise Failed(ran.stdout + ran.stderr)
        return only(out, "guanxi_lending-*.whl")

    def manifest(self) -> None:
        """Have the manifest made anew from the code."""
        here = self.environment
        self.environment = {**here, "PYTHONPATH": str(self.folder / "src")}
        self.guanxi("plugins", "manifest", "guanxi_lending:plugin", "--write")
        self.environment = here

    def change(self, changes: dict[str, tuple[tuple[str, str], ...]]) -> None:
        """Edit the plugin's files."""
        for name, pairs in changes.items():
            file = self.folder / name
            text = file.read_text("utf-8")
            for old, new in pairs:
                if text.count(old) != 1:
                    raise Failed(f"{name} has {text.count(old)} times {old!r}")
                text = text.replace(old, new)
            file.write_text(text, "utf-8")

    def told(self, *arguments: str, code: int = 0) -> Any:
        """Return what a command answers in JSON."""
        return json.loads(self.guanxi(*arguments, "--json", code=code))

    def report(self, name: str, *arguments: str) -> list[Any]:
        """Return a report's rows, cell by cell."""
        told: list[Any] = rows(self.told("report", f"lending.{name}", *arguments))
        return [list(row.values()) for row in told]


def changes(found: Any) -> list[Any]:
    """Return the decisions that differ, in short: whose, on which loan, how, and from when before and after."""
    for each in found["changes"]:
        right = (each["name"], each["rule"], each["causes"][0]["en"]) == (
            "lending.loan_overdue",
            "LENDING-3",
            CAUSE,
        )
        if not right or not each["entry"] or not each["entries"]:
            raise Failed(f"a change names its decision, rule, cause and entries: {each}")
    return [
        [c["account"], c["key"]["loan"], c["status"], c["before_from"], c["after_from"]]
        for c in found["changes"]
    ]


def cells(found: Any) -> list[Any]:
    """Return the report rows that differ: report, before, after."""
    return [[r["report"], x["before"], x["after"]] for r in found["reports"] for x in r["rows"]]


if __name__ == "__main__":
    sys.exit(main())
