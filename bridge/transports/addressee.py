"""TLS to a server that is known by its certificate and not by a name, as a device that wants notifications.

A device's certificate names no host (IEEE 2030.5-2018 6.11.7), so there is no name to compare: the chain is
verified as any other, and then the LFDI must be that of whoever is to be told, before a byte is sent. It
never lets a server pass because of its name.
"""

from __future__ import annotations

import ssl

from bridge.trust import identity


def known(context: ssl.SSLContext, lfdi: str) -> ssl.SSLContext:
    """Make a client's context accept the holder of an LFDI alone; one that checks no name."""

    class Known(ssl.SSLObject):
        """One end of a connection to the holder."""

        def do_handshake(self) -> None:
            """Shake hands, and look whose hand it was."""
            super().do_handshake()
            if identity.lfdi(self.getpeercert(binary_form=True) or b"") != lfdi:
                raise ssl.SSLCertVerificationError(f"the server is not {lfdi}")

    context.sslobject_class = Known
    return context
