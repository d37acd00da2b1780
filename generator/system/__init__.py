"""Files, folders, caches and processes: what a build needs of the computer, without any mathematics."""
