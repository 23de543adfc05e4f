"""What the user sees: the only room that knows Textual.

Method calls go down, messages go up, events cross threads by the relay. Widgets take values and post
messages; they know neither the app nor any service. Commands are functions, each declared once.
"""
