"""The text of a PDF, read in a child process that may fail."""
