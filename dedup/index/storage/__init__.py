"""Storages of an index: the protocol, SQLite, Redis and Valkey."""
