-- Who a certificate is, for SASL EXTERNAL: the xmppAddr of this host that it bears, or else its LFDI (IEEE 2030.5
-- clause 6.3: 160 bits of the SHA-256 of the certificate), since a device's certificate has no address.
-- The chain was verified in the handshake; a certificate that did not pass never comes this far.

local decode = require "util.encodings".base64.decode;
local sha256 = require "util.hashes".sha256;
local split = require "util.jid".prepped_split;
local new_sasl = require "util.sasl".new;

local ALT_NAME, ADDRESS = "2.5.29.17", "1.3.6.1.5.5.7.8.5";

local function name_of(cert)
	local names = cert:extensions()[ALT_NAME];
	for _, address in ipairs(names and names[ADDRESS] or {}) do
		local user, host = split(address);
		if user and host == module.host then return user; end
	end
	if names and names[ADDRESS] then return nil; end -- of another domain
	local der = decode((cert:pem():gsub("%-%-%-%-%-[^\n]+", ""):gsub("%s", "")));
	return sha256(der, true):sub(1, 40);
end

local function external(session, wanted)
	local socket = session.conn:socket();
	local cert = socket:getpeercertificate();
	if not (cert and socket:getpeerverification()) then return nil; end
	local name = name_of(cert);
	local user, host = split(wanted);
	if not name or (wanted ~= "" and not (user == name and host == module.host)) then return nil; end
	return name, true;
end

module:provides("auth", {
	get_sasl_handler = function (session)
		return new_sasl(module.host, {
			external = session.secure and function (wanted) return external(session, wanted); end;
		});
	end;
});
