"""Papers in the file: intake, catalogue, loans, retention, destruction."""
