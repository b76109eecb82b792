"""What a client reports about its calls: log, hooks and OpenTelemetry."""
