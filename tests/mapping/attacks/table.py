"""All hostile documents, one row each: a name, the bytes, the rule that must refuse them, and where.

From the attacks measured on parsers and relays, and the ways to smuggle content past a schema. Rows build
their bytes when asked, so that the tables cost nothing to import; the bench times the same rows.
"""

from __future__ import annotations

from tests.mapping.attacks.contents import CONTENTS
from tests.mapping.attacks.encodings import ENCODINGS
from tests.mapping.attacks.entities import DECLARATIONS
from tests.mapping.attacks.sizes import SIZES

ATTACKS = (*DECLARATIONS, *ENCODINGS, *SIZES, *CONTENTS)
