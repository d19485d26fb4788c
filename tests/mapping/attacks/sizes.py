"""Documents that are too large somewhere: bytes, text, depth, elements, attributes, namespaces, digits.

Each would cost more processor time than a document is worth, in some parser or in what follows it. The last
one is allowed in all of these and wrong at its end: the dearest that can be sent.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.mapping.attacks.making import (
    GOOD,
    QUALITY,
    TIME,
    UNKNOWN,
    VALUE,
    Attack,
    adorned,
    around,
    attributes,
    deep,
    late,
    long,
    namespaces,
    nested,
    quality,
    unknown,
)

NAMESPACES = "namespaces"
NEST = "DERControl DERControlBase"
KEPT: tuple[tuple[str, Callable[[], str], str, str], ...] = (
    (
        "5,500 parts to be kept",
        lambda: unknown("<z/>" * 5_500),
        "more than 256 unknown parts",
        "/DERControlList/z[257]",
    ),
    (
        "5,500 parts under 93 long namespaces",
        lambda: unknown("<z/>" * 5_500, NEST, long(31, 200)),
        "more than 256 unknown parts",
        "/DERControlList/DERControl/DERControlBase/z[257]",
    ),
    (
        "a part that grows 5,500 times",
        lambda: unknown(f'<k xmlns:p="urn:{"u" * 240}">{"<p:z/>" * 5_500}</k>'),
        "more than 131072 bytes",
        "/DERControlList/k",
    ),
    (
        "a part that grows with 30 namespaces an element",
        lambda: unknown(f"<k>{adorned(30) * 195}</k>", scope=long(31, 240)),
        "more than 131072 bytes",
        "/DERControlList/k",
    ),
    (
        "parts that grow with a namespace outside them",
        lambda: unknown("<l0:z/>" * 5_500, scope=long(1, 200)),
        "more than 256 unknown parts",
        "/DERControlList/z[257]",
    ),
    (
        "parts of more than 128 kB together",
        lambda: unknown(f"<k>{'u' * 60_000}</k>" * 3),
        "more than 131072 bytes",
        "/DERControlList/k[3]",
    ),
)
"""Only for profiles that keep what they do not know."""
OPEN: tuple[tuple[str, Callable[[], str], str, str], ...] = (
    (
        "5,500 elements for a wildcard",
        lambda: unknown('<z xmlns="urn:z"/>' * 5_500),
        "more than 4096 elements that wildcards take",
        "/DERControlList/z[4097]",
    ),
    (
        "elements for a wildcard that grow 3,000 times",
        lambda: unknown("<l0:z/>" * 3_000, scope=long(1, 240)),
        "more than 524288 bytes when what wildcards take stands alone",
        "/DERControlList/z[1921]",
    ),
    (
        "an element for a wildcard that grows 5,500 times",
        lambda: unknown(f"<l0:k>{'<l0:z/>' * 5_500 + adorned(30) * 100}</l0:k>", scope=long(31, 240)),
        "more than 524288 bytes when what wildcards take stands alone",
        "/DERControlList/k",
    ),
)
"""Only for profiles whose wildcards take what they do not know."""

SIZES: tuple[Attack, ...] = (
    Attack("12 MB of text", lambda: quality("7" * 12_000_000), "bytes", "at most"),
    Attack("400 kB of text", lambda: quality("7" * 400_000), "text", "characters of text", QUALITY),
    Attack(
        "400 kB in an attribute",
        lambda: GOOD.replace("<Time", f'<Time href="{"a" * 400_000}"', 1),
        "text",
        "attribute",
        TIME,
    ),
    Attack("depth 100", lambda: deep(99), "depth", "more than 64 elements deep", "/Time" * 65),
    Attack("depth 300", lambda: deep(299), "depth", "parser"),
    Attack("depth 60,000", lambda: around("<a>" * 60_000 + "</a>" * 60_000), "elements", "elements, at most"),
    Attack("50,000 attributes", lambda: attributes(50_000), "attributes", "attributes on one element", TIME),
    Attack(
        "65 attributes",
        lambda: attributes(64).replace("a0=''", "a0='' b0=''"),
        "attributes",
        "more than 64",
        TIME,
    ),
    Attack(
        "200 elements of 50 namespaces",
        lambda: namespaces(200, 50),
        NAMESPACES,
        "50 namespace declarations",
    ),
    Attack(
        "namespace of 60,000 bytes, each under it",
        lambda: unknown("<l0:z/>" * 5_500, scope=long(1, 60_000)),
        NAMESPACES,
        "more than 256 bytes",
    ),
    Attack(
        "namespace of 900 bytes in single quotes, by references",
        lambda: quality("7", f"\n xmlns:p = '{'&#117;' * 150}'"),
        NAMESPACES,
        "more than 256 bytes",
    ),
    Attack(
        "40,000 attributes, 30 an element",
        lambda: unknown(f"<k>{adorned(30) * 1_333}</k>", scope=long(31, 10)),
        "elements",
        "more than 6000 attributes in all",
        "/DERControlList",
    ),
    Attack("100,000 elements", lambda: around("<a/>" * 100_000), "elements", "at most 6000"),
    Attack(
        "5,500 unknown elements",
        lambda: around("<a/>" * 5_500),
        UNKNOWN,
        "a is not known here",
        "/Time/a[1]",
    ),
    Attack(
        "40,000 sections",
        lambda: around("<![CDATA[]]>" * 40_000),
        "missing",
        "currentTime",
        TIME,
    ),
    Attack("number of 60,000 digits", lambda: quality("9" * 60_000), VALUE, "more digits", QUALITY),
    Attack("number beyond its type", lambda: quality("256"), VALUE, "not between 0 and 255", QUALITY),
    Attack("60,000 signs", lambda: quality("-" * 60_000), VALUE, "not an integer", QUALITY),
    Attack("60,000 blanks", lambda: quality(" " * 60_000), VALUE, "not an integer", QUALITY),
    Attack(
        "URI of 60,000 characters",
        lambda: GOOD.replace("<Time", f'<Time href="{"a" * 60_000}%"', 1),
        VALUE,
        "URI",
        "/Time/@href",
    ),
    Attack(
        "URI of 60,000 colons",
        lambda: GOOD.replace("<Time", f'<Time href="//{":" * 60_000}"', 1),
        VALUE,
        "URI",
        "/Time/@href",
    ),
    Attack(
        "valid to the last of 6,000 elements",
        late,
        "order",
        "out of order",
        "/DERControlList/DERControl[540]/version",
    ),
    *(
        Attack(f"{name}, {profile}", make, "kept", reason, path, profile)
        for profile in ("csip", "2013")
        for name, make, reason, path in KEPT
    ),
    *(Attack(f"{name}, 2023", make, "kept", reason, path, "2023") for name, make, reason, path in OPEN),
    Attack(
        "wildcards within wildcards",
        lambda: unknown(nested(28, "<l0:z/>" * 4_000), scope=long(1, 10)),
        "missing",
        "mRID",
        "/DERControlList/DERControl",
        "2023",
    ),
    Attack(
        "valid to the last of 6,000 elements, 2023",
        lambda: late('<z xmlns="urn:z"/>' * 1_000),
        "order",
        "out of order",
        "/DERControlList/DERControl[450]/version",
        "2023",
    ),
)
