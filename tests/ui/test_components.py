from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.template.loader import render_to_string
from django.utils import timezone

from awarding.findings.finding import Finding, Severity
from awarding.ui.charts import Bar, BarChart
from awarding.ui.colour import brand_palette
from awarding.ui.templatetags import ui
from tests.ui.gallery import gallery_context, make_request, render_page, show


def test_dates_are_those_of_london() -> None:
    late = datetime(2020, 6, 3, 23, 30, tzinfo=UTC)
    assert ui.london_date(late) == "4 June 2020"
    assert ui.london_datetime(late) == "4 June 2020, 00:30"
    assert ui.london_datetime(datetime(2020, 1, 3, 23, 30, tzinfo=UTC)) == "3 January 2020, 23:30"
    assert ui.london_date(date(2020, 6, 3)) == "3 June 2020"
    assert ui.london_date(None) == ui.london_datetime(None) == ui.since(None) == ""


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1, seconds=5), "1 minute"),
        (timedelta(hours=3), "3 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=40), "40 days"),
        (-timedelta(hours=1), "just now"),
    ],
)
def test_since_gives_the_one_unit_that_matters(ago: timedelta, words: str) -> None:
    assert ui.since(timezone.now() - ago) == words


@pytest.mark.parametrize(
    ("value", "shown"),
    [("60171595", "601/7159/5"), ("601/7159/5", "601/7159/5"), ("6005640X", "600/5640/X"), ("12", "12"), (None, "")],
)
def test_a_qualification_number_is_shown_with_its_obliques(value: str | None, shown: str) -> None:
    assert ui.qan(value) == shown


def test_a_tag_escapes_its_text_and_knows_its_colours() -> None:
    html = show("{% tag text colour %}", text="<b>", colour='red" onclick="x')
    assert html == '<strong class="govuk-tag govuk-tag--grey">&lt;b&gt;</strong>'
    assert "govuk-tag--red" in show("{% tag 'Held' 'red' %}")


def test_links_and_buttons_escape_what_they_are_given() -> None:
    html = show(
        "{% button_link text url %}{% submit text name=text value=text %}{% warning text %}", text='"><b>', url='"><b>'
    )
    assert "<b>" not in html


def test_pages_keep_the_rest_of_the_query() -> None:
    pages = Paginator(range(100), 10)
    html = show("{% pagination page_obj %}", make_request(q="a&b", page="3", state="held"), page_obj=pages.page(3))
    assert 'href="?q=a%26b&amp;state=held&amp;page=4"' in html
    assert 'aria-current="page"' in html
    assert html.count("⋯") == 1
    assert show("{% pagination page_obj %}", page_obj=Paginator([1], 10).page(1)).strip() == ""


def test_findings_stand_worst_first_each_with_its_mend_and_rule() -> None:
    found = [
        Finding("CLM-06", Severity.INFORMS, "Ada", "Nothing to do.", ""),
        Finding("MIT-07", Severity.BLOCKS, "Row <12>", "Not registered.", "Register the learner."),
    ]
    html = show("{% finding_list findings %}", findings=found)
    assert html.index("Not registered.") < html.index("Nothing to do.")
    assert "Register the learner." in html and 'href="/rules/MIT-07/"' in html
    assert "Row &lt;12&gt;" in html and "<12>" not in html
    assert "found nothing" in show("{% finding_list findings %}", findings=[])


def test_a_chart_shows_its_numbers_twice_and_keeps_its_bars_in_proportion() -> None:
    chart = BarChart("Claims", [Bar("Submitted", 40), Bar("Held", 10), Bar("None", 0)], "State", "Claims")
    assert [bar.width for bar in chart.drawn] == ["82.00%", "20.50%", "0.00%"]
    html = show("{% bar_chart chart %}", chart=chart)
    assert html.count(">40<") == 2
    empty = BarChart("Claims", [Bar("Held", 0)], "State", "Claims")
    assert empty.drawn[0].width == "0.00%"
    assert BarChart("Claims", [], "State", "Claims").drawn == []


def test_a_long_label_of_a_chart_breaks_and_moves_what_stands_below_it() -> None:
    long = "Registered, and planned to end on or after the impact date"
    chart = BarChart("Why", [Bar(long, 3), Bar("Short", 1)], "Why", "Learners")
    first, second = chart.drawn
    assert [line for _y, line in first.label] == ["Registered, and planned to end", "on or after the impact date"]
    tops = [y for y, _line in first.label]
    assert tops[0] < tops[1] < first.bar_y < second.label[0][0] < second.bar_y < chart.height
    assert show("{% bar_chart chart %}", chart=chart).count("on or after the impact date<") == 2


def test_a_filter_with_a_fault_is_open_and_says_it() -> None:
    form = gallery_context()["form"]
    closed = show("{% filter_list form filtered 'Show all' '/all/' %}", form=Form(), filtered=False)
    assert "open" not in closed.split(">")[0] and "/all/" not in closed
    html = show("{% filter_list form filtered 'Show all' '/all/' %}", form=form, filtered=True)
    assert html.startswith('<details class="govuk-details" open>') and 'href="/all/"' in html


def test_progress_says_its_numbers_and_bears_a_total_of_nothing() -> None:
    assert "37 of 1,200 learners" in show("{% progress 37 1200 'learners' %}")
    assert 'max="1"' in show("{% progress 0 0 'learners' %}")


def test_a_turn_shows_only_what_is_known() -> None:
    html = show("{% turn turn %}", turn={"state": "Certificated"})
    assert "Certificated" in html and "By when" not in html and "Whose turn" not in html
    html = show("{% turn turn %}", turn=gallery_context()["turn"])
    assert "17 June 2020" in html and "Special considerations panel" in html


def test_what_is_late_is_marked_at_the_top_of_its_page_as_in_my_work() -> None:
    """The same words and the same mark in both; today is not late yet."""
    today = timezone.localdate()
    for days, words, is_late in ((-1, "Was due by", True), (0, "Due by", False), (1, "Due by", False)):
        day = today + timedelta(days=days)
        turn = show("{% turn turn %}", turn={"state": "Lodged", "due": day})
        item = SimpleNamespace(title="An appeal", due=day, urgency=3, action="Answer", url="/")
        line = SimpleNamespace(item=item, is_late=is_late)
        work = render_to_string("accounts/work_lines.html", {"lines": [line], "mine": True})
        for html in (turn, work):
            assert f"{words} {ui.london_date(day)}" in html and (ui.tag("Late", "red") in html) is is_late
    assert ui.due(None) == ui.late(None) == ""


def test_a_title_ends_in_its_owner_and_says_errors_and_pages() -> None:
    context = gallery_context()
    title = render_page("gallery.html", context).split("<title>")[1].split("</title>")[0]
    assert title == "Error: Claim ERAC-00012 (page 2 of 4) – Example Awards"
    del context["form"], context["page_obj"]
    title = render_page("gallery.html", context).split("<title>")[1].split("</title>")[0]
    assert title == "Claim ERAC-00012 – Example Awards"


def test_the_banner_tells_success_from_trouble() -> None:
    request = make_request()
    messages.success(request, "Saved.")
    messages.error(request, "Not sent <b>.")
    html = render_page("grid_page.html", {"grid": gallery_context()["grid"]}, request)
    problem, done = html.split("There is a problem")[1].split('id="portal-banner-title-success"')
    assert "Not sent &lt;b&gt;." in problem and "Saved." not in problem
    assert "Saved." in done and html.count('data-disable-auto-focus="true"') == 1


def test_links_to_other_organisations_appear_only_when_there_are_any() -> None:
    context = gallery_context()
    assert "Change organisation" in render_page("gallery.html", context)
    context["organisations"] = context["organisations"][:1]
    assert "Change organisation" not in render_page("gallery.html", context)


def test_signing_out_is_a_post_with_its_token() -> None:
    html = render_page("gallery.html", gallery_context())
    form = html.split('<form method="post" action="/accounts/logout/">')[1].split("</form>")[0]
    assert "csrfmiddlewaretoken" in form and "Sign out" in form
    stranger = make_request(user=SimpleNamespace(is_authenticated=False, pk=None))
    assert "Sign out" not in render_page("gallery.html", gallery_context(), stranger)


@pytest.mark.parametrize("status", ["400", "403", "404", "429", "500", "503"])
def test_an_error_page_needs_no_context(status: str) -> None:
    html = render_to_string(f"{status}.html")
    assert html.count("<h1") == 1 and "<title>" in html and "Awarding portal" in html


@pytest.mark.parametrize("template", ["gallery.html", "grid_page.html"])
def test_no_page_carries_style_or_script_of_its_own(template: str) -> None:
    html = render_page(template, gallery_context())
    assert " style=" not in html and "<style" not in html
    assert " onclick=" not in html and "javascript:" not in html
    for script in html.split("<script")[1:]:
        assert " src=" in script.split(">")[0] or 'type="application/json"' in script.split(">")[0]


def test_the_brand_is_a_stylesheet() -> None:
    css = render_to_string("layouts/brand.css", {"palette": brand_palette("#7a2048")})
    assert css.startswith(":root {") and "--portal-brand: #7a2048;" in css


def test_a_document_carries_its_language_title_and_owner() -> None:
    ao = SimpleNamespace(name="Example Awards")
    html = render_to_string("layouts/document.html", {"ao": ao, "title": "Certificate", "LANGUAGE_CODE": "en-gb"})
    assert '<html lang="en-gb">' in html and "<title>Certificate</title>" in html and "Example Awards" in html


def test_a_document_is_a_tagged_pdf_whose_running_footer_numbers_its_pages() -> None:
    pypdf = pytest.importorskip("pypdf")
    weasyprint = pytest.importorskip("weasyprint")
    source = '{% extends "layouts/document.html" %}{% block content %}<h1>Certificate</h1>' + "<p>Line</p>" * 90
    html = show(source + "{% endblock %}", ao=SimpleNamespace(name="Example Awards"), reference="No. 12", title="C")
    data = weasyprint.HTML(string=html).write_pdf(pdf_tags=True)
    reader = pypdf.PdfReader(io.BytesIO(data))
    pages = len(reader.pages)
    assert pages > 1
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    last = reader.pages[-1].extract_text()
    assert f"Page {pages} of {pages}" in last and "Example Awards · No. 12" in last
