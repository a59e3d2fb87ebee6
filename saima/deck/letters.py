"""Letters on paper: DOCX in the form of GB/T 9704, and the same as PDF in our own faces.

The DOCX names the faces that offices have (方正小标宋, 仿宋_GB2312); the PDF carries its own. Text is data in
both: runs of a document, JSON for the typesetter.
"""

import functools
import hashlib
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst
from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from fontTools.ttLib import TTFont

from saima.transforms.letters import Letter

FONTS = Path(__file__).resolve().parent.parent.parent / "static" / "fonts"

TITLE_FACE, BODY_FACE, HEAD_FACE, NUMBER_FACE = "方正小标宋简体", "仿宋_GB2312", "黑体", "宋体"

_LINE = Pt(28.95)
"""22 lines on the 225 mm between the margins (GB/T 9704-2012, 5.2)."""

GETA = "〓"
"""The mark of printers for a character that they do not have."""

_MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""The instant written into files, so that the same facts give the same bytes."""


def letter_docx(letter: Letter) -> bytes:
    """The letter as a Word document: A4, 仿宋 三号, 22 lines a page, its list as an attachment."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    _face(document.styles["Normal"], BODY_FACE, 16)
    if letter.is_demonstration:
        _write(section.header.paragraphs[0], "示例数据", HEAD_FACE, 12, WD_ALIGN_PARAGRAPH.RIGHT)
    _number_pages(section.footer.paragraphs[0])
    _line(document, letter.title, TITLE_FACE, 22, WD_ALIGN_PARAGRAPH.CENTER)
    _line(document, "", BODY_FACE, 16)
    _line(document, letter.addressee, BODY_FACE, 16)
    for paragraph in letter.paragraphs:
        _line(document, paragraph, BODY_FACE, 16, WD_ALIGN_PARAGRAPH.JUSTIFY, indent=32)
    if letter.table:
        _line(document, "", BODY_FACE, 16)
        _line(document, f"附件：{letter.table[0]}", BODY_FACE, 16, indent=32)
    _line(document, "", BODY_FACE, 16)
    for text in (letter.issuer, letter.issued_on):
        _line(document, text, BODY_FACE, 16, WD_ALIGN_PARAGRAPH.RIGHT)
    if letter.table:
        _line(document, "附件", HEAD_FACE, 16)
        document.paragraphs[-1].paragraph_format.page_break_before = True
        _line(document, letter.table[0], TITLE_FACE, 18, WD_ALIGN_PARAGRAPH.CENTER)
        _table(document, letter.table[1], letter.table[2])
    properties = document.core_properties
    properties.title, properties.author, properties.comments = letter.title, letter.issuer, ""
    properties.created = properties.modified = _MADE.replace(tzinfo=None)
    properties.last_modified_by, properties.revision = "", 1
    made = io.BytesIO()
    document.save(made)
    return _dated(made.getvalue())


def _line(
    document: Any,
    text: str,
    face: str,
    size: float,
    alignment: WD_ALIGN_PARAGRAPH | None = None,
    *,
    indent: float = 0,
) -> None:
    """A paragraph of one run, on the lines of the page."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.first_line_indent = Pt(indent)
    _write(paragraph, text, face, size, alignment)
    spacing = paragraph.paragraph_format
    spacing.line_spacing_rule, spacing.line_spacing = WD_LINE_SPACING.EXACTLY, _LINE
    spacing.space_before = spacing.space_after = Pt(0)


def _write(
    paragraph: Any, text: str, face: str, size: float, alignment: WD_ALIGN_PARAGRAPH | None = None
) -> None:
    run = paragraph.add_run(_printable(text))
    _face(run, face, size)
    if alignment is not None:
        paragraph.alignment = alignment


def _printable(text: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


def _face(styled: Any, face: str, size: float) -> None:
    """The face for Latin and Chinese alike: Word and WPS take another for Chinese where it is not said."""
    styled.font.name, styled.font.size = face, Pt(size)
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), face)


def _number_pages(paragraph: Any) -> None:
    """`— 1 —` in the middle of the foot."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(paragraph, "— ", NUMBER_FACE, 14)
    run = paragraph.add_run()
    _face(run, NUMBER_FACE, 14)
    for kind, instruction in (("begin", None), (None, "PAGE"), ("end", None)):
        if instruction:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = instruction
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)
    _write(paragraph, " —", NUMBER_FACE, 14)


def _table(document: Any, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The list: a heading row that every page repeats, cells that wrap, rows that stay whole."""
    table = document.add_table(rows=1, cols=len(headings))
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = _widths(headings, rows)
    for cells, texts, face in [
        (table.rows[0].cells, headings, HEAD_FACE),
        *((table.add_row().cells, row, BODY_FACE) for row in rows),
    ]:
        for cell, text, width in zip(cells, texts, widths, strict=True):
            cell.width = Mm(width)
            _write(cell.paragraphs[0], text, face, 10.5)
    for place, row in enumerate(table.rows):
        kept = row._tr.get_or_add_trPr()
        kept.append(OxmlElement("w:cantSplit"))
        if not place:
            kept.append(OxmlElement("w:tblHeader"))


def _widths(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """Widths of the columns in mm: by their longest text, within bounds, 156 mm together."""
    longest = (max(len(text) for text in column) for column in zip(headings, *rows[:200], strict=True))
    shares = [min(max(length, 5) + 1, 22) for length in longest]
    return [156 * share / sum(shares) for share in shares]


def _dated(package: bytes) -> bytes:
    """The same ZIP with every entry of one date."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as read, zipfile.ZipFile(made, "w") as written:
        for name in read.namelist():
            _put(written, name, read.read(name))
    return made.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


_PAGE = """
#let letter = json(bytes(sys.inputs.letter))
#let faces = json(bytes(sys.inputs.faces))
#set document(title: letter.title, date: none)
#set page(
  paper: "a4", margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm),
  header: if letter.is_demonstration { align(right, text(size: 12pt, weight: "bold", [示例数据])) },
  footer: align(center, text(size: 14pt)[— #context counter(page).display() —]),
)
#set text(font: faces, size: 16pt, lang: "zh", region: "cn")
#set par(leading: 12.95pt, spacing: 12.95pt, justify: true, first-line-indent: (amount: 2em, all: true))
#align(center, text(size: 22pt, weight: "bold", letter.title))
#v(1em)
#par(first-line-indent: 0em, letter.addressee)
#for paragraph in letter.paragraphs { par(paragraph) }
#if letter.table != none [
  #v(0.6em)
  #par("附件：" + letter.table.title)
]
#v(1em)
#align(right)[#letter.issuer \\ #letter.issued_on]
#if letter.table != none {
  pagebreak()
  par(first-line-indent: 0em, text(weight: "bold", "附件"))
  align(center, text(size: 18pt, weight: "bold", letter.table.title))
  set text(size: 10.5pt)
  set par(leading: 5pt, spacing: 5pt, justify: false, first-line-indent: 0em)
  table(
    columns: letter.table.widths.map(share => share * 1fr), stroke: 0.5pt, inset: 4pt, align: left + horizon,
    table.header(..letter.table.headings.map(heading => text(weight: "bold", heading))),
    ..letter.table.rows.flatten(),
  )
}
"""


_typeset: Any = typst.compile_with_warnings
"""Its declared types leave out that a document may be given as bytes."""


def letter_pdf(letter: Letter) -> bytes:
    """The letter as a PDF in Noto Sans SC, page by page like the DOCX. A missing face is an error.

    What our faces do not have is printed as GETA; the DOCX, in the faces of the office, has it.
    """
    title, headings, rows = letter.table or ("", (), ())
    told = {
        "title": letter.title,
        "addressee": letter.addressee,
        "paragraphs": letter.paragraphs,
        "issuer": letter.issuer,
        "issued_on": letter.issued_on,
        "is_demonstration": letter.is_demonstration,
        "table": {
            "title": title,
            "headings": headings,
            "rows": rows,
            "widths": _widths(headings, rows),
        }
        if letter.table
        else None,
    }
    text, families, folders = _inked(json.dumps(told, ensure_ascii=False))
    made, warned = _typeset(
        _PAGE.encode(),
        format="pdf",
        font_paths=[str(folder) for folder in folders],
        ignore_system_fonts=True,
        sys_inputs={"letter": text, "faces": json.dumps(families)},
        timestamp=_MADE,
    )
    if missing := [warning for warning in warned if "font" in str(warning)]:
        raise RuntimeError(f"a face is missing: {missing[0]}")
    return bytes(made)


def _inked(text: str) -> tuple[str, list[str], list[Path]]:
    """(text, families, folders): the faces that a text needs, rare characters only where there are any.

    A character that no face of ours has is printed as 〓, never as nothing.
    """
    plain, strong = (_outlines(f"NotoSansSC-{weight}", "Noto Sans SC") for weight in ("Regular", "Bold"))
    unknown = {character for character in text if ord(character) not in _characters(plain)} - set("\n\t")
    if not unknown:
        return text, ["Noto Sans SC"], [plain.parent, strong.parent]
    rare = _outlines("NotoSansSCRare-Regular", "Noto Sans SC Rare")
    for character in unknown:
        if ord(character) not in _characters(rare):
            text = text.replace(character, GETA)
    return text, ["Noto Sans SC", "Noto Sans SC Rare"], [plain.parent, strong.parent, rare.parent]


@functools.cache
def _characters(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


@functools.cache
def _outlines(name: str, family: str) -> Path:
    """A web font unpacked for the typesetter, once for the machine: in a folder named by its content."""
    packed = (FONTS / f"{name}.woff2").read_bytes()
    digest = hashlib.sha256(packed).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"saima-faces-{family.replace(' ', '')}-{digest}"
    path = folder / f"{name}.ttf"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        with TTFont(io.BytesIO(packed)) as font:
            font.flavor = None
            for record in font["name"].names:
                if record.nameID in {1, 16}:
                    record.string = family
            with tempfile.NamedTemporaryFile(dir=folder, delete=False) as part:
                font.save(part)
        Path(part.name).replace(path)
    return path


def letters_zip(letters: Sequence[Letter], form: str) -> bytes:
    """All letters in one ZIP, `docx` or `pdf`, a file each, named by area and kind."""
    write = {"docx": letter_docx, "pdf": letter_pdf}[form]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        seen: dict[str, int] = {}
        for letter in letters:
            name = f"{_file_word(letter.area)}_{_file_word(letter.name)}"
            seen[name] = seen.get(name, 0) + 1
            more = f"_{seen[name]}" if seen[name] > 1 else ""
            _put(archive, f"{name}{more}.{form}", write(letter))
    return made.getvalue()


def _file_word(text: str) -> str:
    """Text that may stand in the name of a file on any machine."""
    return re.sub(r'[\\/:*?"<>|.\s\x00-\x1f]', "_", text)[:60] or "函件"
