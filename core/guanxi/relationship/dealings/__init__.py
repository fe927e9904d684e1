"""What is ordered, delivered, owed and paid: credit, orders, receivables, warnings, installed products."""
