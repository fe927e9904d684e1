"""What a customer is worth and how he is classed."""
