"""Privacy, rule-set reviews, issued reports, the whole view."""
