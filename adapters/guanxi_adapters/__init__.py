"""Everything of guanxi that touches the world: databases, files, the terminal, the clock."""
