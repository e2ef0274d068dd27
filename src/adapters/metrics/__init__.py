"""Prometheus: what is counted, in one process or in several."""
