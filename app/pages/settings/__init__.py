"""Settings: the look, the owner's own words at the top of the setup, the server, the data folder."""
