"""What purchases say about customers: scores, cohorts, classes, lapse, lifetime value."""
