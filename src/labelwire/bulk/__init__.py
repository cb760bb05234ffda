"""Many of a thing: imports, updates and deletions of any number, exact under faults, in constant memory."""
