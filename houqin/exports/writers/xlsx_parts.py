"""The fixed parts of a workbook (styles, properties, relations) as XML; the rows are streamed by `xlsx_writer`."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from houqin.exports.registry import RIGHT_ALIGNED, ColumnType

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

# XML 1.0 has no way to write these.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# Numbers of the cell styles below.
HEADER, HEADER_RIGHT, TITLE, QUOTED = 1, 2, 3, 4
_STYLED: tuple[tuple[ColumnType, str], ...] = (
    ("text", "@"),
    ("integer", "0"),
    ("number", "General"),
    ("money", "#,##0.00;[Red]-#,##0.00"),
    ("date", "yyyy-mm-dd"),
    ("datetime", "yyyy-mm-dd hh:mm"),
    ("choice", "@"),
    ("boolean", "@"),
)
# Each type has a plain style and a bold one with a line above, for the last row.
STYLE: dict[str, int] = {kind: 5 + 2 * n for n, (kind, _code) in enumerate(_STYLED)}
TOTAL_STYLE: dict[str, int] = {kind: number + 1 for kind, number in STYLE.items()}


def escape(text: str) -> str:
    """Return `text` as XML content or attribute, without the characters that XML cannot hold."""
    text = _ILLEGAL.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("\r", "&#13;")


def _xf(format_id: int, *, font: int = 0, border: int = 0, right: bool = False, quoted: bool = False) -> str:
    quote = ' quotePrefix="1"' if quoted else ""
    # Dates, too, begin at the left, or they touch the words of the next column.
    align = f'<alignment horizontal="{"right" if right else "left"}" vertical="center"/>'
    return (
        f'<xf numFmtId="{format_id}" fontId="{font}" fillId="0" borderId="{border}" xfId="0"{quote}'
        f' applyNumberFormat="1" applyFont="1" applyBorder="1" applyAlignment="1">{align}</xf>'
    )


def styles() -> str:
    """Return xl/styles.xml: two fonts, lines under the head and over the total, one style a type."""
    formats = "".join(
        f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code)}"/>' for n, (_kind, code) in enumerate(_STYLED)
    )
    cells = [
        _xf(0),
        _xf(49, font=1, border=1, quoted=True),
        _xf(49, font=1, border=1, quoted=True, right=True),
        _xf(49, font=2),
        _xf(49, quoted=True),
    ]
    for n, (kind, _code) in enumerate(_STYLED):
        right = kind in RIGHT_ALIGNED
        cells += [_xf(164 + n, right=right), _xf(164 + n, font=1, border=2, right=right)]
    font = '<sz val="{}"/><name val="等线"/><family val="2"/><charset val="134"/>'
    edges = "<left/><right/>{}<diagonal/>"
    thin = '<{0} style="thin"><color auto="1"/></{0}>'
    return (
        f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="{len(_STYLED)}">{formats}</numFmts>'
        f'<fonts count="3"><font>{font.format(11)}</font><font><b/>{font.format(11)}</font>'
        f"<font><b/>{font.format(16)}</font></fonts>"
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        f'<borders count="3"><border>{edges.format("<top/><bottom/>")}</border>'
        f"<border>{edges.format('<top/>' + thin.format('bottom'))}</border>"
        f"<border>{edges.format(thin.format('top') + '<bottom/>')}</border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(cells)}">{"".join(cells)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def workbook(names: Sequence[str], ranges: Sequence[str]) -> str:
    """Return xl/workbook.xml; `ranges` are the filtered areas of the sheets that have a repeated head."""
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1)
    )
    defined = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">{_quoted(names[n])}!{area}'
        f'</definedName><definedName name="_xlnm.Print_Titles" localSheetId="{n}">{_quoted(names[n])}!$1:$1'
        "</definedName>"
        for n, area in enumerate(ranges)
    )
    return (
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets><definedNames>{defined}</definedNames></workbook>"
    )


def _quoted(name: str) -> str:
    return "'" + escape(name.replace("'", "''")) + "'"


def workbook_relations(sheets: int) -> str:
    """Return xl/_rels/workbook.xml.rels."""
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, sheets + 1)
    )
    return (
        f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{lines}'
        f'<Relationship Id="rId{sheets + 1}" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
    )


def package_relations() -> str:
    """Return _rels/.rels."""
    return (
        f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        f'<Relationship Id="rId2" Type="{PACKAGE}/relationships/metadata/core-properties"'
        ' Target="docProps/core.xml"/></Relationships>'
    )


def content_types(sheets: int) -> str:
    """Return [Content_Types].xml."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in range(1, sheets + 1)
    )
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        '<Override PartName="/docProps/core.xml"'
        f' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>{overrides}</Types>'
    )


def core_properties(title: str, author: str, subject: str, created: datetime) -> str:
    """Return docProps/core.xml."""
    stamp = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:subject>{escape(subject)}</dc:subject>"
        f"<dc:creator>{escape(author)}</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{stamp}</dcterms:created></cp:coreProperties>'
    )
