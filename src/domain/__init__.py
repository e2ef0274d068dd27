"""What money may do: pure rules on the standard library alone."""
