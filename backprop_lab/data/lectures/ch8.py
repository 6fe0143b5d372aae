"""CH8: letters, formulas, and its toy network: 2-2-1, sigmoid twice, its numbers recovered from the
page's source. CH8 leaves the step size to its next chapter; 0.5 is ours."""

NOTATION = "CH8"
CREDIT = "Pierrick Fonquerne: Neural networks foundations, Chapter 8: Backpropagation"

LETTERS = {
    "any": {
        "x": "x_{{{j}}}", "y": "y_{{{j}}}", "loss": "L", "learning_rate": r"\alpha",
        "W": "w^{{({m})}}_{{{i}{s}{j}}}", "b": "b^{{({m})}}_{{{j}}}",
        "z_in": "z^{{({m})}}_{{{j}}}", "z_out": "a^{{({m})}}_{{{j}}}",
        "delta": r"\delta^{{({m})}}_{{{j}}}",
    },
    "output": {
        "y": "y", "W": "w^{{({m})}}_{{{i}}}", "b": "b^{{({m})}}",
        "z_in": "z^{{({m})}}", "z_out": "a^{{({m})}}", "delta": r"\delta_{{out}}",
    },
    "only": {
        "x": "x", "y": "y", "W": "w", "b": "b", "z_in": "z", "z_out": "a", "delta": r"\delta",
    },
}  # fmt: skip

LAYOUT = {"transposed": True, "from_first": True, "loss": "squared_error"}
FORMULAS = {
    "input": r"$x$",
    "target": r"$y$",
    "layer index": r"$(1), (2)$; from $i$ to $j$, from $j$ to $k$",
    "weights": r"$w_{ij}$ from $i$ to $j$; the matrix has a row for each unit: $w_{ij}$ in row $j$",
    "bias": r"$b$ (no letter in the lecture)",
    "pre-activation": r"$z_j = \sum_i w_{ij} a_i + b_j$",
    "activation": r"$a_j = \sigma(z_j)$",
    "activation function": r"$\sigma$",
    "width": r"no letter",
    "loss": r"$L = (a - y)^2$",
    "error signal": r"$\delta_j$",
    "output error signal": r"$\delta_{out} = 2 (a - y) \, \sigma'(z)$",
    "recursion": r"$\delta_j = \left( \sum_k w_{jk} \delta_k \right) \sigma'(z_j)$",
    "weight gradient": r"$\delta_j a_i$",
    "bias gradient": r"$\delta_j$",
    "all parameters": r"no letter",
    "step size": r"left to its next chapter",
    "derivative layout": r"single numbers",
}

EXAMPLE = {
    "name": "ch8",
    "layers": [
        ([[0.1, 0.3], [0.2, 0.4]], [0.0, 0.0], "sigmoid"),
        ([[0.5], [0.6]], [0.1], "sigmoid"),
    ],
    "x": [1.0, 2.0], "y": [1.0], "learning_rate": 0.5, "loss": "squared_error",
}  # fmt: skip

PRINTED = [
    ("z^(1)_1", "0.5", "w^(1)_11 * x_1 + w^(1)_21 * x_2 + b^(1)_1", "C8-21"),
    ("z^(1)_2", "1.1", "w^(1)_12 * x_1 + w^(1)_22 * x_2 + b^(1)_2", "C8-21"),
    ("a^(1)_1", "0.622", "sigmoid(z^(1)_1)", "C8-22"),
    ("a^(1)_2", "0.750", "sigmoid(z^(1)_2)", "C8-22"),
    ("z^(2)", "0.861", "w^(2)_1 * a^(1)_1 + w^(2)_2 * a^(1)_2 + b^(2)", "C8-23"),
    ("a^(2)", "0.703", "sigmoid(z^(2))", "C8-24"),
    ("L", "0.088", "(a^(2) - y)**2", "C8-25"),
    ("delta_out", "-0.124", "2 * (a^(2) - y) * a^(2) * (1 - a^(2))", "C8-26"),
    ("∂L/∂w^(2)_1", "-0.077", "delta_out * a^(1)_1", "C8-56"),
    ("delta^(1)_1", "-0.015", "w^(2)_1 * delta_out * a^(1)_1 * (1 - a^(1)_1)", "C8-28"),
    ("delta^(1)_2", "-0.014", "w^(2)_2 * delta_out * a^(1)_2 * (1 - a^(1)_2)", "C8-28"),
    ("∂L/∂w^(1)_11", "-0.015", "delta^(1)_1 * x_1", "C8-57"),
]
