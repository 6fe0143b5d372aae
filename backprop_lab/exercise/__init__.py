"""Exercises, with feedback that names the error."""
