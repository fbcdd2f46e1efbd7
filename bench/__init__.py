"""The benchmark: the site beside what serving the same bytes costs; see __main__.py."""
