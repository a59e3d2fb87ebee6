"""Letters on the page: what would be sent, read before it is taken, as Word, PDF or all in one ZIP."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from saima.answers import letters_to
from saima.controls import pick_item, pick_one
from saima.deck.letters import letter_docx, letter_pdf, letters_zip
from saima.evidence import remark
from saima.scope import Scope
from saima.transforms.letters import letter_kinds, receivers

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def offer_letters(scope: Scope, due: Mapping[str, Sequence[str]]) -> None:
    """Letters of a kind to all areas that are due one or to one of them: the first to read, files of all.

    `due` is as in `letters.due_letters`.
    """
    kinds = letter_kinds(due, scope.reference.letters)
    if not kinds:
        remark("参考数据文件夹里没有函件文字，不能生成函件：请把随程序提供的 letters 文件夹复制过去再改。")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="letter_controls"):
        kind = pick_one("letter", "函件", kinds)
        chosen = pick_item("letter_area", "发往", receivers(due[kind], scope.area_names), width=240)
    _offer(scope, kind, due[kind] if chosen == "all" else [chosen])


def _offer(scope: Scope, kind: str, areas: Sequence[str]) -> None:
    template = scope.reference.letters[kind]
    if not areas:
        remark(f"本期没有应发的{template.name}。")
        return
    first = letters_to(scope, kind, areas[:1])[0]
    with st.expander(f"{first.title}（{template.label}）"):
        for paragraph in (first.addressee, *first.paragraphs, first.issuer, first.issued_on):
            remark(paragraph)
    stem = f"{scope.city.short_name}{scope.period}_{template.name}"
    with st.container(horizontal=True, key="letter_files"):
        for form, term in (("docx", "可编辑文档"), ("pdf", "打印版")):
            is_one = len(areas) == 1
            st.download_button(
                f"下载{'' if is_one else f'{len(areas)}份'}{template.name}（{term}）",
                data=partial(_file, scope, kind, tuple(areas), form),
                file_name=f"{stem}_{first.area}.{form}" if is_one else f"{stem}_{term}.zip",
                mime=_TYPES[form] if is_one else "application/zip",
                on_click="ignore",
                key=f"letter_{form}",
            )


def _file(scope: Scope, kind: str, areas: tuple[str, ...], form: str) -> bytes:
    """The one letter, or all of them in a ZIP: made only when it is asked for."""
    letters = letters_to(scope, kind, areas)
    if len(letters) > 1:
        return letters_zip(letters, form)
    return letter_docx(letters[0]) if form == "docx" else letter_pdf(letters[0])
