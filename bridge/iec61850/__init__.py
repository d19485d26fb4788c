"""IEC 61850 in the shape that public accounts of part 8-2 agree on; unverified against the official schema.

Sans-IO: bytes, time and the peer's name come in, bytes and a deadline go out. It knows no stanza, no store.
"""
