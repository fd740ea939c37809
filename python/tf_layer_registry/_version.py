"""The package's version, as its metadata states it."""

from importlib.metadata import version

__version__ = version("tf-layer-registry")
