"""The customer file: opened, known, completed, merged, and recognised by its number."""
