"""The stories of which a customer's year consists, by subject."""
