"""Pictures: words in a font that has them, values exact, every cell where the report put it."""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import guanxi_adapters.pages
from guanxi.kernel.errors import Invalid, PluginError, Unknown
from guanxi.kernel.labels import Label
from guanxi.kernel.reports import Column, Picture, ReportResult
from guanxi.relationship import parts
from guanxi_adapters.pages import page, render_png, render_svg
from guanxi_adapters.pages.colours import FALL, RISE, TOTAL, heat, readable_on
from tests.adapters.pages.samples import (
    EVERY,
    answer,
    appraisal,
    causes,
    funnel_of_stages,
    goals,
    migration,
    movement,
    reasons,
    retention,
    rfm_grid,
    store_months,
    whole_view,
)

WITHOUT_AXES = ("funnel", "radar", "sankey", "tree")
FONTS = Path(guanxi_adapters.pages.__file__).parent / "fonts"
FONT = FONTS / "GuanxiSans-Regular.otf"

STEP = Column("step", Label("Step", "步骤"))
LEVEL = Column("level", Label("Level", "余额"), "integer")
SLANT = "rotate(320"
WITHOUT_AXES = ("funnel", "radar", "sankey", "tree")
"""Kinds that name each thing beside itself."""
MOVE = Column("move", Label("Movement", "变动"), "integer")


def texts(svg: str) -> list[str]:
    return [unescape(re.sub(r"<[^>]+>", "", text)) for text in re.findall(r"<text.*?</text>", svg, re.S)]


def drawn(kind: Any, columns: Sequence[Column], rows: Sequence[tuple[Any, ...]], *axes: str) -> ReportResult:
    return answer(columns, rows, picture=Picture(kind, axes[0], axes[1], Label("t", "题"), *axes[2:]))


def glyphs_of(font: bytes) -> set[int]:
    """Return the characters that a font's Unicode table (format 4 or 12) gives a glyph of its own."""
    tables = {}
    for i in range(struct.unpack(">H", font[4:6])[0]):
        tag, _, start, length = struct.unpack(">4sIII", font[12 + 16 * i : 28 + 16 * i])
        tables[tag] = font[start : start + length]
    cmap, found = tables[b"cmap"], set()
    for i in range(struct.unpack(">H", cmap[2:4])[0]):
        at = struct.unpack(">I", cmap[8 + 8 * i : 12 + 8 * i])[0]
        if struct.unpack(">H", cmap[at : at + 2])[0] == 4:
            half = struct.unpack(">H", cmap[at + 6 : at + 8])[0]
            ends = struct.unpack(f">{half // 2}H", cmap[at + 14 : at + 14 + half])
            starts = struct.unpack(f">{half // 2}H", cmap[at + 16 + half : at + 16 + 2 * half])
            found |= {c for a, z in zip(starts, ends, strict=True) for c in range(a, z + 1) if c != 0xFFFF}
        elif struct.unpack(">H", cmap[at : at + 2])[0] == 12:
            for j in range(struct.unpack(">I", cmap[at + 12 : at + 16])[0]):
                a, z, _ = struct.unpack(">III", cmap[at + 16 + 12 * j : at + 28 + 12 * j])
                found |= set(range(a, z + 1))
    return found


@pytest.fixture(scope="module")
def glyphs() -> set[int]:
    return glyphs_of(FONT.read_bytes())


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_the_shipped_font_has_every_character_that_a_picture_shows(
    make: Any, lang: str, glyphs: set[int]
) -> None:
    shown = "".join(texts(render_svg(make(), lang)))
    assert shown
    assert {c for c in shown if ord(c) not in glyphs} == set()


def test_the_shipped_font_has_the_common_characters_and_every_label_of_the_pages(glyphs: set[int]) -> None:
    codes = (bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    common = "".join(code.decode("gb2312", "ignore") for code in codes)
    own = "".join(label.zh + label.en for label in vars(page).values() if isinstance(label, Label))
    signs = "，。：；（）《》“”、！？￥¥%‰–—…·×±≤≥→"
    assert len(common) == 3755
    assert {c for c in common + own + signs if ord(c) not in glyphs} == set()


def test_the_shipped_font_has_every_character_of_the_core_s_words(glyphs: set[int]) -> None:
    said = list(parts.texts.values())
    for report in parts.reports:
        said += [c.label for c in report.columns]
        said += [report.picture.title] if report.picture is not None else []
    assert {c for label in said for c in label.zh + label.en if ord(c) not in glyphs} == set()


def test_the_shipped_font_is_small_and_its_licence_lies_beside_it() -> None:
    assert FONT.stat().st_size < 1_500_000
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / "OFL.txt").read_text("utf-8")


def test_chinese_characters_are_not_drawn_as_one_and_the_same_box() -> None:
    def picture_of(word: str) -> bytes:
        return render_png(drawn("bars", (STEP, MOVE), ((word, 1), ("x", 2)), "step", "move"), "zh")

    assert len({picture_of(word) for word in "关系客户会员积分"}) == 8


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_a_picture_comes_out_the_same_twice(make: Any) -> None:
    assert render_svg(make(), "zh") == render_svg(make(), "zh")
    assert render_png(make(), "zh") == render_png(make(), "zh")


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_a_picture_has_its_title_and_headings_in_the_language_asked_for(make: Any) -> None:
    result = make()
    for lang in ("en", "zh"):
        shown = texts(render_svg(result, lang))
        assert result.report.picture.title(lang) in shown
        headings = {c.name: c.label(lang) for c in result.columns}
        assert headings[result.report.picture.x] in shown or result.report.picture.kind in WITHOUT_AXES


def test_a_png_is_white_paper_at_twice_the_size() -> None:
    png = render_png(rfm_grid())
    width, height = struct.unpack(">II", png[16:24])
    nominal = re.search(r'width="(\d+)" height="(\d+)"', render_svg(rfm_grid()))
    assert png.startswith(b"\x89PNG")
    assert nominal is not None
    assert (width, height) == (2 * int(nominal[1]), 2 * int(nominal[2]))


def test_a_heatmap_writes_each_value_in_its_cell_and_leaves_unknown_cells_blank() -> None:
    shown = texts(render_svg(retention(), "en"))
    known = [row for row in retention().rows if row[3] is not None]
    assert sum(text.endswith("%") for text in shown) == len(known) == 51
    assert {"15.88%", "3.94%", "3.30%"} <= set(shown)
    assert [text for text in shown if text.isdigit()] == [str(k) for k in range(18)]
    assert "–" not in shown


def test_a_heatmap_whose_last_column_is_all_unknown_keeps_that_column() -> None:
    columns = (STEP, LEVEL, MOVE)
    rows = [("a", 10, 1), ("a", 9, 2), ("b", 9, 3), ("b", 11, None), ("a", None, None)]
    shown = texts(render_svg(drawn("heatmap", columns, rows, "level", "step", "move")))
    assert [text for text in shown if text in ("9", "10", "11", "–")] == ["9", "10", "11", "–"]


def test_a_heatmap_too_fine_to_label_is_still_drawn() -> None:
    rows = [(f"r{y}", x, 123_456) for y in range(3) for x in range(200)]
    svg = render_svg(drawn("heatmap", (STEP, LEVEL, MOVE), rows, "level", "step", "move"))
    assert "123,456" not in svg
    assert svg.count(heat(1, 1, 1)) == 600


def test_more_of_anything_is_a_deeper_colour_and_its_text_stays_readable() -> None:
    shades = [heat(v, 0, 100) for v in range(0, 101, 5)]
    assert len(set(shades)) == len(shades)
    assert readable_on(shades[0]) != readable_on(shades[-1])
    assert heat(-5, -5, 100) not in shades
    assert heat(7, 7, 7) == heat(0, 0, 0)


def test_bars_show_exact_values_and_loss_in_another_colour() -> None:
    rows = [("a", Decimal("1234.565")), ("b", Decimal("-20")), ("c", None)]
    money = Column("money", Label("Money", "金额"), "decimal")
    svg = render_svg(drawn("bars", (STEP, money), rows, "step", "money"))
    assert {"1,234.57", "-20.00", "c"} <= set(texts(svg))
    assert RISE in svg
    assert FALL in svg


def test_bars_of_several_series_are_stacked_with_a_legend() -> None:
    shop = Column("shop", Label("Shop", "门店"))
    rows = [("1月", "南京路店", 3), ("1月", "北京路店", 4)]
    shown = texts(render_svg(drawn("bars", (STEP, shop, MOVE), rows, "step", "shop", "move"), "zh"))
    assert {"门店", "南京路店", "北京路店", "1月"} <= set(shown)


def test_long_names_fold_into_lines_rather_than_lie_on_their_side() -> None:
    svg = render_svg(reasons(), "zh")
    assert SLANT not in svg
    assert "对积分规则不满意" in "".join(texts(svg))


def test_many_long_names_are_slanted() -> None:
    rows = [(f"a rather long name of a place {i}", i) for i in range(30)]
    assert SLANT in render_svg(drawn("bars", (STEP, MOVE), rows, "step", "move"))


def test_a_waterfall_hangs_each_movement_where_the_last_one_ended() -> None:
    svg = render_svg(movement(), "en")
    assert {"128,400.0", "+46,250.0", "-2,150.5", "122,319.5"} <= set(texts(svg))
    bars = re.findall(r'd="M[\d.]+,([\d.]+)h[\d.]+v([\d.]+)h[^"]*" fill="(#\w+)"', svg)
    spans = [(float(top), float(top) + float(height), colour) for top, height, colour in bars]
    assert [colour for *_, colour in spans] == [TOTAL, RISE, RISE, FALL, FALL, FALL, TOTAL]
    ends = [top if colour != FALL else bottom for top, bottom, colour in spans]
    starts = [bottom if colour != FALL else top for top, bottom, colour in spans]
    assert starts[1:-1] == pytest.approx(ends[:-2], abs=0.01)
    assert spans[-1][0] == pytest.approx(ends[-2], abs=0.01)
    assert starts[0] == starts[-1]


def test_a_waterfall_of_levels_takes_its_totals_from_rows_without_a_movement() -> None:
    rows = [("opening", 100, None), ("earned", 150, 50), ("used", 120, -30), ("closing", 120, None)]
    svg = render_svg(drawn("waterfall", (STEP, LEVEL, MOVE), rows, "step", "level", "move"))
    assert svg.count(f'fill="{TOTAL}"') == 2
    assert {"+50", "-30", "100", "120"} <= set(texts(svg))


def test_a_line_is_broken_where_a_month_is_unknown() -> None:
    north = re.search(r'<path d="([^"]*)" stroke="#c4662a"', render_svg(store_months()))
    assert north is not None
    assert north[1].count("M") == 2


@pytest.mark.parametrize("kind", ["integer", "date"])
def test_lines_along_numbers_and_dates_keep_their_distances(kind: Any) -> None:
    along = Column("x", Label("x", "横轴"), kind)
    places = (1, 2, 10) if kind == "integer" else (date(2012, 1, 1), date(2012, 1, 2), date(2012, 1, 10))
    svg = render_svg(drawn("lines", (along, MOVE), [(x, 5) for x in places], "x", "move"))
    path = re.search(r'<path[^>]* d="(M[^"]*)"[^>]*stroke="#2f6fa8"', svg)
    assert path is not None
    first, second, third = (float(x) for x in re.findall(r"[ML]([\d.]+),", path[1]))
    assert third - second == pytest.approx(8 * (second - first), rel=0.01)


def test_a_picture_with_more_bars_than_can_be_told_apart_is_refused() -> None:
    rows = [(str(i), i) for i in range(401)]
    with pytest.raises(Invalid, match="picture_too_fine"):
        render_svg(drawn("bars", (STEP, MOVE), rows, "step", "move"))


@pytest.mark.parametrize("kind", ["bars", "lines", "heatmap", "waterfall"])
def test_an_answer_without_rows_or_values_can_still_be_drawn(kind: str) -> None:
    for rows in ((), (("a", None, None),)):
        assert "<svg" in render_svg(drawn(kind, (STEP, LEVEL, MOVE), rows, "step", "level", "move"))


def test_a_report_that_declares_no_picture_is_refused() -> None:
    with pytest.raises(Unknown, match="no_picture"):
        render_svg(answer((STEP,), (("a",),)))


@pytest.mark.parametrize("absent", ["altair", "vl_convert"])
def test_drawing_without_the_extra_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    for name in ("charts", "axes"):
        monkeypatch.delitem(sys.modules, f"guanxi_adapters.pages.{name}", raising=False)
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(PluginError) as refused:
        render_png(reasons())
    assert refused.value.code == "pictures_missing"
    assert refused.value.accepts == "pip install guanxi[pictures]"
    assert absent in refused.value.message


def words_of(make: Any) -> str:
    return " ".join(texts(render_svg(make(), "zh")))


def test_a_funnel_names_every_stage_with_its_number() -> None:
    shown = words_of(funnel_of_stages)
    assert all(word in shown for word in ("决策关系分析", "240", "171", "118", "66", "41"))


def test_a_pareto_picture_begins_with_the_greatest_and_ends_at_the_whole() -> None:
    shown = texts(render_svg(causes(), "zh"))
    names = [word for word in shown if word in {"安装", "质量", "送货", "态度", "价格"}]
    assert names == ["质量", "送货", "价格", "安装", "态度"]
    assert "100%" in shown


def test_a_sankey_picture_says_what_leaves_and_what_arrives() -> None:
    shown = words_of(migration)
    assert all(word in shown for word in ("重要  50", "主要  120", "重要  53", "主要  97", "小客户  20"))


def test_a_sankey_picture_heads_its_sides() -> None:
    result = migration()
    picture = result.report.picture
    assert picture is not None
    heads = [c.label("zh") for c in result.columns if c.name in (picture.x, picture.y)]
    assert set(heads) <= set(texts(render_svg(result, "zh")))


def test_a_tree_shows_every_box_even_where_stems_go_round_in_a_ring() -> None:
    ring = drawn(
        "tree",
        (STEP, Column("stem", Label("Stem", "上级"))),
        [("a", None), ("b", "c"), ("c", "b")],
        "step",
        "stem",
    )
    assert "a" in texts(render_svg(ring))
    assert all(word in words_of(goals) for word in ("公司", "一部", "赵强  400,000"))


def test_a_radar_names_every_axis_and_every_series() -> None:
    shown = words_of(appraisal)
    assert all(word in shown for word in ("满意度", "风险控制", "王芳", "李明"))


def test_a_timeline_shows_each_lane_and_what_stands_in_it() -> None:
    shown = words_of(whole_view)
    assert all(word in shown for word in ("订单", "收款", "投诉", "O-1", "已答复"))
