"""Making of lists: what may change on them, what stays for ever, and the number they bear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from bridge.trust import crl, issue
from bridge.trust.crl import HOLD, LIFT, Unlawful, Withdrawn

ROOT = issue.root("SERCA")
FIRST, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
LASTING = tuple(flag for flag in x509.ReasonFlags if flag not in {HOLD, LIFT})
ENTRIES = st.dictionaries(st.integers(1, 2**159), st.sampled_from((HOLD, *LASTING)), max_size=8)


@given(ENTRIES, st.integers(1, 2**60))
def test_list_says_all_it_is_told(entries: dict[int, x509.ReasonFlags], number: int) -> None:
    withdrawn = [Withdrawn(serial, FIRST, reason) for serial, reason in entries.items()]
    made = crl.build(ROOT, withdrawn, number, since=LATER, until=LATER + timedelta(days=1))
    assert made.is_signature_valid(ROOT.key.public_key())
    assert made.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == number
    assert {one.serial_number: reason(one) for one in made} == entries
    assert {one.revocation_date_utc for one in made} <= {FIRST}
    own = ROOT.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    above = made.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert above.key_identifier == own


def reason(one: x509.RevokedCertificate) -> x509.ReasonFlags:
    try:
        return one.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return x509.ReasonFlags.unspecified


@pytest.mark.parametrize("flag", [*LASTING, HOLD])
def test_first_word_is_taken(flag: x509.ReasonFlags) -> None:
    assert crl.changed(None, Withdrawn(1, FIRST, flag)) == Withdrawn(1, FIRST, flag)


@pytest.mark.parametrize("flag", LASTING)
@pytest.mark.parametrize("after", [*LASTING, HOLD, LIFT])
def test_what_is_revoked_stays(flag: x509.ReasonFlags, after: x509.ReasonFlags) -> None:
    with pytest.raises(Unlawful):
        crl.changed(Withdrawn(1, FIRST, flag), Withdrawn(1, LATER, after))


@pytest.mark.parametrize("flag", LASTING)
def test_hold_ends_in_revocation_from_its_first_day(flag: x509.ReasonFlags) -> None:
    held = Withdrawn(1, FIRST, HOLD)
    assert crl.changed(held, Withdrawn(1, LATER, flag)) == Withdrawn(1, FIRST, flag)


def test_hold_can_be_lifted() -> None:
    assert crl.changed(Withdrawn(1, FIRST, HOLD), Withdrawn(1, LATER, LIFT)) is None
    with pytest.raises(Unlawful, match="already"):
        crl.changed(Withdrawn(1, FIRST, HOLD), Withdrawn(1, LATER, HOLD))
    with pytest.raises(Unlawful, match="on hold"):
        crl.changed(None, Withdrawn(1, FIRST, LIFT))
