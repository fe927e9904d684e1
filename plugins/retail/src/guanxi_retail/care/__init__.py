"""Care: birthdays, holidays and anniversaries, the Friday message, letters and store events."""
