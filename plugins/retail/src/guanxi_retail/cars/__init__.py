"""Car retail: showroom, vehicle orders, and answers within three days."""
