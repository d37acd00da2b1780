"""Templates of all formats: the sandbox that fills them, what that may cost, and the words in them."""
