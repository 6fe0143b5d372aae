"""The pass in writing: notations, factors of the chain rule, checks, what it costs."""
