"""Working together: forms, schedules, collaborators, self-service, goals, discussion."""
