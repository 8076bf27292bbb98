"""The landing pages: optional pages of the owner's between click and offer."""
