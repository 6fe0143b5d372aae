"""Data and nothing else: a small real data set, and what each lecture says (`data.lectures`)."""

from backprop_lab.data.palmer import SPECIES, penguins

__all__ = ["SPECIES", "penguins"]
