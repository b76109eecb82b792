"""Sockets, connections and the exchange of one request."""
