"""Trees to expressions, for one reading of the names: one module for each subject, all in one scope."""
