"""Expressions as plain text and as LaTeX."""
