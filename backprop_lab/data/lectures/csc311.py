"""CSC311: letters, formulas, and its three-layer network with one output. Its slides give no
numbers: the 3-4-3-1 widths, the weights, drawn once, and the biases are ours."""

NOTATION = "CSC311"
CREDIT = (
    "Alice Gao and Marina Tawfik: CSC311 Introduction to Machine Learning, The "
    "Backpropagation Algorithm"
)

LETTERS = {
    "any": {
        "x": "a^{{(0)}}_{{{j}}}", "y": "t_{{{j}}}", "loss": "C", "learning_rate": r"\eta",
        "W": "W^{{({m})}}_{{{j}{s}{i}}}", "b": "b^{{({m})}}_{{{j}}}",
        "z_in": "z^{{({m})}}_{{{j}}}", "z_out": "a^{{({m})}}_{{{j}}}",
        "delta": r"\frac{{\partial C}}{{\partial z^{{({m})}}_{{{j}}}}}",
    },
    "output": {
        "y": "t", "W": "w^{{({m})}}_{{{i}}}", "b": "b^{{({m})}}",
        "z_in": "z^{{({m})}}", "z_out": "a^{{({m})}}",
        "delta": r"\frac{{\partial C}}{{\partial z^{{({m})}}}}",
    },
    "whole": {"x": "a^{{(0)}}", "W": "W^{{({m})}}"},
    "only": {
        "x": "x", "y": "t", "W": "w", "b": "b",
        "z_in": "z", "z_out": "a", "delta": r"\frac{{\partial C}}{{\partial z}}",
    },
}  # fmt: skip

LAYOUT = {"transposed": True, "from_first": False, "loss": "half_squared_error"}
FORMULAS = {
    "input": r"$a^{(0)} = x$",
    "target": r"$t$",
    "layer index": r"$(m)$, $m = 1, \dots, L$; unit $i$, one layer before $j$",
    "weights": r"$W^{(m)}$, $D^{(m)} \times D^{(m-1)}$; $W_{ij}$ from $j$ to $i$; output $w_j$",
    "bias": r"$b^{(m)}$",
    "pre-activation": r"$z^{(m)} = W^{(m)} a^{(m-1)} + b^{(m)}$",
    "activation": r"$a^{(m)} = \sigma^{(m)}(z^{(m)})$",
    "activation function": r"$\sigma^{(m)}$",
    "width": r"$D^{(m)}$",
    "loss": r"$C(a^{(L)}, t)$; here $\frac{1}{2} \lVert a^{(L)} - t \rVert^2$",
    "error signal": r"$\frac{\partial C}{\partial z^{(m)}}$, no letter of its own; a column",
    "output error signal": (
        r"$\frac{\partial C}{\partial z^{(L)}} = "
        r"\frac{\partial C}{\partial a^{(L)}} \odot \sigma^{(L)\prime}(z^{(L)})$"
    ),
    "recursion": (
        r"$\frac{\partial C}{\partial z^{(m)}} = \left( W^{(m+1)\top} "
        r"\frac{\partial C}{\partial z^{(m+1)}} \right) \odot \sigma^{(m)\prime}(z^{(m)})$"
    ),
    "weight gradient": r"$\frac{\partial C}{\partial z^{(m)}} a^{(m-1)\top}$, units × inputs",
    "bias gradient": r"$\frac{\partial C}{\partial z^{(m)}}$",
    "all parameters": r"$w$",
    "step size": r"$\eta$, earlier $\alpha$",
    "derivative layout": r"single numbers; columns where vectorised",
}

EXAMPLE = {
    "name": "csc311",
    "layers": [
        ([[0.23, 0.39, 0.03, 0.48], [-0.11, -0.35, 0.73, -0.42], [0.32, 0.5, -0.3, 0.82]],
         [0.1, 0.1, 0.1, 0.1], "tanh"),
        ([[-0.38, -0.46, -0.33], [0.16, -0.02, -0.9], [0.15, 0.28, -0.56], [-0.29, 0.55, 0.12]],
         [0.1, 0.1, 0.1], "tanh"),
        ([[0.03], [1.51], [-0.24]], [0.1], "sigmoid"),
    ],
    "x": [1.0, -0.5, 2.0], "y": [1.0], "learning_rate": 0.5, "loss": "half_squared_error",
}  # fmt: skip
