"""The description of the service: WSDL 1.1 of our own, document and literal, around the schemas of xsd/.

The schemas are served as they are but for the places of those that they import, which are queries of the same
address. The report is described too, for whoever serves a callback. It reads files, and knows no host.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from string import Template
from xml.sax.saxutils import quoteattr

from bridge.soap.bodies import NAMESPACE, OPERATIONS, SCHEMA, SCHEMAS

_PLACE = re.compile(r'schemaLocation="([^"]+)"')
_HEAD = Template("""\
<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
                  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:smt="$space" targetNamespace="$space">
  <wsdl:types>
    <xs:schema>
      <xs:import namespace="$space" schemaLocation="?xsd=$schema"/>
    </xs:schema>
  </wsdl:types>
""")
_MESSAGES = Template("""\
  <wsdl:message name="$name"><wsdl:part name="parameters" element="smt:$name"/></wsdl:message>
  <wsdl:message name="${name}Response">
    <wsdl:part name="parameters" element="smt:${name}Response"/>
  </wsdl:message>
""")
_PORT = Template("""\
    <wsdl:operation name="$name">
      <wsdl:input message="smt:$name"/>
      <wsdl:output message="smt:${name}Response"/>
    </wsdl:operation>
""")
_BOUND = Template("""\
    <wsdl:operation name="$name">
      <soap:operation soapAction=""/>
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
""")
_TRANSPORT = '    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>\n'
_SERVICE = Template("""\
  <wsdl:service name="MeterMessaging">
    <wsdl:port name="MeterMessaging" binding="smt:MeterMessaging">
      <soap:address location=$address/>
    </wsdl:port>
  </wsdl:service>
</wsdl:definitions>
""")
PORTS = {
    "MeterMessaging": tuple(each.name for each in OPERATIONS.values()),
    "ProgressCallback": ("reportProgress",),
}
"""Operations by port; the second is served by the one who asks."""


def document(address: str) -> bytes:
    """The description of a service at an address."""
    names = [name for port in PORTS.values() for name in port]
    parts = [_HEAD.substitute(space=NAMESPACE, schema=SCHEMA)]
    parts += [_MESSAGES.substitute(name=name) for name in names]
    for port, operations in PORTS.items():
        inside = "".join(_PORT.substitute(name=name) for name in operations)
        parts.append(f'  <wsdl:portType name="{port}">\n{inside}  </wsdl:portType>\n')
    for port, operations in PORTS.items():
        inside = "".join(_BOUND.substitute(name=name) for name in operations)
        parts.append(
            f'  <wsdl:binding name="{port}" type="smt:{port}">\n{_TRANSPORT}{inside}  </wsdl:binding>\n'
        )
    return "".join([*parts, _SERVICE.substitute(address=quoteattr(address))]).encode()


@cache
def schema(name: str) -> bytes | None:
    """One of the schemas, whose imports are found at the same address; nothing by another name."""
    if name not in SCHEMAS:
        return None
    text = (files("xsd") / name).read_text("utf-8")
    return _PLACE.sub(r'schemaLocation="?xsd=\1"', text).encode()
