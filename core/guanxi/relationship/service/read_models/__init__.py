"""Read models of service, one module per subject."""
