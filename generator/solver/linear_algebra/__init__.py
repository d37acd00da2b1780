"""Values of expressions of numbers, worked out as in linear algebra: each line with the property that justifies it."""
