"""How a file of the office is refused, and read as text in the first place."""


class ReferenceError(Exception):
    """A file of the office that cannot be used. `str()` is one Chinese sentence."""

    def __init__(
        self, file: str, problem: str, *, line: int | None = None, field: str | None = None, allowed: str = ""
    ) -> None:
        place = file + (f" 第{line}行" if line else "") + (f" 字段「{field}」" if field else "")
        super().__init__(f"{place}：{problem}" + (f"，允许：{allowed}。" if allowed else "。"))
        self.file, self.line, self.field, self.allowed = file, line, field, allowed


def decoded(file: str, content: bytes) -> str:
    """Text of a file that an editor or Excel saved: UTF-8 with or without BOM, else GB18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReferenceError(file, "认不出文字编码", allowed="UTF-8、GB18030")
