"""Root of all tests: `pytest --nbval` compares everything that a notebook shows."""

from pathlib import Path

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector):
    """What nbval would collect (nothing, unless it is asked to), collect strictly."""
    collected = yield
    if not collected or file_path.suffix != ".ipynb":
        return collected
    from nbval.plugin import IPyNbFile

    from tests.confirm.strict import StrictFile

    return [
        StrictFile.from_parent(parent, path=file_path) if isinstance(node, IPyNbFile) else node
        for node in collected
    ]
