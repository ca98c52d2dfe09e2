"""The checks, one module a family, each with its texts beside it. `fanal.inspection.catalogue` lists them in order."""
