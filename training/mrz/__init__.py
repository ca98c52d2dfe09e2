"""The MRZ line recogniser: made lines, the network, its training, its measurement. See training/README.md."""
