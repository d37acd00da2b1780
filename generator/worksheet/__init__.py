"""What an instructor writes: worksheet files, and the versions that are drawn from them."""
