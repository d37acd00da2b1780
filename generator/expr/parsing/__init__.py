"""From text to expression: declarations, readings of undeclared names, and elaboration."""
