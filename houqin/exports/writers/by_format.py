"""Which writer writes which format. Its import brings fpdf2: only where files are written."""

from collections.abc import Callable, Mapping
from pathlib import Path

from houqin.exports.progress import Progress
from houqin.exports.table import Table
from houqin.exports.writers.csv_writer import write_csv
from houqin.exports.writers.pdf_writer import write_pdf
from houqin.exports.writers.xlsx_writer import write_xlsx

WRITERS: Mapping[str, Callable[[Table, Path, Progress], int]] = {
    "csv": write_csv,
    "pdf": write_pdf,
    "xlsx": write_xlsx,
}
