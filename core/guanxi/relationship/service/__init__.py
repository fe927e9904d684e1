"""What the customer complains of, asks for and is promised: complaints, needs, requests, satisfaction, promises."""
