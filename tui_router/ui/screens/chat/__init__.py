"""The chat screen: ``screen`` arranges, ``talk`` shows one conversation and lets its turns grow, ``sending``
brings a turn on its way, and one file each for copying, money and keys, the first run, finding.
"""
