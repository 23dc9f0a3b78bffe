"""The styles of a workbook of books: ruled cells, red figures, bold totals, red rules below months and years."""

from itertools import product

from houqin.exports.writers.xlsx_parts import HEAD, MAIN, escape

_FORMATS = {
    "text": "@",
    "date": "yyyy-mm-dd",
    "integer": "0",
    "money": "#,##0.00;[Red]-#,##0.00",
    "sum": "#,##0.00;[Red]-#,##0.00;",
}
_KINDS = ("text", "quoted", "short", "date", "integer", "money", "sum")
_LOOKS = ("entry", "red", "total", "ruled", "double", "carry")
# The first ones: nothing, title, left and right of the second row, heads, words of the summary.
PLAIN, TITLE, LEFT, RIGHT, HEAD_CELL, WORDS = range(6)
_FIRST = 6
STYLES = {pair: _FIRST + number for number, pair in enumerate(product(_KINDS, _LOOKS))}
# Fonts: plain, title, bold, red.
_FONT = {"entry": 0, "red": 3, "total": 2, "ruled": 2, "double": 2, "carry": 0}
_BORDER = {"entry": 1, "red": 1, "total": 1, "ruled": 2, "double": 3, "carry": 1}
_ALIGN = {
    "text": "left",
    "quoted": "left",
    "short": "center",
    "date": "center",
    "integer": "center",
    "money": "right",
    "sum": "right",
}


def _xf(
    form: int, font: int, border: int, align: str, *, quoted: bool = False, wrap: bool = False, fill: int = 0
) -> str:
    wrapped = ' wrapText="1"' if wrap else ' shrinkToFit="1"' if align == "left" and border else ""
    quote = ' quotePrefix="1"' if quoted else ""
    return (
        f'<xf numFmtId="{form}" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0"{quote}'
        ' applyNumberFormat="1" applyFont="1" applyBorder="1" applyFill="1" applyAlignment="1">'
        f'<alignment horizontal="{align}" vertical="center"{wrapped}/></xf>'
    )


def styles() -> str:
    """Return xl/styles.xml."""
    names = list(_FORMATS)
    formats = "".join(
        f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code)}"/>' for n, code in enumerate(_FORMATS.values())
    )
    cells = [
        _xf(0, 0, 0, "left"),
        _xf(164, 1, 0, "center", quoted=True),
        _xf(164, 0, 0, "left", quoted=True),
        _xf(164, 0, 0, "right", quoted=True),
        _xf(164, 2, 1, "center", quoted=True, wrap=True, fill=2),
        _xf(164, 0, 0, "left", quoted=True, wrap=True),
    ]
    for kind, look in product(_KINDS, _LOOKS):
        form = 164 + names.index(kind if kind in names else "text")
        fill = 2 if look == "carry" else 0
        cells.append(_xf(form, _FONT[look], _BORDER[look], _ALIGN[kind], quoted=kind == "quoted", fill=fill))
    fonts = [(10, "", ""), (16, "<b/>", ""), (10, "<b/>", ""), (10, "", '<color rgb="FFC00000"/>')]
    font = "".join(
        f'<font>{bold}<sz val="{size}"/>{color}<name val="宋体"/><family val="3"/><charset val="134"/></font>'
        for size, bold, color in fonts
    )
    thin = '<{0} style="thin"><color rgb="FF8FB0A3"/></{0}>'
    sides = thin.format("left") + thin.format("right") + thin.format("top")
    red = '<bottom style="{}"><color rgb="FFCF4B41"/></bottom>'
    borders = (
        "<border><left/><right/><top/><bottom/><diagonal/></border>"
        f"<border>{sides}{thin.format('bottom')}<diagonal/></border><border>{sides}{red.format('medium')}<diagonal/></border>"
        f"<border>{sides}{red.format('double')}<diagonal/></border>"
    )
    return (
        f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="{len(names)}">{formats}</numFmts>'
        f'<fonts count="{len(fonts)}">{font}</fonts><fills count="3"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill>'
        '<fill><patternFill patternType="solid"><fgColor rgb="FFF1F5F2"/></patternFill></fill></fills>'
        f'<borders count="4">{borders}</borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(cells)}">{"".join(cells)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
