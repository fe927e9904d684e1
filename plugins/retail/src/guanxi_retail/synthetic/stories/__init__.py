"""What happens to members, story by story; which to whom and when is in ``plans``."""
