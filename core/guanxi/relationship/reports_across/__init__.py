"""Reports that read the tables of several rooms."""
