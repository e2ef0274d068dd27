"""What the service does for its callers: one file per use case, with the ports that they need."""
