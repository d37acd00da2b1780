"""Where the gradient is zero: G = 0 solved for the variable, with the conditions, and the kind of point."""

from generator.solver.stationary.constrained import Problem, find_constrained, posed, write_lagrangian
from generator.solver.stationary.point import Stationary, find_stationary

__all__ = ["Problem", "Stationary", "find_constrained", "find_stationary", "posed", "write_lagrangian"]
