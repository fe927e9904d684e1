"""Tiers: how they are reached, kept and lost, set by hand, warned of, and how members move between them."""
