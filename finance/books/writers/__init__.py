"""Books as Excel, CSV and PDF: each writer reads the lines of the sheets once and keeps none of them."""
