"""PDF by TeX: engines, jobs, diagnostics, and papers cut out of jobs."""
