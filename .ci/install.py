"""Install what requirements.lock pins, and this project, into the Python that runs this file.

uv does in seconds what takes pip a minute or two. It is itself pinned with hashes, in a lock of its
own, since it has no wheel for some platforms and pip must then do without it. Whatever the
reason, pip does what uv cannot.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKED = ("--require-hashes", "-r", "requirements.lock")
PROJECT = ("--no-deps", "--no-build-isolation", "-e", ".")
# uv reads nothing of pip's settings; these say where packages come from: it may go nowhere else.
OPTIONS = {
    "index-url": "--default-index",
    "extra-index-url": "--index",
    "find-links": "--find-links",
    "trusted-host": "--allow-insecure-host",
}
VARIABLES = {"cert": "SSL_CERT_FILE", "client-cert": "SSL_CLIENT_CERT", "proxy": "ALL_PROXY"}


def run(*command: str, **options) -> bool:
    """Whether `python -m command` succeeds."""
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, **options).returncode == 0


def settings() -> dict[str, str]:
    """pip's settings when it installs: a variable wins over `[install]`, that over `[global]`."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout
    found = {}
    for level in ("global", "install", ":env:"):
        for name, value in re.findall(rf"^{level}\.([\w-]+)=(.*)$", listed, re.MULTILINE):
            found[name] = str(ast.literal_eval(value))
    return found


def for_uv(settings: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """The same for uv: its options and its environment."""
    options = (
        ["--no-index"] if settings.get("no-index", "").lower() in ("1", "true", "yes", "on") else []
    )
    for name, option in OPTIONS.items():
        for value in settings.get(name, "").split():
            options += [option, value]
    variables = {VARIABLES[name]: settings[name] for name in VARIABLES.keys() & settings.keys()}
    return options, os.environ | variables


def with_uv() -> bool:
    """Whether uv could be had and has installed it all."""
    quiet = ("--quiet", "--disable-pip-version-check", "--only-binary", ":all:")
    if not run("pip", "install", *quiet, "--require-hashes", "-r", "requirements-uv.lock"):
        return False
    options, environment = for_uv(settings())
    # All indexes together and the machine's certificates, as pip does; the hashes keep it safe.
    alike = ("--index-strategy", "unsafe-best-match", "--system-certs")
    install = ("uv", "pip", "install", "--quiet", "--python", sys.executable, *alike, *options)
    return all(run(*install, *what, env=environment) for what in (LOCKED, PROJECT))


def with_pip() -> bool:
    """Whether pip has installed it all."""
    install = ("pip", "install", "--quiet", "--disable-pip-version-check")
    return all(run(*install, *what) for what in (LOCKED, PROJECT))


if __name__ == "__main__":
    if not with_uv():
        print("No uv here, or it failed: pip does it, in a minute or two.", flush=True)
        if not with_pip():
            sys.exit(1)
