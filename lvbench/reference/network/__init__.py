"""The network: conditioning, attention, and quantised or pruned variants."""
