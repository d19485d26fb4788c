"""Documents in other encodings than UTF-8, or in none.

libxml2 would decode most of them, and a gate that looks at bytes would see nothing in them: they are refused
by their first bytes, their declaration, or the first byte that is not UTF-8.
"""

from __future__ import annotations

from tests.mapping.attacks.making import GOOD, SYNTAX, Attack, quality

ENCODINGS: tuple[Attack, ...] = (
    Attack("UTF-16 with mark", lambda: GOOD.encode("utf-16"), "encoding", "UTF-16"),
    Attack("UTF-16 big end first", lambda: b"\xfe\xff" + GOOD.encode("utf-16-be"), "encoding", "UTF-16"),
    Attack("UTF-16 without mark", lambda: GOOD.encode("utf-16-le"), "encoding", "NUL byte"),
    Attack("UTF-32 with mark", lambda: GOOD.encode("utf-32"), "encoding", "UTF-32"),
    Attack(
        "UTF-32 big end first", lambda: b"\x00\x00\xfe\xff" + GOOD.encode("utf-32-be"), "encoding", "UTF-32"
    ),
    Attack(
        "UTF-7 declared",
        lambda: b'<?xml version="1.0" encoding="UTF-7"?>' + GOOD.encode("utf-7"),
        "encoding",
        "UTF-7",
    ),
    Attack("UTF-7 undeclared", lambda: "+ADw-Time/+AD4-", SYNTAX, "not an XML document"),
    Attack("EBCDIC", lambda: GOOD.encode("cp500"), "encoding", "not UTF-8"),
    Attack(
        "Latin-1 declared",
        lambda: f'<?xml version="1.0" encoding="ISO-8859-1"?>{GOOD}',
        "encoding",
        "ISO-8859-1",
    ),
    Attack(
        "Latin-1 undeclared", lambda: quality("\u00e9").encode("latin-1"), "encoding", "not UTF-8 at byte"
    ),
    Attack(
        "encoding in single quotes",
        lambda: f"<?xml version='1.0' encoding='utf-16'?>{GOOD}",
        "encoding",
        "utf-16",
    ),
    Attack("overlong slash", lambda: GOOD.encode().replace(b">7<", b">\xc0\xaf<"), "encoding", "not UTF-8"),
    Attack(
        "surrogate in UTF-8",
        lambda: GOOD.encode().replace(b">7<", b">\xed\xa0\x80<"),
        "encoding",
        "not UTF-8",
    ),
    Attack("XML 1.1", lambda: f'<?xml version="1.1"?>{GOOD}', "encoding", "XML 1.0"),
    Attack("NUL byte", lambda: quality("7\x00"), "encoding", "NUL byte"),
    Attack("control character", lambda: quality("7\x01"), SYNTAX, "not well-formed"),
)
