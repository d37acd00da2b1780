"""What a student sees: pages from versions, and PDF from pages."""
