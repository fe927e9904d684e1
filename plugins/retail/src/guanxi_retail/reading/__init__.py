"""Subscription to web literature: the agreement, the membership fee, chapters bought one by one, and use beside them."""
