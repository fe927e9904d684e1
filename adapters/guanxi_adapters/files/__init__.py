"""Data files in: a mapping file says what a file's lines mean, and ``import_file`` brings them into a ledger."""

from __future__ import annotations

from guanxi_adapters.files.importing import import_file
from guanxi_adapters.files.mapping import Mapping, load_mapping, mapping_from
from guanxi_adapters.files.report import ImportReport, RefusedLine

__all__ = ["ImportReport", "Mapping", "RefusedLine", "import_file", "load_mapping", "mapping_from"]
