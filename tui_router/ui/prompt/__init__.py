"""Everything under the fingers: the prompt with its history, menus, pastes, attachments and Vim keys.

``box.PromptBox`` is what a screen mounts; ``widget.Prompt`` is the text area inside it. The other files
are pure, except ``private``, which is the one place that touches what Textual keeps to itself.
"""
