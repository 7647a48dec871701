"""Texts that a learner may type and that a page must answer calmly."""

HOSTILE = {
    "empty": "",
    "blanks": "   \t ",
    "only masks": "[MASK] [MASK]",
    "emoji": "👩‍👩‍👧 👍🏽 ☃️",
    "controls": "a\x00b\x07c\u200bd\u202ee",
    "html": "<script>alert(1)</script> & <b>",
    "scripts": "今日は 안녕 สวัสดี مرحبا Ünïcödé",
    "one long word": "x" * 5000,
    "far too long": "the cat sat " * 8334,
    "markdown": "# [link](javascript:x) $x^2$ **bold** :red[x]",
}
