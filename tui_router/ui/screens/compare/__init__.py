"""The comparison screen: one question to several models, side by side.

``screen`` opens and composes it, ``controller`` runs the turns, ``lanes`` shows each answer, and ``actions`` handles
keys.
"""
