"""The shop floor: receipts without a member, visits, sales credit, key customers, reviews, campaigns, service standard."""
