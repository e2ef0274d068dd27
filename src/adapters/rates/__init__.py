"""Where rates between currencies come from."""
