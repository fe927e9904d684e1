"""Group purchase and delivery: the VIP list, the file, the weekly report, stock and collection (RET-39 to RET-43)."""
