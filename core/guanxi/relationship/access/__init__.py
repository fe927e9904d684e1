"""Who may read and do what: approvals, posts, look-ups, account changes, log-ins."""
