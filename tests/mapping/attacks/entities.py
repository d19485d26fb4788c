"""Documents that bring declarations, entities, comments, instructions or inclusions.

What a relay may not hold (RFC 6120 section 11.1) and what a parser may not follow. None of it is read,
wherever it stands; that an entity is harmless is no excuse.
"""

from __future__ import annotations

from tests.mapping.attacks.making import (
    BODY,
    GOOD,
    NS,
    QUALITY,
    SYNTAX,
    UNKNOWN,
    VALUE,
    XSI,
    Attack,
    around,
    entities,
    laughs,
    quality,
)

DECLARATIONS: tuple[Attack, ...] = (
    Attack("internal entity", lambda: entities('<!ENTITY a "1">'), "dtd", "document type declaration"),
    Attack("billion laughs", laughs, "dtd", "document type declaration"),
    Attack(
        "quadratic blow-up",
        lambda: entities(f'<!ENTITY a "{"x" * 50_000}">', use="&a;" * 5_000),
        "dtd",
        "document type",
    ),
    Attack(
        "external entity",
        lambda: entities('<!ENTITY a SYSTEM "file:///etc/passwd">'),
        "dtd",
        "document type",
    ),
    Attack(
        "external entity by http",
        lambda: entities('<!ENTITY a SYSTEM "http://127.0.0.1:1/">'),
        "dtd",
        "document type",
    ),
    Attack(
        "parameter entity",
        lambda: entities('<!ENTITY % a SYSTEM "http://127.0.0.1:1/"> %a;'),
        "dtd",
        "document type",
    ),
    Attack(
        "external subset",
        lambda: f'<!DOCTYPE Time SYSTEM "http://127.0.0.1:1/t.dtd">{GOOD}',
        "dtd",
        "document type",
    ),
    Attack("empty document type", lambda: f"<!DOCTYPE Time>{GOOD}", "dtd", "document type"),
    Attack("document type in lower case", lambda: f"<!doctype Time>{GOOD}", SYNTAX, "markup declaration"),
    Attack(
        "entity declaration in the content",
        lambda: around('<!ENTITY a "1">' + BODY),
        "dtd",
        "entity declaration",
    ),
    Attack("undeclared entity", lambda: quality("&a;"), SYNTAX, "not well-formed"),
    Attack("reference to NUL", lambda: quality("&#0;"), SYNTAX, "not well-formed"),
    Attack(
        "document type after CDATA",
        lambda: around(f"<![CDATA[ ]]>{BODY}", after="<!DOCTYPE Time>"),
        "dtd",
        "document type",
    ),
    Attack(
        "attribute defaults",
        lambda: f'<!DOCTYPE Time [<!ATTLIST Time href CDATA "/x">]>{GOOD}',
        "dtd",
        "document type",
    ),
    Attack("comment", lambda: around(f"<!-- -->{BODY}"), "comment", "a comment"),
    Attack("comment that cuts a value", lambda: quality("7<!---->0"), "comment", "a comment"),
    Attack("comment before the root", lambda: f"<!-- a -->{GOOD}", "comment", "a comment"),
    Attack("comment after the root", lambda: f"{GOOD}<!-- a -->", "comment", "a comment"),
    Attack(
        "processing instruction", lambda: around(f"<?x y?>{BODY}"), "instruction", "processing instruction"
    ),
    Attack(
        "style sheet",
        lambda: f'<?xml-stylesheet href="http://127.0.0.1:1/"?>{GOOD}',
        "instruction",
        "processing",
    ),
    Attack(
        "second declaration",
        lambda: f'<?xml version="1.0"?><?xml version="1.0"?>{GOOD}',
        "instruction",
        "processing",
    ),
    Attack(
        "XInclude",
        lambda: around(
            f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>{BODY}'
        ),
        UNKNOWN,
        "include is not known here",
        "/Time/include",
    ),
    Attack(
        "schema location",
        lambda: quality("x", f' xmlns:i="{XSI}" i:schemaLocation="{NS} http://127.0.0.1:1/x.xsd"'),
        VALUE,
        "not an integer",
        QUALITY,
    ),
)
