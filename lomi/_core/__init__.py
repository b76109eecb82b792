"""Pure logic that both flavours share: no I/O."""
