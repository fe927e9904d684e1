"""What is due: who is to do it, and what was waived."""
