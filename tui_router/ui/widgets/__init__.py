"""Small widgets, each usable alone: values in by the constructor or ``show``, messages out."""
