"""Scan a server with sslyze, and hold what it found to a policy: `python scan.py PORT POLICY CA CERT KEY`.

It runs in sslyze's own environment, where nothing of ours is installed. Two scans are joined, because sslyze
cannot load an EC certificate for SSL 2.0 and cannot try renegotiation without one. It prints what breaks the
policy, and what the policy's form has no word for; the exit status is 0 when nothing does.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

SSLYZE: Any = import_module("sslyze")
CHECKER: Any = import_module("sslyze.mozilla_tls_profile.tls_config_checker")
COMMANDS: Any = SSLYZE.ScanCommand
MANDATORY = "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"


def scanned(port: int, root: Path, own: tuple[Path, Path] | None, commands: set[Any]) -> Any:  # noqa: ANN401
    """Scan, with a client's certificate or without."""
    shown = SSLYZE.ClientAuthenticationCredentials(*own) if own else None
    judged = COMMANDS.CERTIFICATE_INFO in commands
    request = SSLYZE.ServerScanRequest(
        server_location=SSLYZE.ServerNetworkLocation("localhost", port, "127.0.0.1"),
        network_configuration=SSLYZE.ServerNetworkConfiguration(
            "localhost", tls_client_auth_credentials=shown
        ),
        scan_commands=commands,
        scan_commands_extra_arguments=SSLYZE.ScanCommandsExtraArguments(
            certificate_info=SSLYZE.CertificateInfoExtraArgument(custom_ca_file=root) if judged else None
        ),
    )
    scanner = SSLYZE.Scanner()
    scanner.queue_scans([request])
    return next(iter(scanner.get_results()))


def issues(found: Any, policy: Path) -> dict[str, str]:  # noqa: ANN401 - sslyze is in no environment of ours
    """What breaks the policy, by sslyze's own verdict."""
    wanted = CHECKER.TlsConfigurationAsJson(**json.loads(policy.read_text("utf-8")))
    try:
        CHECKER.check_server_against_tls_configuration(found, wanted)
    except CHECKER.ServerNotCompliantWithTlsConfiguration as fault:
        return dict(fault.issues)
    return {}


def beyond(stranger: Any, found: Any) -> dict[str, bool]:  # noqa: ANN401 - the same
    """What the form of a policy has no word for."""
    result = found.scan_result
    old = result.tls_1_2_cipher_suites.result.accepted_cipher_suites
    resumed = result.session_resumption.result
    kinds = (resumed.session_id_resumption_result, resumed.tls_ticket_resumption_result)
    return {
        "mandatory_suite": any(one.cipher_suite.name == MANDATORY for one in old),
        "client_certificate": stranger.connectivity_result.client_auth_requirement.name == "REQUIRED",
        "no_resumption": all(kind.name == "NOT_SUPPORTED" for kind in kinds),
        "no_renegotiation": not result.session_renegotiation.result.is_vulnerable_to_client_renegotiation_dos,
        "no_early_data": not result.tls_1_3_early_data.result.supports_early_data,
    }


def main() -> int:
    """Scan, judge and print."""
    port, (policy, root, *own) = int(sys.argv[1]), map(Path, sys.argv[2:])
    needed = set(CHECKER.SCAN_COMMANDS_NEEDED_BY_MOZILLA_CHECKER)
    old = {COMMANDS.SSL_2_0_CIPHER_SUITES}
    stranger = scanned(port, root, None, old)
    extra = {COMMANDS.SESSION_RESUMPTION, COMMANDS.TLS_1_3_EARLY_DATA}
    found = scanned(port, root, (own[0], own[1]), needed - old | extra)
    joined = {"ssl_2_0_cipher_suites": stranger.scan_result.ssl_2_0_cipher_suites}
    found = dataclasses.replace(found, scan_result=dataclasses.replace(found.scan_result, **joined))
    broken, kept = issues(found, policy), beyond(stranger, found)
    tried = len(needed | extra)
    print(json.dumps({"probes": tried, "issues": broken, **kept}))
    return int(bool(broken) or not all(kept.values()))


if __name__ == "__main__":
    sys.exit(main())
