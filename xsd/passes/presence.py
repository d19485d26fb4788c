"""The presence conditions of IEC 61850-7-2, as data: what each asks for, in our own words and formally.

`least` and `many` are what an XSD can enforce by itself (a condition that depends on neighbours is
optional there); `must` and `never` say when the element is demanded and when it is refused; `grouped`
conditions speak of a set of elements and carry the declaring class as last argument. models/presence.py
evaluates them; a test holds the two tables together. Never reads a namespace definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """One presence condition.

    `must` and `never` are "always", "no", "sibling" (the named neighbour is there), "alone" (it is not),
    "group" (see the meaning), or a fact about the surroundings, "not " before it for its opposite.
    """

    meaning: str
    must: str = "no"
    never: str = "no"
    least: int = 0
    many: bool = False
    grouped: bool = False


CONDITIONS: Mapping[str, Condition] = {
    "M": Condition("must be there", must="always", least=1),
    "O": Condition("may be there"),
    "F": Condition("must not be there", never="always"),
    "na": Condition("has no place here", never="always"),
    "Mmulti": Condition("one or more numbered instances", must="always", least=1, many=True),
    "Omulti": Condition("any number of numbered instances", many=True),
    "MmultiRange": Condition("one or more instances, numbered in a range", must="always", least=1, many=True),
    "OmultiRange": Condition("any number of instances, numbered in a range", many=True),
    "AtLeastOne": Condition("of the group, one or more", must="group", grouped=True),
    "AtMostOne": Condition("of the elements so marked, one or none", never="group", grouped=True),
    "AllOrNonePerGroup": Condition("the group is complete or absent", must="group", grouped=True),
    "AllOnlyOneGroup": Condition(
        "one group is complete, the others are absent", must="group", never="group", grouped=True
    ),
    "AllAtLeastOneGroup": Condition("one group or more is complete", must="group", grouped=True),
    "MAllOrNonePerGroup": Condition(
        "the group is complete or absent; complete under enhanced security", must="group", grouped=True
    ),
    "MF": Condition("needed with its sibling, refused without", must="sibling", never="alone"),
    "MO": Condition("needed with its sibling, else free", must="sibling"),
    "OM": Condition("free with its sibling, else needed", must="alone"),
    "FM": Condition("refused with its sibling, else needed", must="alone", never="sibling"),
    "OF": Condition("free with its sibling, else refused", never="alone"),
    "MmultiF": Condition(
        "numbered instances: needed with the sibling, refused without",
        must="sibling",
        never="alone",
        many=True,
    ),
    "MOcond": Condition("needed if a condition stated in the text holds, else free", must="condition"),
    "MFcond": Condition(
        "needed if a condition stated in the text holds, else refused",
        must="condition",
        never="not condition",
    ),
    "OFcond": Condition("free if a condition stated in the text holds, else refused", never="not condition"),
    "MFsubst": Condition(
        "the substitution attributes: all if the object can be substituted, else none",
        must="substitution",
        never="not substitution",
    ),
    "MOln0": Condition("needed in LLN0, else free", must="ln0"),
    "MFln0": Condition("needed in LLN0, else refused", must="ln0", never="not ln0"),
    "MOlnNs": Condition("needed where the node's namespace is not the device's", must="lnNs"),
    "MONamPlt": Condition(
        "the name plate is needed where the node's namespace is not the device's", must="lnNs"
    ),
    "MOdataNs": Condition("needed where the object's namespace is not the node's", must="dataNs"),
    "MOrootLD": Condition("needed in a root logical device, else free", must="rootLD"),
    "MFscaledAV": Condition(
        "scaling: needed with integer values, else refused", must="scaled", never="not scaled"
    ),
    "MFscaledMagV": Condition(
        "scaling: needed with integer magnitudes, else refused", must="scaledMag", never="not scaledMag"
    ),
    "MFscaledAngV": Condition(
        "scaling: needed with integer angles, else refused", must="scaledAng", never="not scaledAng"
    ),
    "MOrms": Condition("needed where harmonics are relative to an effective value, else free", must="rms"),
    "MORange": Condition("a limit needed where the value shows its range, else free", must="range"),
    "OMSynPh": Condition("free for a synchrophasor, else needed", must="not synchrophasor"),
    "MOoperTm": Condition("needed where commands can be given for a later time, else free", must="operTm"),
    "MOsbo": Condition("needed under a select-before-operate control model, else free", must="sbo"),
    "MOenhanced": Condition(
        "needed under a control model with enhanced security, else free", must="enhanced"
    ),
}
