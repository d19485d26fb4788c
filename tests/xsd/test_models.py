"""The model generator on a schema that has every hard feature: what it writes is imported, built and refused.

`tricky.xsd` compiles in lxml too, so that nothing here is easier than XML Schema. Each test names the
feature; the classes it uses were written by the generator a moment ago, into a folder of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from lxml import etree
from pydantic import TypeAdapter, ValidationError

import models
from models import kit
from tests.xsd import looking
from xsd.passes import models as generator
from xsd.passes.load import Source

HERE = Path(__file__).resolve().parent
OTHER = "urn:tricky:other"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    out = tmp_path_factory.mktemp("models")
    generator.generate(out, (Source("tricky", (str(HERE / "tricky.xsd"),)),))
    before = models.__path__
    models.__path__ = [*before, str(out)]
    yield import_module("models.tricky.tricky")
    models.__path__ = before
    for name in [name for name in sys.modules if name.startswith("models.tricky")]:
        del sys.modules[name]


def shape(cls: type[kit.Model]) -> list[tuple[str, str]]:
    return [(one.mark, one.name) for one in looking.fields(cls)]


def accepts(alias: Any, *values: object) -> list[object]:
    adapter: TypeAdapter[object] = TypeAdapter(alias)
    return [value for value in values if valid(adapter, value)]


def valid(adapter: TypeAdapter[object], value: object) -> bool:
    try:
        adapter.validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def test_the_fixture_is_a_schema() -> None:
    etree.XMLSchema(file=str(HERE / "tricky.xsd"))


def test_every_class_can_be_built(made: ModuleType) -> None:
    found = [one for one in vars(made).values() if isinstance(one, type) and issubclass(one, kit.Model)]
    assert len(found) > 40
    for one in found:
        one.model_rebuild(force=True)
        assert one.__pydantic_complete__


def test_ranges_and_their_narrowing(made: ModuleType) -> None:
    assert accepts(made.Level, -1, 0, 100, 101, "1", True, 1.0) == [0, 100]
    assert accepts(made.Low, 9, 10) == [9]
    assert accepts(made.Price, Decimal("999.99"), Decimal("0.001"), Decimal(123456)) == [Decimal("999.99")]
    assert accepts(made.Key, "ABcd", "AB", "ABCDEF", "WXYZ") == ["ABcd"]


def test_patterns_of_one_step_are_alternatives_and_of_two_steps_both_hold(made: ModuleType) -> None:
    assert accepts(made.Word, "abcd", "123", "12", "ab1", "abc\n") == ["abcd", "123"]
    assert accepts(made.Short, "abc", "123", "abd", "a$", "") == ["abc", "123"]


def test_signs_that_mean_nothing_special_in_a_schema(made: ModuleType) -> None:
    assert accepts(made.Sum, "$5 ^", "$5\n^", "$5\r^", "5", "$.", "^^", "ab", "$55x^") == [
        "$5 ^",
        "$.",
        "^^",
        "$55x^",
    ]


def test_a_pattern_on_what_is_no_text_is_kept_for_the_reader(made: ModuleType) -> None:
    assert kit.Spelling("^[01]$") in looking.bare(made.Flag)[1]


def test_lists_and_unions(made: ModuleType) -> None:
    assert accepts(made.FewLevels, (), (1,), (1, 2, 3), (1, 2, 3, 4), (101,)) == [(1,), (1, 2, 3)]
    assert accepts(made.LevelOrWord, 5, "abc", True, 101, "A") == [5, "abc", True]
    assert [looking.bare(one)[0] for one in get_args(looking.bare(made.LevelOrWord)[0])] == [int, str, bool]


def test_enumerations_are_named_by_what_the_schema_says(made: ModuleType) -> None:
    assert {one.name: one.value for one in made.Mode} == {"off_line_cold": 0, "None_": 1, "real_": 2, "n3": 3}
    assert [(one.name, one.value) for one in made.Unit] == [
        ("percent", "%"),
        ("percent_per_s", "%/s"),
        ("kW_h", "kW-h"),
        ("kW_h_", "kW_h"),
        ("title_", "title"),
    ]


def test_simple_content(made: ModuleType) -> None:
    assert made.Plain is made.Level
    assert kit.OPEN in looking.bare(made.Open)[1]
    assert shape(made.Tagged) == [("text", "value"), ("attribute", "unit")]
    assert shape(made.TaggedMore) == [("text", "value"), ("attribute", "unit"), ("attribute", "value")]
    assert issubclass(made.TaggedMore, made.Tagged)
    assert made.TaggedLess(value=5, unit=made.Unit("%")).value == 5
    with pytest.raises(ValidationError):
        made.TaggedLess(value=6, unit=made.Unit("%"))
    with pytest.raises(ValidationError):
        made.TaggedLess(value=5, unit=made.Unit("title"))


def test_names_keep_their_letters_where_python_allows(made: ModuleType) -> None:
    plain = (
        "class two-words two.words copy model_config XMLNS tuple kit t tricky _private choice id Names Level"
    )
    rest = ["after", "loose", "count", "choice2", "again", "between", "again"]
    assert [one.name for one in looking.fields(made.Names)][:22] == [*plain.split(), *rest]
    assert list(made.Names.model_fields)[:3] == ["class_", "two_words", "two_words_"]
    assert {"t", "tricky", "choice", "Names", "Level", "id", "id_"} <= set(made.Names.model_fields)


def test_a_class_full_of_difficult_names_works(made: ModuleType) -> None:
    one = made.Names(
        class_=1, choice2=made.Names_in(value=2), again=3, between=4, again_=5, id_="x", Level=6, t=7
    )
    assert (one.class_, one.choice2.value, one.again_, one.Level, one.t, one.id, one.id_) == (
        1,
        2,
        5,
        6,
        7,
        None,
        "x",
    )
    assert made.Names.DEFAULTS == {"import_": True}


def test_namespaces_of_elements_and_attributes(made: ModuleType) -> None:
    marks = {name: looking.mark(info) for name, info in looking.hints(made.Names).items()}
    assert marks["loose"] == kit.Mark("element", None, "")
    assert marks["count"] == kit.Mark("element", None, OTHER)
    assert marks["mark"] == kit.Mark("attribute", "mark", OTHER)
    assert (made.Names.XMLNS, made.Case.XMLNS) == ("urn:tricky", "urn:tricky")
    assert import_module("models.tricky.tricky_other").Stranger.XMLNS == OTHER


def test_choices(made: ModuleType) -> None:
    tags = {one.name: looking.tags(one) for one in looking.fields(made.Choices)}
    assert tags == {
        "choice": ["a", "b", "c"],
        "choice2": ["e", "f"],
        "choice3": ["g", "h"],
        "choice4": ["i", "j"],
    }
    bounds = {one.name: one.bounds for one in looking.fields(made.Choices)}
    assert bounds == {"choice": (1, 1), "choice2": (0, 1), "choice3": (1, 3), "choice4": (0, 1)}


def test_a_choice_holds_one_case_and_says_which(made: ModuleType) -> None:
    several = (made.Choices_g(value=1), made.Choices_h(value="abc"))
    inside = made.Choices_c_sequence(c=1, d=2)
    one = made.Choices(choice=made.Choices_c(value=inside), choice3=several)
    assert (one.choice.tag, one.choice.value.d, [each.tag for each in one.choice3]) == ("c", 2, ["g", "h"])
    refused: list[dict[str, object]] = [
        {"choice": made.Choices_e(value=1), "choice3": several},
        {"choice": made.Choices_b(value=("abc", "abc")), "choice3": ()},
        {"choice": None, "choice3": several},
    ]
    for fields in refused:
        with pytest.raises(ValidationError):
            made.Choices(**fields)
    with pytest.raises(ValidationError):
        made.Choices_b(value=("abc", "abc", "abc"))


def test_a_choice_of_one_is_an_element_and_a_wildcard_may_be_a_case(made: ModuleType) -> None:
    assert shape(made.Single) == [("element", "only")]
    either = made.Either(choice=(made.Either_p(value=1), made.Either_any(value="<x/>")))
    assert [one.tag for one in either.choice] == ["p", "##any"]


def test_sequences_that_stand_together(made: ModuleType) -> None:
    pairs = (made.Together_sequence2(k="abc", v=1),)
    one = made.Together(sequence2=pairs, left=10, right=1000, at="2026-01-01T00:00:00Z")
    assert one.sequence is None
    assert [(seen.mark, seen.name, seen.bounds) for seen in looking.fields(made.Together)][:2] == [
        ("group", "sequence", (0, 1)),
        ("group", "sequence2", (1, None)),
    ]
    with pytest.raises(ValidationError):
        made.Together_sequence(x=1)


def test_redefinition_of_class_range_and_group(made: ModuleType) -> None:
    assert list(made.Grown.model_fields) == ["seed", "age", "fruit"]
    assert made.Grown(seed="s").fruit is None
    assert accepts(made.Narrowed, 9, 10, 1000, 1001) == [10, 1000]
    assert [name for name in made.Together.model_fields if name in {"left", "right"}] == ["left", "right"]


def test_attribute_groups(made: ModuleType) -> None:
    assert shape(made.Together)[-2:] == [("attribute", "at"), ("attribute", "by")]


def test_substitution_groups(made: ModuleType) -> None:
    drawing = made.Drawing(
        shape=(made.shape_circle(value=made.Circle(radius=1)), made.shape_square(value=made.square(side=2))),
        remark=made.remark_loud_remark(value="abc"),
        best=made.Circle(radius=3),
    )
    assert [one.tag for one in drawing.shape] == ["circle", "square"]
    tags = {one.name: looking.tags(one) for one in looking.fields(made.Drawing) if one.mark == "choice"}
    assert tags == {"shape": ["circle", "square"], "remark": ["remark", "loud-remark"]}
    assert looking.index("models.tricky").ELEMENTS["square"] == "tricky.square"


def test_a_field_takes_every_extension_of_its_type(made: ModuleType) -> None:
    best = made.Drawing(shape=(made.shape_circle(value=made.Circle(radius=1)),), best=made.Dot(radius=1)).best
    assert type(best) is made.Dot
    assert (made.Shape.ABSTRACT, made.Circle.ABSTRACT, made.Dot.ABSTRACT) == (True, False, False)


def test_restriction_narrows_and_forbids(made: ModuleType) -> None:
    assert accepts(made.Dot, made.Dot(radius=9))
    for fields in ({"radius": 10}, {"radius": 1, "colour": "abc"}):
        with pytest.raises(ValidationError):
            made.Dot(**fields)


def test_wildcards(made: ModuleType) -> None:
    marks = {name: looking.mark(hint) for name, hint in looking.hints(made.Wild).items()}
    assert marks["any"] == kit.wild("##other")
    assert marks["anyAttribute"] == kit.ANY_ATTRIBUTE
    strict = {name: looking.mark(hint) for name, hint in looking.hints(made.WildOne).items()}
    assert strict == {
        "any": kit.wild("urn:one urn:two", "strict"),
        "anyAttribute": kit.any_attribute("##other"),
    }
    assert made.Wild(known=1, any=("<a/>",), anyAttribute=(("b", "c"),)).any == ("<a/>",)


def test_cycles(made: ModuleType) -> None:
    tree = made.Tree(Tree=(made.Tree(), made.Tree(Tree=(made.Tree(),))))
    assert len(tree.Tree) == 2
    assert made.Hen(egg=made.Egg(hen=made.Hen())).egg.hen.egg is None
    leaf = made.Datum(choice=made.Datum_number(value=1))
    deep = made.Datum(choice=made.Datum_structure(value=made.DatumList(Datum=(leaf, leaf))))
    assert deep.choice.value.Datum[1].choice.value == 1
    assert made.Parent(child=made.Child(n=1, child=made.Child())).child.n == 1
    with pytest.raises(ValidationError):
        made.Tree(Tree=(made.Hen(),))


def test_nameless_types_and_what_is_fixed_or_assumed(made: ModuleType) -> None:
    head = made.Document_head(size=3)
    assert made.Document(head=head).version is None
    assert (made.Document_head.DEFAULTS, made.Document.DEFAULTS) == ({"size": 7}, {"mode": 2})
    with pytest.raises(ValidationError):
        made.Document(head=head, version="2")
    with pytest.raises(ValidationError):
        made.Document_head(size=2)


def test_what_the_schema_says_beside_types(made: ModuleType) -> None:
    assert made.Document.PRESENCE == (("mode", "MO", ("head", "2")),)
    assert made.Document.FC == {"mode": ("CF",)}
    assert made.Document.TRG == {"mode": ("dchg", "qchg")}


def test_the_index_names_elements_types_and_prefixes(made: ModuleType) -> None:
    index = looking.index("models.tricky")
    assert (index.NAMESPACE, index.PREFIXES["o"]) == ("urn:tricky", OTHER)
    assert index.ELEMENTS["Document"] == "tricky.Document"
    assert (
        index.ELEMENTS[f"{{{OTHER}}}guest"] == index.TYPES[f"{{{OTHER}}}Stranger"] == "tricky_other.Stranger"
    )
    assert "remark" not in index.ELEMENTS
    assert not {"Document", "square", "Plain", "Level"} & set(index.TYPES)
    assert looking.named("models.tricky", index.ELEMENTS["Tree"]) is made.Tree
