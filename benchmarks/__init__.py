"""labelwire measured beside the official SDKs and bare requests, in one run on one real Label Studio."""
