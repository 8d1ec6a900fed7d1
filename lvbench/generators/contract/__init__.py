"""The generator contract: types, base classes, configuration, cost and conformance."""
