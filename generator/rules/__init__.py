"""Identities and mistakes as tables, and the engine that applies them."""
