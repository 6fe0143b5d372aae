"""The penguins: as many as their source has, in units that a network can start with."""

from pathlib import Path

import numpy as np

import backprop_lab.data as data


def test_penguins():
    X, y = data.penguins()
    assert X.shape == (342, 4)
    assert y.shape == (342, 3)
    assert y.sum(axis=0).tolist() == [151, 68, 123]
    assert set(y.sum(axis=1)) == {1}
    assert np.allclose(X.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(X.std(axis=0), 1)
    # Gentoos are the heavy ones with long flippers
    assert (X[y[:, 2] == 1][:, 2:].mean(axis=0) > 1).all()


def test_source_and_licence_are_beside_the_file():
    said = (Path(data.__file__).parent / "README.md").read_text(encoding="utf-8")
    for word in ("CC0", "Gorman", "palmerpenguins"):
        assert word in said
