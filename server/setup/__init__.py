"""The setup file: read, merged, built into the domain's things, compared and written back; text in, text out."""
