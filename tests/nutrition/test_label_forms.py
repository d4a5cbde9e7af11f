"""Labels as drawings and pages: valid, harmless, readable without eyes; made of what was kept."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nutrition.analysis import AnalysisRequest
from nutrition.engine import Engine
from nutrition.labels import eu, fda
from nutrition.labels.drawing import SLACK, width, wrapped
from nutrition.labels.html import STYLE_DIGEST
from nutrition.labels.printing import AUDIENCES, as_html, as_svg, as_text, label_of

SVG = "{http://www.w3.org/2000/svg}"
EVIL = "</title><script>alert(1)</script> & \"pie\" 'x' \x00\x1b\ufffe\u202e]]>"
FDA = fda.label({"FAT": 9.0, "PROCNT": 3.2, "FATRN": 0.6}, 8, 155.0, title="Apple Pie")
EU = eu.table({"FAT": 72.0, "VITC": 960.0}, {}, servings=8, grams=1240.0, title="Apple Pie")
DOCUMENTS = (FDA, EU)


class Page(HTMLParser):
    """Every tag with its attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.style = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            self.style += data
        else:
            self.text += data


def parsed(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawing)  # noqa: S314 - our own


def named(document: dict[str, Any], title: str | None) -> dict[str, Any]:
    return document | {"title": title}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one["format"])
def test_a_drawing_is_an_image_with_a_name_and_all_it_says_in_words(
    document: dict[str, Any],
) -> None:
    root = parsed(as_svg(document))

    assert root.get("role") == "img"
    title, described = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert described is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {described.get('id')}"
    assert title.text is not None
    assert title.text.endswith(": Apple Pie")
    assert described.text is not None
    assert "9" in described.text
    assert "not known" in described.text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one["format"])
def test_a_drawing_holds_nothing_that_runs_or_loads(document: dict[str, Any]) -> None:
    root = parsed(as_svg(named(document, EVIL)))

    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "rect",
        "text",
        "tspan",
    }
    for one in root.iter():
        assert not any(name.startswith("on") or "href" in name for name in one.keys())  # noqa: SIM118


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one["format"])
def test_the_same_label_is_the_same_bytes(document: dict[str, Any]) -> None:
    again = json.loads(json.dumps(document))

    assert as_svg(document) == as_svg(again)
    assert as_html(document) == as_html(again)


def test_labels_of_equal_figures_have_ids_of_their_own_in_one_page() -> None:
    """Else who hears the page hears the first name twice."""
    one, other = (parsed(as_svg(named(FDA, title))) for title in ("Pie", "Tart"))

    assert one.get("aria-labelledby") != other.get("aria-labelledby")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one["format"])
@pytest.mark.parametrize("title", ["", " ", "\u200f\u202e"])
def test_a_title_of_which_nothing_is_seen_is_none(document: dict[str, Any], title: str) -> None:
    invisible, none = named(document, title), named(document, None)

    assert as_svg(invisible) == as_svg(none)
    assert as_html(invisible) == as_html(none)
    assert as_text(invisible) == as_text(none)


def test_a_drawing_says_what_the_terminal_says() -> None:
    drawing = "".join(parsed(as_svg(FDA)).itertext()).replace("\u00a0", " ")

    for words in ("8 servings per recipe", "1/8 recipe (155g)", "Total Fat 9g", "12%", "Trans Fat"):
        assert words in drawing
    assert "Not known is not zero" in drawing


def test_the_heading_fills_the_width_whatever_the_font() -> None:
    found = re.search(r'<text x="7" [^>]*textLength="186" [^>]*>.*Nutrition Facts', as_svg(FDA))

    assert found


def test_a_title_from_right_to_left_begins_at_the_right() -> None:
    assert re.search(
        r'<text x="193" [^>]*direction="rtl" text-anchor="start"><tspan font-weight="700">פאי',
        as_svg(named(FDA, "פאי תפוחים")),
    )


@given(
    st.text(max_size=300),
    st.dictionaries(st.sampled_from(fda.CODES), st.floats(0, 1e300) | st.just(math.nan)),
    st.dictionaries(st.sampled_from(fda.CODES), st.floats(0, 1)),
    st.none() | st.floats(1e-3, 1e300),
    st.sampled_from(["fda-2016", "fda-2016-ages-1-3"]),
)
@settings(max_examples=60)
def test_any_label_is_valid_as_drawing_and_as_page(
    title: str,
    amounts: dict[str, float],
    coverage: dict[str, float],
    servings: float | None,
    version: str,
) -> None:
    document = fda.label(
        amounts, servings, servings, title=title, coverage=coverage, version=version
    )

    parsed(as_svg(document))
    Page(as_html(document))


@given(st.text(max_size=100), st.floats(30, 400), st.booleans())
def test_wrapped_text_stays_within_its_room(text: str, room: float, bold: bool) -> None:
    lines = wrapped(text, 10, room, bold, most=3)

    assert len(lines) <= 3
    assert all(width(line, 10, bold) * SLACK <= room + 1e-6 for line in lines)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one["format"])
def test_a_page_is_a_table_that_can_be_heard(document: dict[str, Any]) -> None:
    page = Page(as_html(document))

    tags = [tag for tag, _ in page.tags]
    assert page.tags[0] == ("html", {"lang": "en"})
    assert tags.count("table") == tags.count("caption") == 1
    assert tags.index("caption") == tags.index("table") + 1
    scopes = [attributes.get("scope") for tag, attributes in page.tags if tag == "th"]
    assert set(scopes) == {"col", "row"}
    heads = scopes.count("col")
    assert tags.count("td") == scopes.count("row") * (heads - 1)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one["format"])
def test_a_page_has_no_script_and_one_style_which_its_digest_allows(
    document: dict[str, Any],
) -> None:
    page = Page(as_html(named(document, EVIL)))

    assert {"script", "img", "link", "iframe", "a"}.isdisjoint(tag for tag, _ in page.tags)
    names = {name for _, attributes in page.tags for name in attributes}
    assert names <= {"lang", "charset", "name", "content", "class", "dir", "id", "scope"} | {
        "aria-labelledby"
    }
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert f"sha256-{digest}" == STYLE_DIGEST
    assert "<script>alert(1)</script>" in page.text


RECIPES = (
    AnalysisRequest(("2 cups flour", "1 egg", "3 carrots"), "Carrot bread", 4),
    AnalysisRequest(("1 cup dreams", "1 cup milk"), yield_grams=200.0),
    AnalysisRequest(("1 cup dreams",)),
    AnalysisRequest(("1 lb ground beef", "1/3 cup milk"), None, 7),
)


@pytest.mark.parametrize("request_", RECIPES, ids=["whole", "in part", "unknown", "odd digits"])
def test_a_kept_analysis_gives_the_label_that_it_was_shown_with(
    engine: Engine, request_: AnalysisRequest
) -> None:
    kept = json.loads(json.dumps(engine.analyze(request_).kept()))

    assert label_of(kept) == kept["label"]


def test_a_kept_analysis_gives_every_label_in_every_form(engine: Engine) -> None:
    kept = engine.analyze(RECIPES[0]).kept()

    children = label_of(kept, "fda", "ages-1-3")
    european = label_of(kept, "eu")

    assert children["daily_values"] == "fda-2016-ages-1-3"
    assert children["rows"][1]["amount"] == kept["label"]["rows"][1]["amount"]
    assert european["rows"][0]["known"] == "in full"
    assert european["portion_grams"] == kept["label"]["serving_grams"]
    for document in (children, european):
        assert "Carrot bread" in as_text(document)
        assert "Carrot bread" in as_svg(document)
        assert "Carrot bread" in as_html(document)


def test_a_kept_analysis_of_the_labels_nutrients_alone_still_has_a_european_label(
    engine: Engine,
) -> None:
    """As batches keep them: no carotenes and no tryptophan, so neither vitamin A nor niacin."""
    lean = label_of(engine.analyze(RECIPES[0]).kept("label"), "eu")

    assert lean["rows"] == label_of(engine.analyze(RECIPES[0]).kept(), "eu")["rows"]
    assert {"VITA", "NIAEQ"}.isdisjoint(row["code"] for row in lean["vitamins_and_minerals"])


def test_an_analysis_kept_by_an_older_release_has_its_labels() -> None:
    """The least that was ever kept: no method, no energy, no references of its own."""
    kept = {
        "title": None,
        "servings": 2,
        "yield_grams": 200.0,
        "yield_grams_basis": "sum of the resolved ingredients",
        "nutrients": {
            "codes": ["PROCNT", "FAT", "CHOCDF", "FIBTG", "NA"],
            "units": ["g", "g", "g", "g", "mg"],
            "totals": [10.0, 20.0, None, None, 400.0],
            "coverage": [1.0, 0.75, 0.0, 0.0, 1.0],
        },
        "label": {"serving_grams_coverage": 0.75},
    }

    facts, european = label_of(kept), label_of(kept, "eu")

    assert (facts["rows"][1]["amount"], facts["rows"][1]["coverage"]) == (10, 0.75)
    assert facts["serving_grams"] == 100
    assert european["rows"][7]["per_100g"]["shown"] == "0.50 g"
    assert european["rows"][0]["known"] == "no"
    assert european["portion_grams_coverage"] == 0.75


def test_what_there_is_no_label_for_is_refused(engine: Engine) -> None:
    kept = engine.analyze(RECIPES[2]).kept()

    with pytest.raises(ValueError, match="adults alone"):
        label_of(kept, "eu", AUDIENCES[1])
    with pytest.raises(ValueError, match="no label 'jp'"):
        label_of(kept, "jp")  # type: ignore[arg-type]
