"""Campaigns, their targets, responses and evaluation; screening of consumers."""
