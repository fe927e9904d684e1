"""Reports of service, one module per subject."""
