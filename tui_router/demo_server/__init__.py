"""The offline demo server: a real HTTP server on loopback, for ``--demo``, ``demo-server`` and the tests.

It knows the words of ``domain`` and the standard library, nothing else of the program: it must be wrong or right
about the protocol independently of our client. It is stricter than the service for what is asked and as messy as
the service in what it answers. No model is behind it, and its prose says so.
"""
