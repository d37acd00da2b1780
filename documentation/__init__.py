"""Parts of the documentation that the program makes of itself: pictures, and the gallery of the bank."""
