"""Reading namespace definitions, on small ones written here: what is folded, merged and refused.

The real definitions are compared with the committed facts by peers/nsd.py, where they are at hand.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from peers import nsd as peer
from peers.table import Missing
from xsd import generate
from xsd.passes import basics, extension, inherit, nsd, words

SPACE = "http://www.iec.ch/61850/2016/NSD"
DATA = '<DataAttribute name="{}" fc="{}" type="INT32" presCond="{}" dchg="true"/>'
OBJECT = '<DataObject name="{}" type="ING" presCond="{}" presCondArgs="{}"/>'


def write(folder: Path, part: str, body: str) -> None:
    text = f'<NS xmlns="{SPACE}" id="IEC 61850-{part}" version="1" revision="A" release="2">{body}</NS>'
    (folder / f"any name {part}.nsd").write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("7-2", "7-3", "7-4", "7-420"):
        write(tmp_path, part, "")
    return tmp_path


def cdc(variant: str, cond: str) -> str:
    return f'<CDC name="ING" variant="{variant}">{DATA.format("setVal", variant, cond)}</CDC>'


def ln(kind: str, name: str, base: str, *objects: str, more: str = "") -> str:
    parent = f'base="{base}"' if base else ""
    return f'<{kind} name="{name}" {parent} {more}>{"".join(objects)}</{kind}>'


def classes(*parts: str) -> str:
    return f"<LNClasses>{''.join(parts)}</LNClasses>"


def test_source_names_release_and_digest(folder: Path) -> None:
    source = nsd.read(folder).sources[1]
    assert (source.id, source.release, len(source.digest)) == ("IEC 61850-7-3", "1A2", 8)


def test_missing_definition_is_named(folder: Path) -> None:
    (folder / "any name 7-4.nsd").unlink()
    with pytest.raises(nsd.NsdError, match=r"no namespace definition of IEC 61850-7-4$"):
        nsd.read(folder)


def test_setting_variants_become_one_class(folder: Path) -> None:
    write(folder, "7-3", f"<CDCs>{cdc('SP', 'M')}{cdc('SG', 'M')}{cdc('SE', 'M')}</CDCs>")
    (value,) = nsd.read(folder).cdcs["ING"].items
    assert (value.name, value.fc, value.triggers) == ("setVal", ("SP", "SG", "SE"), ("dchg",))


def test_variants_that_differ_in_more_are_refused(folder: Path) -> None:
    write(folder, "7-3", f"<CDCs>{cdc('SP', 'M')}{cdc('SG', 'O')}</CDCs>")
    with pytest.raises(nsd.NsdError, match="ING: the variants differ"):
        nsd.read(folder)


def test_inheritance_crosses_files_and_groups_keep_their_class(folder: Path) -> None:
    parent = ln(
        "AbstractLNClass", "Up", "", OBJECT.format("A", "AllOnlyOneGroup", "1"), OBJECT.format("B", "M", "")
    )
    child = ln(
        "LNClass", "LEAF", "Up", OBJECT.format("C", "AllOnlyOneGroup", "1"), OBJECT.format("B", "O", "")
    )
    write(folder, "7-4", classes(parent))
    write(folder, "7-420", classes(child))
    flat = inherit.flatten(nsd.read(folder), "LEAF")
    assert [(o.name, o.presence.cond, o.presence.args, o.owner) for o in flat.objects] == [
        ("A", "AllOnlyOneGroup", ("1", "Up"), "Up"),
        ("B", "O", (), "LEAF"),
        ("C", "AllOnlyOneGroup", ("1", "LEAF"), "LEAF"),
    ]
    assert (flat.source, flat.bases) == ("IEC 61850-7-420", ("Up",))


def test_extension_class_adds_to_the_one_it_extends(folder: Path) -> None:
    write(folder, "7-4", classes(ln("LNClass", "MMXU", "", OBJECT.format("Hz", "O", ""))))
    more = ln("LNClass", "MMXU", "", OBJECT.format("PQSt", "O", ""), more='isExtension="true"')
    write(folder, "7-420", classes(more))
    flat = inherit.flatten(nsd.read(folder), "MMXU")
    assert [o.name for o in flat.objects] == ["Hz", "PQSt"]
    assert flat.source == "IEC 61850-7-4 and IEC 61850-7-420"


def test_class_that_is_its_own_ancestor_is_refused(folder: Path) -> None:
    write(folder, "7-4", classes(ln("LNClass", "A", "B"), ln("AbstractLNClass", "B", "A")))
    with pytest.raises(nsd.NsdError, match="A: no such logical node class, or its own ancestor"):
        inherit.flatten(nsd.read(folder), "A")


def test_our_own_node_may_not_take_a_name_of_the_standard(folder: Path) -> None:
    write(folder, "7-420", classes(ln("LNClass", "DPFW", "")))
    with pytest.raises(nsd.NsdError, match="DPFW: the standard has a node of this name"):
        extension.nodes(nsd.read(folder))


def test_words_split_a_name_into_the_fewest_parts() -> None:
    assert words.parts("WMaxSptPct") == ("active power", "maximum", "set-point", "percent")
    assert words.parts("VArTgt") == ("reactive power", "target")
    assert words.data_object("WMaxSptPct", "APC") == (
        "Analogue command: active power, maximum, set-point, percent."
    )
    assert words.data_object("Beh", "ENS").startswith("What the node really does")


def test_name_without_words_is_refused() -> None:
    with pytest.raises(KeyError, match="no words for Xyzzy"):
        words.parts("Xyzzy")


def test_basic_type_without_schema_type_is_refused() -> None:
    with pytest.raises(KeyError, match="INT24"):
        list(basics.basic(["INT32", "INT24"]))


def put(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_check_lists_missing_changed_and_left_over_files(tmp_path: Path) -> None:
    made = put(tmp_path / "made", a="1", sub__b="2", sub__c="3")
    kept = put(tmp_path / "kept", a="1", hand="written", sub__b="x", sub__d="old")
    for folder in (made, kept):
        os.utime(folder / "sub" / "b", (0, 0))
    assert list(generate.differences(made, kept)) == [
        "kept/sub/b: differs",
        "kept/sub/c: missing",
        "kept/sub/d: left over",
    ]
    assert list(generate.differences(made, made)) == []


def test_unknown_verb_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["everything"]) == 2
    assert capsys.readouterr().err == "usage: python -m xsd.generate der|models|check\n"


def test_without_definitions_der_says_so_and_the_peer_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DERBRIDGE_NSD", raising=False)
    monkeypatch.setattr(generate, "ROOT", tmp_path / "checkout")
    assert generate.nsd_folder() is None
    assert generate.main(["der"]) == 2
    assert "DERBRIDGE_NSD" in capsys.readouterr().err
    with pytest.raises(Missing, match="namespace definitions"):
        peer.run()


def test_folder_without_definitions_is_a_plain_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DERBRIDGE_NSD", str(tmp_path))
    assert generate.main(["der"]) == 2
    assert capsys.readouterr().err.startswith(f"xsd.generate: {tmp_path}: no namespace definition of")
