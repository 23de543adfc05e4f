"""Text in and out: conversations to Markdown, JSON and HTML, and from the files of other programs.

Pure: every function here takes text or values and returns text or values; who opens the file is not
known. Only the standard library and ``domain`` are imported at the top; the HTML page borrows
markdown-it and pygments when it is written. ``registry`` names every format.
"""
