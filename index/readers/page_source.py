"""A web page's markup, and which of its elements are the policy rather than the site around it."""

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from index.documents import Unreadable, decode


def policy_parts(data: bytes, name: str) -> list[HtmlElement]:
    """The elements of an HTML page that hold its text, in order; none where nothing is printed.

    Raises Unreadable where it is no text, is nested too deeply, or shows nothing until a script runs.
    """
    page = _parsed(_decoded(data, name), name)
    if page is None:
        return []
    scripted = page.find(".//script") is not None
    _leave_out(page)
    if scripted and not page.text_content().strip():
        raise Unreadable(f"{name} shows its text by a script alone; open it in a browser and save it as PDF.")
    return _text_proper(page)


def heading_level(element: HtmlElement) -> int:
    """The level of the heading that an element is; 0 for none."""
    tag, said = element.tag, element.get("aria-level") or "2"
    if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
        return int(tag[1])
    return int(said) if element.get("role") == "heading" and said in "123456" else 0


_MOST_TAGS = 500_000  # of which each takes 200 bytes of memory and more; a long policy has some thousands
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_AS_BROWSERS_DO = {"iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252"}


def _decoded(data: bytes, name: str) -> str:
    """The page's text: in UTF-8 where its bytes are that, else as it says itself, else as any text file."""
    said = _CHARSET.search(data[:4096])
    encoding = said[1].decode("ascii").lower() if said else ""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            # Through `decode` once more, which refuses what is no text.
            text = data.decode(_AS_BROWSERS_DO.get(encoding, encoding) or "undefined", errors="replace")
            return decode(text.encode("utf-8", "replace"), name)
        except (LookupError, UnicodeError):
            pass  # it says none, or one that isn't known or isn't for text
    return decode(data, name)


def _parsed(text: str, name: str) -> HtmlElement | None:
    if text.count("<") > _MOST_TAGS:
        raise Unreadable(f"{name} holds too much markup; open it in a browser and save it as PDF.")
    # Its depth is bounded (no huge_tree), and nothing is loaded from elsewhere: an HTML parser knows no entities of files.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)
    try:
        page: HtmlElement = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing in it but space and comments
        return None
    if any(error.type_name == "ERR_RESOURCE_LIMIT" or "depth" in error.message.lower() for error in parser.error_log):
        raise Unreadable(f"{name} nests its parts too deeply; open it in a browser and save it as PDF.")
    return page


# --- what is not the policy -----------------------------------------------------------------------------------------

_NEVER_PRINTED = frozenset(
    "head script style template noscript iframe object embed applet svg canvas video audio map select option input "
    "textarea datalist progress meter dialog".split()
)
_OF_THE_SITE = frozenset({"nav", "aside"})
_ROLES = frozenset(
    "navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar tooltip alert".split()
)
_NAMES = frozenset(
    "nav navbar navigation menu main-menu sidebar breadcrumb breadcrumbs footer site-footer page-footer site-header "
    "skip-link skiplink skip-to-content pagination pager share social-share addtoany toolbar".split()
)
_COOKIES = re.compile(
    r"cookie[-_]?(?:banner|bar|notice|popup|message|overlay|modal|consent|law|control|alert)|cookiebot|onetrust|\bcky-|"
    r"(?:consent|gdpr)[-_]?(?:banner|bar|popup|modal|overlay)",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def _leave_out(page: HtmlElement) -> None:
    """Take away what is never printed, and the site's own parts unless most of the text stands in them."""
    for element in [each for each in page.iter() if each.tag in _NEVER_PRINTED]:
        element.drop_tree()
    opened = {each.get("aria-controls") for each in page.iter() if each.get("aria-controls")}
    _drop(page, [each for each in page.iter() if _is_left_out(each, opened)])
    _drop(page, list(page.iter("form")))  # the last, as old sites put the whole page into one


def _drop(page: HtmlElement, parts: list[HtmlElement]) -> None:
    half = len(page.text_content()) / 2
    for element in parts:
        if element.getparent() is not None and len(element.text_content()) <= half:
            element.drop_tree()


def _is_left_out(element: HtmlElement, opened: set[str | None]) -> bool:
    tag, role, names = element.tag, element.get("role") or "", f"{element.get('id') or ''} {element.get('class') or ''}"
    if tag == "button":  # one that opens a part of the text is its heading
        within = element.getparent() is not None and heading_level(element.getparent())
        return not (element.get("aria-controls") or element.get("aria-expanded") or within or "accordion" in names)
    if tag in ("header", "footer"):
        return not any(each.tag in ("main", "article", "section") for each in element.iterancestors())
    if tag in _OF_THE_SITE or role in _ROLES or _NAMES & set(names.lower().split()) or _COOKIES.search(names):
        return tag not in ("body", "main")
    if tag == "div" and element.get("title") in ("header", "footer"):  # LibreOffice's, of every page
        return True
    hidden = "hidden" in element.attrib and element.get("hidden") != "until-found"
    hidden = hidden or bool(_HIDDEN.search(element.get("style") or ""))
    return hidden and element.get("id") not in opened  # a folded part that a button opens is there to be read


def _text_proper(page: HtmlElement) -> list[HtmlElement]:
    """The page's main part where it has one with a fair share of the text, after a main heading outside it."""
    whole = len(page.text_content())
    mains = page.xpath("//main | //*[@role='main']") or page.xpath("//article")
    best = max(mains, key=lambda each: len(each.text_content()), default=None)
    if best is None or len(best.text_content()) < whole / 4:
        return [page]
    outside = page.xpath("//h1") if best.find(".//h1") is None else []
    return [*outside[:1], best]
