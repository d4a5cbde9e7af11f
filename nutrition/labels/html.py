"""Labels as pages: real tables that a screen reader walks, looking like the printed label.

A page is one document without scripts, links or images. Its style is one constant text, so that a
server can allow just that by its digest (STYLE_DIGEST) and nothing else. Black on white, also
where the reader's browser prefers dark pages; sizes in rem, so that they grow with the reader's.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from nutrition.labels import eu_wording, wording
from nutrition.labels.fda import MICROS
from nutrition.labels.frame import plain
from nutrition.labels.notes import Note
from nutrition.labels.wording import Said, basis, marked, said, serving_size

STYLE = """
:root{color-scheme:light}
body{margin:1rem;background:#fff;color:#000;font:1rem/1.2 Helvetica,Arial,sans-serif}
main{box-sizing:border-box;max-width:22rem}
h1,p,li{overflow-wrap:anywhere}
main.eu{max-width:36rem}
h1{margin:0 0 .5rem;font-size:1.25rem}
.label{border:2px solid #000;padding:.25rem .5rem .5rem}
h2{margin:0;font-weight:900;line-height:1.05;border-bottom:1px solid #000}
.fda h2{font-size:min(2.92rem,(100vw - 3.5rem)/7.1);white-space:nowrap}
.eu h2{font-size:1.5rem;padding-bottom:.25rem}
p{margin:.125rem 0}
.fda .servings{font-size:1.25rem}
.pair{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:0 .5rem}
.pair>:last-child{margin-left:auto;text-align:right}
.size{font-size:1.25rem;font-weight:700}
.size,.eu .servings{border-bottom:.9rem solid #000;padding-bottom:.25rem}
.eu .servings{border-bottom-width:.25rem}
.per{font-size:.8rem;font-weight:700}
.calories{margin:0;border-bottom:.4rem solid #000;font-weight:900;font-size:2rem;line-height:1.1}
.calories>.number{font-size:2.75rem}
.calories>.unknown{font-size:1.5rem}
table{width:100%;border-collapse:separate;border-spacing:0}
caption,.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{padding:.15rem 0;font-weight:400;text-align:left;vertical-align:baseline}
td,thead th:not(:first-child){width:1%;padding-left:.5rem;text-align:right;white-space:nowrap}
.eu td,.eu thead th:not(:first-child){padding-left:1.25rem}
tbody th,tbody td{border-top:1px solid #000}
tbody.micros tr:first-child>*{border-top-width:.9rem}
.eu tbody.micros tr:first-child>*{border-top-width:.25rem}
td.percent,thead th{font-weight:700}
thead th{font-size:.8rem}
th b,.micro td.percent{font-weight:400}
.main th b{font-weight:700}
.in1 th{padding-left:1rem}
.in2 th{padding-top:0;border-top:0}
.in2 th>span{display:block;margin-left:2rem;padding-top:.15rem;border-top:1px solid #000}
.second>*{padding-top:0;border-top:0}
.notes{border-top:.4rem solid #000;margin:0;padding:.25rem 0 0;list-style:none;font-size:.8rem}
.eu .notes{border-top-width:.25rem}
.notes li{padding-left:.75rem;text-indent:-.75rem}
.notes li.bare{text-indent:0}
.notes li.detail{padding-left:1.25rem}
@media (max-width:26rem){
body{margin:.5rem}
.eu table{font-size:.85rem}
.eu td,.eu thead th:not(:first-child){padding-left:.5rem}
.eu td{white-space:normal}
}
"""
STYLE_DIGEST = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def fda_page(label: Mapping[str, Any]) -> str:
    """The Nutrition Facts label as a page. label: what `nutrition.labels.fda.label` makes."""
    calories, *rows = label["rows"]
    micros = [row["code"] for row in rows].index(MICROS[0])
    unknown = " unknown" if calories["known"] == "no" else ""
    body = [
        '<section class="label" aria-labelledby="facts">',
        '<h2 id="facts">Nutrition Facts</h2>',
        f'<p class="servings">{escape(label["servings_shown"])}</p>',
        f'<p class="size pair"><span>Serving size</span> '
        f"<span>{escape(serving_size(label))}</span></p>",
        f'<p class="per">{escape(basis(label))}</p>',
        f'<p class="calories pair"><span>Calories</span> '
        f'<span class="number{unknown}">{escape(marked(calories))}</span></p>',
        "<table>",
        f"<caption>{escape(basis(label))}, and percent of the Daily Value</caption>",
        '<thead><tr><th scope="col"><span class="heard">Nutrient and amount</span></th>'
        '<th scope="col">% Daily Value*</th></tr></thead>',
        f"<tbody>{''.join(_fda_row(row) for row in rows[:micros])}</tbody>",
        f'<tbody class="micros">{"".join(_fda_row(row) for row in rows[micros:])}</tbody>',
        "</table>",
        _notes(wording.remarks(label)),
        "</section>",
    ]
    return _page("fda", "Nutrition Facts", label["title"], body)


def eu_page(table: Mapping[str, Any]) -> str:
    """The declaration of the EU as a page. table: what `nutrition.labels.eu.table` makes."""
    micros = len(table["vitamins_and_minerals"])
    lines = list(eu_wording.lines(table))
    macros = lines[: len(lines) - micros]
    first, *heads = eu_wording.columns(table)
    serving = f"{table['servings_shown']}. Portion: {eu_wording.portion(table)}"
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in (first, *heads))
    body = [
        '<section class="label" aria-labelledby="facts">',
        f'<h2 id="facts">{eu_wording.HEADING}</h2>',
        f'<p class="servings">{escape(serving)}</p>',
        "<table>",
        "<caption>Energy and nutrients per 100 g and per portion</caption>",
        f"<thead><tr>{head}</tr></thead>",
        f"<tbody>{''.join(map(_eu_row, macros))}</tbody>",
    ]
    if micros:
        rows = "".join(map(_eu_row, lines[len(macros) :]))
        body.append(f'<tbody class="micros">{rows}</tbody>')
    body += ["</table>", _notes(eu_wording.remarks(table)), "</section>"]
    return _page("eu", eu_wording.HEADING, table["title"], body)


def _page(kind: str, name: str, title: str | None, body: Iterable[str]) -> str:
    title = plain(title)
    head = f"{name}: {title}" if title else name
    return "\n".join(
        (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(head)}</title>",
            f'<style>{STYLE}</style>\n</head>\n<body>\n<main class="{kind}">',
            # The title's language is its author's: only its direction is found out.
            *((f'<h1 dir="auto">{escape(title)}</h1>',) if title else ()),
            *body,
            "</main>\n</body>\n</html>\n",
        )
    )


def _fda_row(row: Mapping[str, Any]) -> str:
    words = said(row)
    micro = row["code"] in MICROS
    kind = "micro" if micro else "main" if row["indent"] == 0 else f"in{row['indent']}"
    percent = ' class="percent"' if words.percent else ""
    return (
        f'<tr class="{kind}"><th scope="row"><span>{_fda_name(words)}</span></th>'
        f"<td{percent}>{escape(words.right)}</td></tr>\n"
    )


def _fda_name(words: Said) -> str:
    name = escape(words.name)
    if name.startswith("Trans "):
        name = f"<i>Trans</i>{name.removeprefix('Trans')}"
    return f"{escape(words.before)}<b>{name}</b>{escape(words.after)}"


def _eu_row(words: eu_wording.Said) -> str:
    kind = "main" if words.indent == 0 else f"in{words.indent}"
    name = f"<b>{escape(words.name)}</b>"
    if not words.name:  # the kcal below the kJ
        kind, name = "second", '<span class="heard">Energy</span>'
    cells = "".join(f"<td>{escape(figure)}</td>" for figure in words.cells)
    return f'<tr class="{kind}"><th scope="row">{name}</th>{cells}</tr>\n'


def _notes(notes: Iterable[Note]) -> str:
    items = []
    for note in notes:
        kind = "marked" if note.mark else "bare detail" if note.detail else "bare"
        items.append(f'<li class="{kind}">{escape(f"{note.mark} {note.text}".strip())}</li>\n')
    return f'<ul class="notes">\n{"".join(items)}</ul>'
