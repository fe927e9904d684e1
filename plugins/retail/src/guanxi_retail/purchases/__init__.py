"""Purchases and refunds."""
