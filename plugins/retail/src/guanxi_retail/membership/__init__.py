"""Membership: who is a member, under which card number, who may have a card, who calls, and how consumers come in."""
