"""Measures the ledger beside its peers, in one run, on one machine; see README.md for what each workload does."""
