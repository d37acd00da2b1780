"""Where the gradient is zero: G = 0 solved for the variable, with the conditions, and the kind of point."""

from generator.derivation.stationary.point import Stationary, find_stationary

__all__ = ["Stationary", "find_stationary"]
