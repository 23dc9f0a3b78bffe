"""Room: cash journals that were kept on paper or in Excel, on their way into the books."""
