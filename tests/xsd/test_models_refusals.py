"""What the model generator will not do: state a thing by halves, or leave a family out in silence.

Each small schema here is valid; what it asks for has no exact counterpart in the models, so it is refused.
No partial output counts as a result.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from xsd.passes import models as generator
from xsd.passes.load import Source

UNSTATED = {
    "anyType": '<xs:complexType name="A"><xs:sequence>{a}</xs:sequence></xs:complexType>',
    "mixed": '<xs:complexType name="A" mixed="true"><xs:sequence/></xs:complexType>',
    "all": '<xs:complexType name="A"><xs:all>{a}<xs:element name="b"/></xs:all></xs:complexType>',
    "nil": '<xs:complexType name="A"><xs:sequence>{nil}</xs:sequence></xs:complexType>',
    "pattern": '<xs:simpleType name="A">{text}<xs:pattern value="\\i+"/>{end}',
    "enumeration": '<xs:simpleType name="A">{float}<xs:enumeration value="1"/>{end}',
    "range": '<xs:simpleType name="A">{date}<xs:minInclusive value="2026-01-01"/>{end}',
}
PARTS = {
    "a": '<xs:element name="a"/>',
    "nil": '<xs:element name="a" nillable="true"/>',
    "text": '<xs:restriction base="xs:string">',
    "float": '<xs:restriction base="xs:float">',
    "date": '<xs:restriction base="xs:date">',
    "end": "</xs:restriction></xs:simpleType>",
}


@pytest.mark.parametrize(("word", "inside"), UNSTATED.items(), ids=UNSTATED)
def test_what_cannot_be_stated_is_refused(tmp_path: Path, word: str, inside: str) -> None:
    path = tmp_path / "small.xsd"
    head = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="u">'
    path.write_text(f"{head}{inside.format(**PARTS)}</xs:schema>")
    with pytest.raises(NotImplementedError, match=word):
        generator.generate(tmp_path / "out", (Source("small", (str(path),)),))


def test_a_missing_schema_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"models/none needs the schema none\.xsd"):
        generator.generate(tmp_path, (Source("none", ("none.xsd",)),))
