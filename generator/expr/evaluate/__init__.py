"""Values of expressions: in floating point, and exact."""
