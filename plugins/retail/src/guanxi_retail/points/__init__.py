"""Points: lots, their life, and what they come to."""
