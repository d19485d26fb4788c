"""The outer ring of tests: derbridge against programs and environments that are not ours.

A misreading that we and our own test doubles share passes every inner test, so each peer here is foreign:
another Python, another schema copy, another implementation. `make peers` runs them all, prints one line
for each and writes build/peers.json. They may use the network, to install what they need; the inner tests
never do.
"""
