"""The server of `make lab`: opening a notebook does not mark it as changed."""

import platform

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager


class FileManager(AsyncLargeFileManager):
    """Hands out each notebook with the version of the Python that runs here.

    A stored notebook names none, so that it is the same for every Python. JupyterLab writes down
    what its kernel reports, and takes a notebook in which that was missing for changed.
    """

    async def get(self, *args, **kwargs):
        model = await super().get(*args, **kwargs)
        if model["type"] == "notebook" and model["content"]:
            language = model["content"]["metadata"].get("language_info", {})
            if language.get("name") == "python":
                language["version"] = platform.python_version()
        return model


c.ServerApp.contents_manager_class = FileManager  # noqa: F821 (jupyter_server reads this file)
