"""Documents: what a paper says, in no format yet. Words and formulas stand side by side; formats print both."""
