"""What `Project` can do, one subject a module; `labelwire.project` puts it together."""
