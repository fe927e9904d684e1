"""The ``guanxi`` command: keeps, asks and checks a ledger from a terminal.

Nothing heavy is imported before it is needed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from guanxi_adapters.cli import language


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; the entry point of ``guanxi``.

    Args:
        arguments: what follows the command's name; the process's own if None.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    language.speak(language.choose(given, os.environ))
    from guanxi_adapters.cli.app import run

    return run(given)


__all__ = ["main"]
