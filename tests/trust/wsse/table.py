"""All hostile envelopes, one row each: a name, the bytes, and the reason that must refuse them.

Rows make their bytes when asked, so that the tables cost little to import; the bench and a peer use the same.
"""

from __future__ import annotations

from tests.trust.wsse.contents import CONTENTS
from tests.trust.wsse.keys import KEYS
from tests.trust.wsse.methods import METHODS
from tests.trust.wsse.sizes import SIZES
from tests.trust.wsse.wraps import WRAPS

CASES = (*WRAPS, *CONTENTS, *METHODS, *KEYS, *SIZES)
