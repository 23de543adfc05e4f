"""The full-text index. It is contentless: the text stays in the indexed tables.

Scripts without spaces, such as Chinese, Japanese, Korean and Thai, are indexed one character per word; a run of them
in a query is a phrase.
"""

from __future__ import annotations

import re
import sqlite3

_UNSPACED = "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
"""Not compiled at import, which takes 2 ms: ASCII texts do not need it, and ``re`` caches it."""


def spaced(text: str) -> str:
    """Return a text as it is indexed, with spaces around characters of unspaced scripts."""
    return text if text.isascii() else re.sub(_UNSPACED, r" \g<0> ", text)


def index_message(connection: sqlite3.Connection, message_id: str) -> None:
    """Add a message to the index."""
    row = connection.execute("SELECT seq, text FROM messages WHERE id = ? AND NOT indexed", (message_id,)).fetchone()
    if row is not None:
        connection.execute("INSERT INTO messages_fts (rowid, text) VALUES (?, ?)", (row[0], spaced(row[1])))
        connection.execute("UPDATE messages SET indexed = 1 WHERE seq = ?", (row[0],))


def unindex_message(connection: sqlite3.Connection, message_id: str) -> None:
    """Remove a message from the index; its row must still have the indexed text."""
    row = connection.execute("SELECT seq, text FROM messages WHERE id = ? AND indexed", (message_id,)).fetchone()
    if row is not None:
        connection.execute(
            "INSERT INTO messages_fts (messages_fts, rowid, text) VALUES ('delete', ?, ?)", (row[0], spaced(row[1]))
        )
        connection.execute("UPDATE messages SET indexed = 0 WHERE seq = ?", (row[0],))


def reindex_title(connection: sqlite3.Connection, seq: int, before: str, after: str) -> None:
    """Replace the indexed title of a conversation; an empty title is not indexed."""
    if before == after:
        return
    if before:
        connection.execute(
            "INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', ?, ?)", (seq, spaced(before))
        )
    if after:
        connection.execute("INSERT INTO titles_fts (rowid, title) VALUES (?, ?)", (seq, spaced(after)))


def rebuild_index(connection: sqlite3.Connection) -> None:
    """Rebuild both indexes from the tables."""
    connection.execute("INSERT INTO messages_fts (messages_fts) VALUES ('delete-all')")
    connection.execute("INSERT INTO titles_fts (titles_fts) VALUES ('delete-all')")
    rows = connection.execute("SELECT seq, text FROM messages WHERE state = 'done'")
    connection.executemany(
        "INSERT INTO messages_fts (rowid, text) VALUES (?, ?)", ((seq, spaced(str(text))) for seq, text in rows)
    )
    connection.execute("UPDATE messages SET indexed = (state = 'done')")
    titles = connection.execute("SELECT seq, title FROM conversations WHERE title <> ''")
    connection.executemany(
        "INSERT INTO titles_fts (rowid, title) VALUES (?, ?)", ((seq, spaced(str(title))) for seq, title in titles)
    )
