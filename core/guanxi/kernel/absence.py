"""What is said of a name that nobody has because its plugin was kept out: that it is blocked, or why it was refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from guanxi.kernel.labels import Label

if TYPE_CHECKING:
    from guanxi.kernel.plugins import Installed


def absence(installed: Iterable[Installed], name: str) -> Label:
    """Return, for the message about a name that nobody has, that its plugin is blocked or refused; else nothing.

    Args:
        installed: the plugins as the loader found them.
        name: a stored name, such as ``retail.rfm``.
    """
    prefix = name.partition(".")[0]
    for one in installed:
        if one.name != prefix or one.parts is not None:
            continue
        if one.blocked is not None:
            return Label(
                f" (plugin {prefix} is blocked: {one.blocked})", f"（插件 {prefix} 已被禁用：{one.blocked}）"
            )
        en, zh = (one.refusal.message, one.refusal.zh) if one.refusal is not None else (one.error, one.error)
        return Label(f" (plugin {prefix} is refused: {en})", f"（插件 {prefix} 已被拒绝：{zh}）")
    return Label("", "")
