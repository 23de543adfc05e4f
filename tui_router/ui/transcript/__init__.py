"""The transcript: a whole conversation as one widget that draws lines.

``blocks`` to ``maths`` turn Markdown into styled lines and know no screen; ``body`` keeps them while
text streams in; ``entry`` is one turn; ``view`` shows turns. Nothing here knows services or the app.
"""
