"""The wire contract: stepwell/v1/*.proto and the stubs generated from them by `python -m protos.generate`."""
