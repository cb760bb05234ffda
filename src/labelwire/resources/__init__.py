"""The API of Label Studio, one noun a module: its models and its endpoints."""
