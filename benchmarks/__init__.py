"""Problems of the literature, and a comparison of solvers on them: `python -m benchmarks`."""
