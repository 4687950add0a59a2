"""The version of this program, as the package says it."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("forebay")
except PackageNotFoundError:  # run from a checkout that is not installed
    VERSION = "0+unknown"
