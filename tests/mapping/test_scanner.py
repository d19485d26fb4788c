"""The quickest way of reading gives what the careful one gives, or nothing; simple documents go that way."""

from __future__ import annotations

import os

import pytest

from bridge.mapping import guard, scanner, xml
from bridge.mapping.guard import Caps, Refused
from bridge.mapping.profile import Profile, load
from models import kit
from peers.documents import samples
from tests.mapping.attacks.making import BODY, GOOD, NS, OPEN

P2018 = load("2018")
COUNT = max(2_000, 4 * int(os.environ.get("DERBRIDGE_EXAMPLES", "0")))
READING = (
    f'<MirrorMeterReading xmlns="{NS}"><mRID>B000</mRID><Reading><timePeriod><duration>60</duration>'
    "<start>1790000000</start></timePeriod><value>1234</value></Reading></MirrorMeterReading>"
)
TURNED = "<start>1790000000</start><duration>60</duration>"
LINKED = f'<DERControlList xmlns="{NS}" all="0" results="0" href="/l"></DERControlList>'


def careful(data: bytes, profile: Profile) -> kit.Model | None:
    try:
        return xml._careful(guard.parse(data, profile.caps), profile).root  # noqa: SLF001 - the other way
    except Refused:
        return None


@pytest.mark.parametrize("name", ["2018", "2023", "csip", "csip-aus-1.2"])
def test_what_it_reads_is_what_the_careful_way_reads(name: str) -> None:
    profile, taken, valid = load(name), 0, 0
    for one in samples(profile, COUNT, 23):
        found, made = scanner.scan(one.data, profile), careful(one.data, profile)
        valid += made is not None
        if found is not None:
            taken += 1
            assert made is not None, one.data
            assert found == (made, one.name)
            assert found[0].model_fields_set == made.model_fields_set
    assert taken > (valid / 8 if len(profile.prefixes) == 1 else -1)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        READING,
        LINKED,
        f'<?xml version="1.0" encoding="UTF-8"?>\n{READING}\n',
        READING.replace("><", ">\n\t <"),
        GOOD.replace(OPEN, f'<Time xmlns="{NS}" href="/tm">'),
    ],
)
def test_simple_documents_go_this_way(text: str) -> None:
    found = scanner.scan(text.encode(), P2018)
    assert found is not None
    assert found[0] == careful(text.encode(), P2018)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<",
        ">",
        "Time",
        f"x{GOOD}",
        f"{GOOD}x",
        f"{GOOD}{GOOD}",
        GOOD[:-1],
        GOOD.removesuffix("</Time>"),
        GOOD.replace("</Time>", "</time>"),
        GOOD.replace(">7<", ">&#55;<"),
        GOOD.replace(">7</quality>", "<7>/quality>"),
        GOOD.replace("<quality>7</quality>", ">quality<7>/quality<"),
        LINKED.replace("/l", "/l?a&b"),
        GOOD.replace(">7<", ">x<"),
        GOOD.replace(">7<", ">\x0b7<"),
        GOOD.replace("</quality>", "</quality>x"),
        GOOD.replace("</quality>", "</quality >"),
        GOOD.replace("<quality>", "<quality href='1'>"),
        GOOD.replace("<quality>", '<quality a="1">'),
        GOOD.replace("<quality>", "<quality><quality>"),
        GOOD.replace(OPEN, f'<Time href="/tm" xmlns="{NS}">'),
        GOOD.replace(OPEN, f'<Time xmlns="{NS}" href="/a" href="/b">'),
        GOOD.replace(OPEN, f'<Time xmlns="{NS}" href="/a"href="/b">'),
        GOOD.replace(OPEN, f'<Time xmlns="{NS}" xmlns="{NS}">'),
        GOOD.replace(OPEN, f'<Time xmlns="{NS}" xmlns:a="{NS}">'),
        GOOD.replace(OPEN, '<Time xmlns="urn:example">'),
        GOOD.replace(OPEN, "<Time>"),
        f"{OPEN}<!-- -->{BODY}</Time>",
        f"{OPEN}<?a b?>{BODY}</Time>",
        f"{OPEN}{BODY}]]></Time>",
        f"{OPEN}<![CDATA[]]>{BODY}</Time>",
        f"<!DOCTYPE Time>{GOOD}",
        f' <?xml version="1.0" encoding="UTF-8"?>{GOOD}',
        f'<?xml version="1.0" encoding="UTF-8"?>x{GOOD}',
        f'<?xml version="1.1" encoding="UTF-8"?>{GOOD}',
        LINKED.replace("></", ">x</"),
        f'<ReadingLink xmlns="{NS}" href="/r"> </ReadingLink>',
        READING.replace("60", "6\u0660"),
        READING.replace("<duration>60</duration><start>1790000000</start>", TURNED),
        READING.replace("<value>1234</value>", "<value>1234</value><value>1</value>"),
        READING.replace("<start>1790000000</start>", ""),
        READING.replace("<start>1790000000</start>", "<start/>"),
        LINKED.replace(' all="0"', ""),
        READING.replace("<mRID>", f'<mRID xmlns="{NS}">'),
    ],
)
def test_anything_else_does_not(text: str) -> None:
    assert scanner.scan(text.encode(), P2018) is None


HREF = GOOD.replace(OPEN, f'<Time xmlns="{NS}" href="/tm">')


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("bytes", len(HREF)),
        ("depth", 2),
        ("elements", 7),
        ("attributes", 1),
        ("namespaces", 1),
        ("namespace", len(NS)),
        ("text", len(f'<Time xmlns="{NS}" href="/tm">') + 1),
    ],
)
def test_nothing_beyond_a_bound_goes_this_way(name: str, least: int) -> None:
    for most in range(least + 3):
        bound = Profile(**{**vars(P2018), "caps": Caps(**{name: most})})
        found = scanner.scan(HREF.encode(), bound)
        assert (found is not None) is (most >= least)
        assert found is None or careful(HREF.encode(), bound) == found[0]


@pytest.mark.parametrize(("tag", "least"), [("<Reading/>", 10), ('<Reading subscribable="0"/>', 12)])
def test_single_tags_and_their_attributes_are_counted(tag: str, least: int) -> None:
    data = f'<ReadingList xmlns="{NS}" all="9" results="9">{tag * 9}</ReadingList>'.encode()
    for most in range(1, least + 3):
        bound = Profile(**{**vars(P2018), "caps": Caps(elements=most)})
        assert (scanner.scan(data, bound) is not None) is (most >= least)


def test_what_hides_a_namespace_in_its_text_does_not() -> None:
    hidden = READING.replace("B000", "xmlns=" * 40)
    for text in (hidden, HREF.replace("/tm", "xmlns" * 33), HREF.replace("/tm", f"/xmlns='{'a' * 300}'")):
        assert scanner.scan(text.encode(), P2018) is None
