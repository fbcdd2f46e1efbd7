"""The generated site that is measured."""
