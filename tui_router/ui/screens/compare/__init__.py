"""The comparison screen: ``screen`` arranges, ``lane`` shows one answer, ``rounds`` lets turns run, ``deciding`` keeps
and votes, ``merging`` makes one of several; ``lanes`` and ``figures`` are pure.
"""
