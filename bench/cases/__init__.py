"""What is measured, one file a group; a new case is one more data object in its file's list."""
