"""What the service does: use cases, ports, error codes and the sequencer core."""
