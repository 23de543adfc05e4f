"""The chat screen: ``controller`` wires the parts, ``presenter`` shows a conversation, ``sender`` submits questions."""
