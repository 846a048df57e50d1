"""The gRPC contract, one package per version."""
