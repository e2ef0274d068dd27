"""A believable small marketplace, to look at."""
