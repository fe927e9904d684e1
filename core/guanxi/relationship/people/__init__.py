"""Where a relationship stands and whom it is with: life cycle, trust, contact persons, exit and return."""
