"""What Redis does for the service: it may vanish at any time, which slows nobody down."""
