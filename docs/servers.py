"""The page on other XMPP servers: their configurations as they stand in examples/, which the suite runs.

The prose is in docs/templates. Nothing of the configurations is written twice.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "docs" / "templates" / "xmpp.md.in"
FILES = {
    "prosody": "prosody/prosody.cfg.lua",
    "lfdi": "prosody/modules/mod_auth_lfdi.lua",
    "ejabberd": "ejabberd/ejabberd.yml",
    "enrolled": "ejabberd/enrolled.yml",
}
"""What stands in the template, and the example in its place."""


def page() -> str:
    """The whole page."""
    texts = {name: (ROOT / "examples" / path).read_text("utf-8").rstrip() for name, path in FILES.items()}
    return Template(TEMPLATE.read_text("utf-8")).substitute(texts)
