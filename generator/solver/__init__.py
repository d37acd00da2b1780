"""How an answer is found, and why each line of it is true."""
