"""Who may ask: the socket, who is on its other end, and which room answers."""
