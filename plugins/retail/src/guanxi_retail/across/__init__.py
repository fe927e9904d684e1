"""Reports that belong to no subject alone: what would differ, whichever decision it is."""
