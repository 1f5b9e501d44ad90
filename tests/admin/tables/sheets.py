"""Spreadsheets as a browser sends and gets them."""

import re
from io import BytesIO

from openpyxl import Workbook, load_workbook

HEAD = ["编码", "类型", "名称", "上级编码", "地址"]
"""The headings of the table of places."""


def sheet(response) -> list[list]:
    rows = load_workbook(BytesIO(response.data)).active.iter_rows(values_only=True)
    return [list(row) for row in rows]


def packed(rows) -> BytesIO:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return out


def upload(browser, name, rows):
    file = rows if isinstance(rows, BytesIO) else packed(rows)
    return browser.post(f"/tables/{name}/import", {"file": (file, "x.xlsx")})


def hidden(page, name) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


def confirm(browser, name, preview):
    form = {field: hidden(preview, field) for field in ("lines", "previewed")}
    return browser.post(f"/tables/{name}/import/confirm", form)
