"""From lead to contract: leads, opportunities, follow-up, visits, quotations, bids, the contract gate."""
