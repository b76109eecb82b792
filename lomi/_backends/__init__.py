"""How to wait, and how to reach the network."""
