"""The prompt: text area, history, completion, pasted and attached content, and Vim keys.

``box.PromptBox`` is the widget that screens mount; ``widget.Prompt`` is the text area inside it.
"""
