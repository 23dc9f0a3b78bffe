"""PDF that is written while it is drawn: a page leaves memory when the next one begins.

fpdf2 keeps every page until the end and builds the whole file in memory. Here the end has only to write what pages
share: fonts, the list of pages, and where in the file each object stands.
"""

import uuid
import zlib
from array import array
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from fpdf import FPDF
from fpdf.enums import PDFResourceType
from fpdf.fonts import TTFFont
from fpdf.output import OutputProducer, PDFPage
from fpdf.syntax import PDFString

# Numbers of objects that every page names before they are written.
_PAGES, _RESOURCES = 1, 2


class StreamedPDF(FPDF):
    """Pages of text and lines that go to `file` one by one.

    To be used by `with`, whose end takes the place of `output`.
    """

    def __init__(self, file: BinaryIO, **options: Any) -> None:
        super().__init__(**options)
        self._file = file
        self._written = 0
        # Where each object begins, by its number.
        self._starts = array("Q", [0, 0, 0])
        # The objects with the content of each page: what was drawn on it, and what was added later (0: nothing).
        self._drawn, self._added = array("L"), array("L")
        # Width and height of each page, in points: some lie, some stand upright.
        self._widths, self._heights = array("d"), array("d")
        self._write(b"%PDF-1.7\n%\xe9\xeb\xf1\xbf\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file unless something went wrong, and let go of the fonts: fpdf2 does so at a good end alone."""
        try:
            if kind is None:
                self._finish()
        finally:
            for font in self.fonts.values():
                if isinstance(font, TTFFont):
                    font.subset.pick.cache_clear()
                    font.subset.get_glyph.cache_clear()
                    font.close()

    @property
    def pages_count(self) -> int:
        """How many pages there are, wherever they are now."""
        return max(self.page, len(self._drawn))

    def add_page(self, *arguments: Any, **options: Any) -> None:
        """Begin a page, and write the one before."""
        before = self.page
        super().add_page(*arguments, **options)
        if before:
            self._leave(before)

    def amend(self, numbers: Iterable[int], draw: Callable[[int], None]) -> None:
        """Let `draw` add to pages what could not be known before, as how many there are; to each page once."""
        last = self.page
        for number in numbers:
            # The font of another page says nothing about this one.
            self.current_font_is_set_on_page = False
            if number == last:
                draw(number)
            elif self._added[number - 1]:
                raise ValueError(f"page {number} was amended before")
            else:
                self._amend(number, draw)
                self.page = last
        self.current_font_is_set_on_page = False

    def _amend(self, number: int, draw: Callable[[int], None]) -> None:
        """Add to a page that has left, as to an empty one."""
        self.page = number
        self.pages[number] = PDFPage(contents=bytearray(), duration=None, transition=None, index=number)
        if self.fill_color:
            self._out(self.fill_color.serialize().lower())
        draw(number)
        self._added[number - 1] = self._content(self.pages.pop(number))

    def _finish(self) -> None:
        """Write the last page and what all pages share."""
        if not self.page:
            self.add_page()
        self._leave(self.page)
        pages = array("L")
        usual = self._box(0)
        for number, (drawn, added) in enumerate(zip(self._drawn, self._added, strict=True)):
            content = f"[{drawn} 0 R {added} 0 R]" if added else f"{drawn} 0 R"
            own = f" {box}" if (box := self._box(number)) != usual else ""
            pages.append(self._object(f"<</Type /Page /Parent {_PAGES} 0 R /Contents {content}{own}>>"))
        kids = " ".join(f"{number} 0 R" for number in pages)
        shared = f"{usual} /Resources {_RESOURCES} 0 R"
        self._object(f"<</Type /Pages /Count {len(pages)} {shared} /Kids [{kids}]>>", _PAGES)
        info = self._fonts_and_info()
        language = PDFString(getattr(self, "lang", "")).serialize()
        catalog = f"<</Type /Catalog /Pages {_PAGES} 0 R /PageLayout /OneColumn /Lang {language}>>"
        self._trailer(self._object(catalog), info)

    def _box(self, index: int) -> str:
        """Return the size of a page, as a page or all of them say it."""
        return f"/MediaBox [0 0 {self._widths[index]:.2f} {self._heights[index]:.2f}]"

    def _fonts_and_info(self) -> int:
        """Write what fpdf2 makes of fonts and title, and the resources of the pages; return the number of the latter.

        These two are all that is used of fpdf2's own way to write a file.
        """
        producer = OutputProducer(self)
        producer.obj_id = len(self._starts) - 1
        fonts = producer._add_fonts({}, {}, {})
        info = producer._add_info()
        for made in producer.pdf_objs:
            self._starts.append(self._written)
            self._write(made.serialize().encode("latin-1") + b"\n")
        names = " ".join(f"/F{number} {font.id} 0 R" for number, font in fonts.items())
        self._object(f"<</ProcSet [/PDF /Text] /Font <<{names}>>>>", _RESOURCES)
        return int(info.id)

    def _leave(self, number: int) -> None:
        """Write a page and forget it."""
        width, height = self.pages[number].dimensions()
        self._widths.append(width or self.w_pt)
        self._heights.append(height or self.h_pt)
        self._drawn.append(self._content(self.pages.pop(number)))
        self._added.append(0)

    def _content(self, page: PDFPage) -> int:
        """Write the content of a page and return the number of its object."""
        catalog = self._resource_catalog
        kinds = {kind for _page, kind in catalog.resources_per_page}
        if page.annots or kinds - {PDFResourceType.FONT}:
            raise NotImplementedError("pages that are streamed hold text and lines alone")
        catalog.resources_per_page.clear()
        # What is added later finds the page as an empty one: colours, spacing and widths of lines end here.
        packed = zlib.compress(b"q\n%bQ" % cast(bytes, page.contents))
        head = b"<</Filter /FlateDecode /Length %d>>\nstream\n" % len(packed)
        return self._object(head + packed + b"\nendstream")

    def _object(self, body: str | bytes, number: int = 0) -> int:
        """Write an object under a number that was kept for it, or under the next one; return the number."""
        if not number:
            number = len(self._starts)
            self._starts.append(0)
        self._starts[number] = self._written
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body.encode("latin-1") if isinstance(body, str) else body))
        return number

    def _trailer(self, catalog: int, info: int) -> None:
        """Write where each object stands, and where a reader begins."""
        start, count, name = self._written, len(self._starts), uuid.uuid4().hex
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        for number in range(1, count):
            self._write(b"%010d 00000 n \n" % self._starts[number])
        trailer = f"<</Size {count} /Root {catalog} 0 R /Info {info} 0 R /ID [<{name}> <{name}>]>>"
        self._write(f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode("ascii"))

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._written += len(data)
