"""Offline demo server: speaks OpenRouter's HTTP API on loopback for ``--demo``, ``demo-server`` and the tests.

It imports only ``domain`` and the standard library, so it checks our client independently of the client's own code.
It validates requests more strictly than OpenRouter does, and it reproduces the irregular responses that OpenRouter
sends. No model runs here, and the answers say so.
"""
