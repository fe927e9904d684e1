"""``python -m guanxi_adapters.cli`` is the ``guanxi`` command."""

from __future__ import annotations

import sys

from guanxi_adapters.cli import main

sys.exit(main())
