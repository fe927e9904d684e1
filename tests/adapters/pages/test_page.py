"""The page stands alone: no script, nothing loaded from elsewhere, readable by people, programs and screen readers."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import zlib
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from guanxi.kernel.labels import Label
from guanxi.kernel.reports import Column, Picture
from guanxi_adapters.pages import render_html
from tests.adapters.pages.samples import EVERY, answer, movement, reasons, retention

CHROMIUM = Path("/usr/bin/chromium")
EMPTY_ELEMENTS = {"meta", "br", "link", "img"}
LOADING = {"src", "srcset", "data", "action", "background", "poster", "xlink:href"}
NAME = Column("name", Label("Name", "名称"))
COUNT = Column("count", Label("Count", "数量"), "integer")


class Outline(HTMLParser):
    """Reads a page strictly: every element closed in turn, every attribute kept."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in EMPTY_ELEMENTS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data.strip()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.seen if name == tag]

    def said(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_a_page_parses_and_loads_nothing(make: Any, lang: str) -> None:
    page = render_html(make(), lang)
    outline = Outline(page)
    assert outline.all("html")[0]["lang"] == {"en": "en", "zh": "zh-Hans"}[lang]
    assert not outline.all("script")
    assert not outline.all("link")
    for _, attrs in outline.seen:
        assert not LOADING & set(attrs)
        assert not any(name.startswith("on") for name in attrs)
    without_namespaces = re.sub(r'xmlns(:\w+)?="[^"]*"', "", page)
    assert not re.search(r"https?://|url\(|@import|//[a-z]", without_namespaces)


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_a_page_holds_its_picture_named_for_those_who_cannot_see_it(make: Any) -> None:
    result = make()
    (svg,) = Outline(render_html(result, "zh")).all("svg")
    assert svg["role"] == "img"
    assert result.report.picture is not None
    assert svg["aria-label"] == result.report.picture.title.zh


def test_the_table_is_captioned_and_says_which_cells_are_headings() -> None:
    result = reasons()
    outline = Outline(render_html(result, "zh"))
    assert outline.said("caption") == ["共 6 行"]
    assert [a["scope"] for a in outline.all("th")] == ["col"] * 3 + ["row"] * 6
    assert outline.said("td")[:2] == ["412", "34.33%"]


def test_the_manifest_is_in_the_footer_whole() -> None:
    result = retention()
    footer = render_html(result, "en").split("<footer")[1]
    for shown in (
        result.manifest.digest,
        "guanxi-retail 0.1.0",
        "variant = nested",
        "1998-06-30",
        "69,659",
        "RET-26",
    ):
        assert shown in footer


def test_cells_that_look_like_markup_stay_text() -> None:
    evil = "<script>alert(1)</script>\"'&"
    result = answer(
        (NAME, COUNT),
        ((evil, 3), ("plain", None)),
        title=Label(evil, evil),
        picture=Picture("bars", "name", "count", Label(evil, evil)),
        notes=((Label(evil, evil), evil),),
        parameters={evil: evil},
    )
    outline = Outline(render_html(result, "en"))
    assert not outline.all("script")
    assert evil in outline.said("th")
    assert outline.said("h1") == [evil]
    assert outline.said("td") == ["3", "–"]


def test_an_answer_without_rows_has_no_picture_and_says_so() -> None:
    result = answer((NAME, COUNT), (), picture=Picture("bars", "name", "count", Label("t", "题")))
    outline = Outline(render_html(result, "zh"))
    assert not outline.all("svg")
    assert "没有数据。" in outline.said("td")


def test_a_report_without_a_picture_is_still_a_page() -> None:
    outline = Outline(render_html(answer((NAME, COUNT), (("甲", 1),)), "zh"))
    assert not outline.all("figure")
    assert outline.said("caption") == ["共 1 行"]


@pytest.mark.parametrize("absent", ["altair", "vl_convert"])
def test_without_the_extra_the_page_says_what_would_draw_its_picture(
    monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    for name in [
        m for m in sys.modules if m.startswith("guanxi_adapters.pages.") and m.endswith(("charts", "axes"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, absent, None)
    page = render_html(movement(), "en")
    outline = Outline(page)
    assert not outline.all("svg")
    assert "pip install guanxi[pictures]" in outline.said("code")
    assert "122,319.5" in outline.said("td")


def test_a_picture_too_fine_to_read_is_left_out_and_the_page_says_so() -> None:
    picture = Picture("bars", "name", "count", Label("t", "题"))
    outline = Outline(
        render_html(answer((NAME, COUNT), [(str(i), i) for i in range(500)], picture=picture), "zh")
    )
    assert not outline.all("svg")
    assert outline.said("p") == ["未画图：一幅图中有 500 个柱或格，无法分辨。"]


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_a_page_comes_out_the_same_twice(make: Any) -> None:
    assert render_html(make(), "zh") == render_html(make(), "zh")


@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_browser_shows_the_page_and_its_picture(tmp_path: Path, lang: str) -> None:
    page, shot = tmp_path / "page.html", tmp_path / "page.png"
    page.write_text(render_html(reasons(), lang), "utf-8")
    subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}", "--window-size=900,700", "--hide-scrollbars",
            f"--screenshot={shot}", page.as_uri(),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    colours = colours_of(shot.read_bytes())
    assert len(colours) > 20  # ink in its shades of grey, the grid, the bars
    assert any(b > r + 60 for r, _, b in colours)  # the bars are blue, so the picture is there
    assert sum(colours.values()) - max(colours.values()) > 10_000  # neither blank nor nearly so


def colours_of(png: bytes) -> dict[tuple[int, int, int], int]:
    """Count an 8-bit RGB or RGBA image's colours."""
    at, data, size, depth = 8, b"", (0, 0), 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            *size, bits, colour = struct.unpack(">IIBB", body[:10])
            assert bits == 8
            depth = {2: 3, 6: 4}[colour]
        data += body if kind == b"IDAT" else b""
        at += length + 12
    return counted(zlib.decompress(data), size[0] * depth, depth)


def counted(raw: bytes, stride: int, depth: int) -> dict[tuple[int, int, int], int]:
    colours: dict[tuple[int, int, int], int] = {}
    above = bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        above = unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), above, depth)
        for i in range(0, stride, depth):
            pixel = (above[i], above[i + 1], above[i + 2])
            colours[pixel] = colours.get(pixel, 0) + 1
    return colours


def unfiltered(kind: int, line: bytearray, above: bytearray, depth: int) -> bytearray:
    for i in range(len(line)):
        left = line[i - depth] if i >= depth else 0
        corner = above[i - depth] if i >= depth else 0
        line[i] = (
            line[i] + (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[kind]
        ) & 255
    return line


def paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda part: abs(guess - part))


def test_dates_and_missing_days_are_shown_as_such() -> None:
    columns = (
        NAME,
        Column("day", Label("Day", "日期"), "date"),
        Column("paid", Label("Paid", "实付"), "decimal"),
    )
    outline = Outline(
        render_html(answer(columns, (("a", date(2012, 2, 29), Decimal("-1234.5")), ("b", None, None))))
    )
    assert outline.said("td") == ["2012-02-29", "-1,234.50", "–", "–"]
