"""One writer a format; each gets a table, the path of a part file and the progress, and returns the rows written."""
