"""Abuse is tried on the whole service, in memory and on PostgreSQL, as the tests of HTTP do."""

from tests.entrypoints.conftest import admin, bank, client, memory_bank, rates, stage

__all__ = ["admin", "bank", "client", "memory_bank", "rates", "stage"]
