"""Files, wherever they are: opened, read item by item, named, packed and unpacked."""
