"""Documents that are broken, cut short or doubled, and content that a schema refuses.

Text where elements stand, elements where text stands, values beyond their type, types that do not extend,
order and occurrence; and the ways around a name: prefixes, namespaces, sections.
"""

from __future__ import annotations

from tests.mapping.attacks.making import (
    BODY,
    GOOD,
    NS,
    QUALITY,
    SYNTAX,
    TIME,
    UNKNOWN,
    VALUE,
    XSI,
    Attack,
    around,
    quality,
)

CONTENTS: tuple[Attack, ...] = (
    Attack("nothing", lambda: "", SYNTAX, "not an XML document"),
    Attack("blanks", lambda: " \n ", SYNTAX, "not an XML document"),
    Attack("no XML", lambda: '{"Time": 1}', SYNTAX, "not an XML document"),
    Attack("truncated", lambda: GOOD[:-8], SYNTAX, "not well-formed"),
    Attack("truncated in a tag", lambda: GOOD[:20], SYNTAX, "not well-formed"),
    Attack("truncated in CDATA", lambda: around("<![CDATA[ "), SYNTAX, "CDATA section without end"),
    Attack("trailing text", lambda: f"{GOOD}x", SYNTAX, "not well-formed"),
    Attack("second root", lambda: f"{GOOD}{GOOD}", SYNTAX, "not well-formed"),
    Attack(
        "text before the declaration", lambda: f' <?xml version="1.0"?>{GOOD}', "instruction", "processing"
    ),
    Attack(
        "attribute twice",
        lambda: GOOD.replace("<Time", "<Time href='' href=''", 1),
        SYNTAX,
        "not well-formed",
    ),
    Attack(
        "attribute twice by two prefixes",
        lambda: quality("7", ' xmlns:a="urn:a" xmlns:b="urn:a" a:x="" b:x=""'),
        SYNTAX,
        "not well-formed",
    ),
    Attack("undeclared prefix", lambda: around(f"<x:a/>{BODY}"), SYNTAX, "not well-formed"),
    Attack("bare ampersand", lambda: quality("&"), SYNTAX, "not well-formed"),
    Attack("text between elements", lambda: around(f"x{BODY}"), "text", "only elements", TIME),
    Attack("text after an element", lambda: around(f"{BODY}x"), "text", "only elements", TIME),
    Attack("no-break space between elements", lambda: around(f"\u00a0{BODY}"), "text", "only elements", TIME),
    Attack(
        "CDATA between elements",
        lambda: around(f"<![CDATA[<quality>9</quality>]]>{BODY}"),
        "text",
        "only elements",
        TIME,
    ),
    Attack(
        "CDATA that hides a document type",
        lambda: around(f"<![CDATA[]]><!DOCTYPE Time>{BODY}"),
        "dtd",
        "document type",
    ),
    Attack("element in a number", lambda: quality("7<a/>"), UNKNOWN, "only text", "/Time/quality/a"),
    Attack("other script's digits", lambda: quality("\u0667"), VALUE, "not an integer", QUALITY),
    Attack("underscore in a number", lambda: quality("1_0"), VALUE, "not an integer", QUALITY),
    Attack(
        "nil",
        lambda: quality("7", f' xmlns:i="{XSI}" i:nil="true"'),
        "type",
        "xsi:nil",
        "/Time/quality/@nil",
    ),
    Attack(
        "type that does not extend",
        lambda: GOOD.replace("<Time", f'<Time xmlns:i="{XSI}" i:type="DERControl"', 1),
        "type",
        "not an extension of Time",
        TIME,
    ),
    Attack(
        "unknown type",
        lambda: GOOD.replace("<Time", f'<Time xmlns:i="{XSI}" i:type="X"', 1),
        "type",
        "names no type",
        TIME,
    ),
    Attack("other namespace", lambda: GOOD.replace(NS, "urn:other"), "root", "namespace 'urn:other'", TIME),
    Attack("no namespace", lambda: GOOD.replace(f' xmlns="{NS}"', ""), "root", "namespace ''", TIME),
    Attack(
        "unknown root",
        lambda: GOOD.replace("Time", "Tyme", 1).replace("</Time", "</Tyme"),
        "root",
        "Tyme is no element",
        "/Tyme",
    ),
    Attack(
        "out of order",
        lambda: around("<quality>7</quality>" + BODY),
        "order",
        "out of order",
        "/Time/currentTime",
    ),
    Attack(
        "twice",
        lambda: GOOD.replace("<quality>", "<quality>7</quality><quality>"),
        "occurrence",
        "more than once",
        "/Time/quality[2]",
    ),
    Attack("missing", lambda: around(""), "missing", "required element currentTime", TIME),
    Attack(
        "element in an empty type",
        lambda: f'<ReadingLink xmlns="{NS}" href="/r"><x>1</x></ReadingLink>',
        UNKNOWN,
        "x is not known here",
        "/ReadingLink/x",
    ),
)
