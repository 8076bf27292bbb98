"""The demo: a server of its own, simulated sources, visitors and networks, and the proof of its books."""
