"""SCL, the configuration language of IEC 61850-6: our devices as ICD and CID, and a peer's CID as devices.

Bytes in, bytes out: files and sockets are elsewhere. Written for edition 2007 B 4; what is read may be older.
Claims no conformance: our own checks always run, the official schema only where its user has it.
"""
