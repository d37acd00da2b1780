"""Builds: worksheets become documents, files and PDFs in folders of their own."""
