"""Letters: wording filled once with printed facts, on paper as the form asks, and nothing in them markup."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from builders import EAST, REFERENCE, WEST, Office, project
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt
from pypdf import PdfReader

from saima import reference
from saima.answers import consequences, letters_to
from saima.deck.letters import letter_docx, letter_pdf, letters_zip
from saima.reference import Consequence, LightRules, ReferenceError
from saima.transforms.letters import Letter, due_letters, filled, letter_kinds
from saima.transforms.warnings import place_consequences

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "reference" / "letters"

HOSTILE = '{城市} #import "x" =1+1 <b>粗</b> $x$ @ref 㙟𠮷'

LETTER = Letter(
    kind="warning",
    name="预警通知书",
    title="关于东区的预警通知书",
    addressee="东区人民政府（管委会）：",
    paragraphs=("红灯2个。", HOSTILE),
    issuer="样例市办公室",
    issued_on="2024年10月8日",
    table=("东区清单", ("灯", "项目名称"), (("■ 滞后", HOSTILE), ("▲ 关注", "长" * 200))),
    area="东区",
    is_demonstration=True,
)


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_places_are_filled_in_one_pass() -> None:
    assert filled("{地区}有{红灯个数}个", {"地区": "{红灯个数}", "红灯个数": "2"}) == "{红灯个数}有2个"


def test_a_word_document_has_the_page_the_faces_and_every_word() -> None:
    document = Document(io.BytesIO(letter_docx(LETTER)))
    (section,) = document.sections
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins] == [37, 35, 28, 26]
    paragraphs = [paragraph for paragraph in document.paragraphs if paragraph.text]
    assert [paragraph.text for paragraph in paragraphs] == [
        LETTER.title,
        LETTER.addressee,
        *LETTER.paragraphs,
        "附件：东区清单",
        LETTER.issuer,
        LETTER.issued_on,
        "附件",
        "东区清单",
    ]
    faces = {}
    for paragraph in paragraphs:
        run = paragraph.runs[0]
        faces[paragraph.text] = (run._r.rPr.rFonts.get(qn("w:eastAsia")), run.font.size)
    assert faces[LETTER.title] == ("方正小标宋简体", Pt(22))
    assert faces["红灯2个。"] == ("仿宋_GB2312", Pt(16))
    assert paragraphs[2].paragraph_format.first_line_indent == Pt(32)
    assert section.header.paragraphs[0].text == "示例数据"
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows][1] == ["■ 滞后", HOSTILE]


def test_nothing_of_a_letter_is_a_field_a_macro_or_a_link() -> None:
    with zipfile.ZipFile(io.BytesIO(letter_docx(LETTER))) as package:
        names = package.namelist()
        written = package.read("word/document.xml").decode()
        linked = package.read("word/_rels/document.xml.rels").decode()
    assert not [name for name in names if "vba" in name or "macro" in name]
    assert "<b>" not in written
    assert "&lt;b&gt;" in written
    assert 'TargetMode="External"' not in linked


def test_a_pdf_says_the_same_in_faces_of_its_own() -> None:
    pdf = letter_pdf(LETTER)
    text = text_of(pdf).replace("\n", "")
    for said in (LETTER.title, "红灯2个。", '#import "x" =1+1 <b>粗</b>', LETTER.issued_on, "示例数据"):
        assert said.replace(" ", "") in text.replace(" ", ""), said
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 2


def test_rare_characters_have_ink_and_what_no_face_has_is_marked() -> None:
    """An empty box, or a character without ink, would be a name changed in silence."""
    text = text_of(letter_pdf(replace(LETTER, title="喆堃㙟村", paragraphs=(), table=None)))
    assert "喆堃〓村" in text
    assert "\x00" not in text


def test_a_letter_without_a_list_or_demonstration_is_one_page_without_a_mark() -> None:
    plain = replace(LETTER, table=None, is_demonstration=False)
    assert len(PdfReader(io.BytesIO(letter_pdf(plain))).pages) == 1
    assert "示例数据" not in text_of(letter_pdf(plain))
    document = Document(io.BytesIO(letter_docx(plain)))
    assert not document.tables
    assert document.sections[0].header.paragraphs[0].text == ""


def test_the_same_facts_make_the_same_bytes() -> None:
    assert letter_docx(LETTER) == letter_docx(LETTER)
    assert letter_pdf(LETTER) == letter_pdf(LETTER)
    assert letters_zip([LETTER], "docx") == letters_zip([LETTER], "docx")


def test_a_zip_names_a_file_for_each_letter_safely() -> None:
    odd = [LETTER, LETTER, replace(LETTER, area="../a:b")]
    with zipfile.ZipFile(io.BytesIO(letters_zip(odd, "docx"))) as archive:
        assert archive.namelist() == [
            "东区_预警通知书.docx",
            "东区_预警通知书_2.docx",
            "___a_b_预警通知书.docx",
        ]


# From the ledger


@pytest.fixture
def warned(office: Office) -> Office:
    """Two months of one project far behind in the east."""
    for kind in ("warning", "reminder", "talk"):
        target = office.folder / "office" / "letters" / f"{kind}.toml"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((SHIPPED / f"{kind}.toml").read_bytes())
    late = project("late", started_on="2024-01-01", plan_year=100, invested_year=0, owner="甲公司")
    for period in ("2024-08", "2024-09"):
        office.file(period, late, project("fine", area_id=WEST, started_on="2024-01-01"))
    return office


def test_a_letter_says_what_the_page_says(warned: Office) -> None:
    scope = warned.scope("2024-09", datetime(2024, 10, 8, 17, tzinfo=UTC))
    (letter,) = letters_to(scope, "warning", [EAST])
    assert letter.title == "关于东区重点项目建设进度的预警通知书"
    assert letter.issued_on == "2024年10月9日", "the office's clock"
    assert "红灯1个、黄灯0个，其中本期新增0个、由黄转红0个，连续红灯时间最长的已2期" in letter.paragraphs[0]
    assert "于2024年10月19日前" in letter.paragraphs[-1]
    assert letter.table is not None
    assert letter.table[2][0][:4] == ("■ 滞后", "延续", "2期", "项目late")


def test_a_paragraph_without_its_fact_is_left_out(warned: Office) -> None:
    (letter,) = letters_to(warned.scope("2024-09"), "warning", [WEST])
    assert not [paragraph for paragraph in letter.paragraphs if "综合评比" in paragraph]
    assert letter.table is None


def test_letters_are_due_to_whom_the_rules_say(warned: Office) -> None:
    due = consequences(warned.scope("2024-09")).letters
    assert due["warning"] == [EAST]
    assert consequences(warned.scope("2024-09", areas=(WEST,))).letters["warning"] == []
    assert letter_kinds(due, reference.load().letters)["warning"] == "预警通知书（应发1份）"


def test_an_area_low_in_the_race_for_long_is_reminded_or_talked_to() -> None:
    streaks = pl.DataFrame(
        [(EAST, "东区", 2), (WEST, "西区", 3)], ["area_id", "name", "periods"], orient="row"
    )
    places = place_consequences(streaks, LightRules())
    due = due_letters(red(), red(), places, LightRules())
    assert due == {"warning": [], "reminder": [EAST, WEST], "talk": [WEST]}


def red(*rows: tuple[str, int]) -> pl.DataFrame:
    """Red projects, or targets, of these areas for so many periods in a row."""
    told = pl.DataFrame(list(rows), {"area_id": pl.String, "red_periods": pl.Int64}, orient="row")
    return told.with_columns(light=pl.lit("red"), is_exempt=pl.lit(value=False))


def test_which_letter_follows_is_what_the_rules_say() -> None:
    rules = replace(
        LightRules(),
        consequences=(
            Consequence("project", 2, "提醒", "reminder"),
            Consequence("project", 4, "约谈", "talk"),
            Consequence("target", 2, "书面说明", None),
        ),
    )
    due = due_letters(red((EAST, 4), (WEST, 1)), red((WEST, 9)), place_consequences(NOWHERE, rules), rules)
    assert due == {"warning": [], "reminder": [EAST], "talk": [EAST]}


NOWHERE = pl.DataFrame(schema={"area_id": pl.String, "name": pl.String, "periods": pl.Int64})


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("{地区}重点项目建设", "{区县}重点项目建设", "字段「title」：没有占位“区县”"),
        ("于{回复期限}前", "于{回复期限前", "字段「text」：花括号没有成对"),
        ('when = "目标情况"', 'when = "目标"', "字段「when」：值“目标”不认识"),
        ("reply_days = 10", "reply_days = 1.5", "字段「reply_days」"),
        ('title = "', 'titel = "', "没有这个设置"),
    ],
)
def test_a_wrong_wording_is_refused_with_its_line(before: str, after: str, said: str) -> None:
    text = (SHIPPED / "warning.toml").read_text(encoding="utf-8")
    assert before in text
    files: Mapping[str, Any] = {name: body.encode() for name, body in REFERENCE.items()} | {
        "letters/warning.toml": text.replace(before, after, 1).encode()
    }
    with pytest.raises(ReferenceError, match=rf"letters/warning\.toml 第\d+行.*{said}"):
        reference.whole.read(files)


def test_another_kind_of_letter_is_refused() -> None:
    files = {name: body.encode() for name, body in REFERENCE.items()} | {"letters/praise.toml": b'name = "a"'}
    with pytest.raises(ReferenceError, match="没有函件“praise”"):
        reference.whole.read(files)
