"""How it is reached: gRPC services, interceptors, error catalogue, health and metrics."""
