"""The transcript: a whole conversation in one widget that paints styled lines.

``blocks``, ``inline``, ``code``, ``maths`` and ``block_layout`` render Markdown as lines, independent of any screen;
``body`` keeps the lines of one text, also while it streams in. ``entry`` is one message with ``header`` and
``footer``. ``transcript`` is the widget. Nothing here depends on services or on the app.
"""
