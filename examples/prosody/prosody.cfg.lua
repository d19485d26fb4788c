-- Prosody 0.12 as relay in front of derbridge: certificates on both sides, SASL EXTERNAL and nothing else, XEP-0198.
-- The acceptance suite runs this very file (python -m peers relays); it only puts other paths and ports in.
-- clients.pem: the roots that clients are below, then a revocation list (PEM) of EACH authority, the roots' too.

local tls = {
	certificate = "/etc/prosody/derbridge/relay.pem"; -- with the chain above it
	key = "/etc/prosody/derbridge/relay.key";
	cafile = "/etc/prosody/derbridge/clients.pem";
	protocol = "tlsv1_2+";
	verify = { "peer", "fail_if_no_peer_cert" };
	-- Both are on by default, and let a chain with errors through the handshake.
	verifyext = { lsec_continue = false, lsec_ignore_purpose = false, crl_check = true, crl_check_chain = true };
};

c2s_ports = { 5222 };
c2s_direct_tls_ports = { 5223 };
interfaces = { "*" };
c2s_ssl = tls;
c2s_direct_tls_ssl = tls;
c2s_require_encryption = true;
c2s_timeout = 20; -- seconds to log in

network_backend = "epoll";
network_settings = { nagle = false; }; -- or every second stanza waits 40 ms

plugin_paths = { "/etc/prosody/derbridge/modules" };
authentication = "lfdi"; -- modules/mod_auth_lfdi.lua: the address in the certificate, or its LFDI
modules_enabled = { "disco", "limits", "ping", "saslauth", "smacks", "tls" };
-- No offline store: a command that cannot be delivered comes back, and its sender decides.
modules_disabled = { "offline", "s2s", "register" };

limits = { c2s = { rate = "10mb/s"; burst = "2s"; }; };
c2s_stanza_size_limit = 262144;
smacks_hibernation_time = 300;
smacks_max_queue_size = 2000;

data_path = "/var/lib/prosody";
log = { info = "/var/log/prosody/prosody.log"; };

VirtualHost "relay.example"
