"""Shapes in which labelling tools hand back what people said, one file a tool."""
