"""The implementation of dev.py, with the standard library alone, as it installs the packages."""
