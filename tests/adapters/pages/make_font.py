"""Makes GuanxiSans-Regular.otf: `python make_font.py NotoSansCJK-Regular.ttc`, with fonttools and compreffor installed.

For maintainers: the product and its tests use only what it made.
"""

import sys
from pathlib import Path

import compreffor
from fontTools.subset import Options, Subsetter, load_font, save_font

FONTS = Path(__file__).parents[3] / "adapters/guanxi_adapters/pages/fonts"
FAMILY = "Guanxi Sans"
SIMPLIFIED = 2  # the collection's face with mainland glyph shapes

LATIN = (*range(0x20, 0x7F), *range(0xA0, 0x100))
SIGNS = (
    "–—†‡‹›‘’“”…‰€℃№←↑→↓↔Δ∑Ω∞≈≠≤≥−√∫■□▲△▼▽◆◇○◎●★☆、。〈〉《》「」『』【】〔〕！（），．：；？［］｛｝～￥％＋－＝＜＞／"
    "①②③④⑤⑥⑦⑧⑨⑩ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩαβγδλμπσφχΓΣ"
)
# Beyond the first level of GB 2312: what names of people and shops use most, and a few words of the trades.
NAMES = (
    "鑫婷昊晔玮琪瑶璐瑾璇雯霏妍婕嫣娅婧佟闫钰煜烨炜焱淼淇骏曦晗晟暄昕旻祺禧嵘峥璟珺琨琳琦瑛瑜珂玥琬翊颢颖娣娟婵婉妤妮姣孜宸岐峻嵩彤恺"
    "怡惟晏晖晶栩桐桦楠榕樱毓沁洛涵渊湘潇瀚熠熙珉琼畅皓睿磊禹稷筠筱羲聪艺芸苒茜茵莉莎莹菁菡萱葳蓉蓓蔚蔷蕊蕾薇轶邈酉铎韬颐馥鹭麟黛"
    "邬邹邵谌郝郦鄢裴覃阮佘俞亓郗褛帐饺瓷琅"
)


def main(source: str) -> None:
    """Write the subset where the pages room keeps it."""
    options = Options(
        font_number=SIMPLIFIED,
        layout_features=["locl", "kern"],
        drop_tables=["VORG", "vhea", "vmtx", "BASE", "DSIG"],
        hinting=False,
        desubroutinize=True,
        name_IDs=["*"],
        notdef_outline=True,
    )
    font = load_font(source, options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes={*LATIN, *map(ord, SIGNS + NAMES), *first_level()})
    subsetter.subset(font)
    compreffor.compress(font)
    rename(font)
    save_font(font, str(FONTS / "GuanxiSans-Regular.otf"), options)


def first_level() -> set[int]:
    """Return the 3,755 characters of GB 2312's first level."""
    codes = [bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    return {ord(text) for text in (code.decode("gb2312", "ignore") for code in codes) if text}


def rename(font) -> None:  # type: ignore[no-untyped-def]
    """Name the subset as ours: a modified version does not bear the original's name."""
    postscript = FAMILY.replace(" ", "") + "-Regular"
    for record in list(font["name"].names):
        if record.nameID in (1, 3, 4, 6, 16):
            text = postscript if record.nameID == 6 else FAMILY
            font["name"].setName(text, record.nameID, record.platformID, record.platEncID, record.langID)
        elif record.nameID not in (0, 2, 5, 13, 14):
            font["name"].removeNames(record.nameID)
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    cff.topDictIndex[0].FullName = FAMILY
    cff.topDictIndex[0].FamilyName = FAMILY
    for part in cff.topDictIndex[0].FDArray:
        part.FontName = part.FontName.replace("NotoSansCJKsc", FAMILY.replace(" ", ""))


if __name__ == "__main__":
    main(sys.argv[1])
