"""When the customer hears from us: greetings, contact density, windows, consent."""
