"""Who answers for a relationship: maintainers, hand-over, oversight, sections, collisions."""
