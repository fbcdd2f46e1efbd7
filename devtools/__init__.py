"""What stands behind dev.py; the standard library only, since it runs before all packages."""
