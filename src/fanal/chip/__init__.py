"""The chip of an eMRTD (ICAO Doc 9303-10, -11 and -12): reading it, and trusting it for the right reasons."""
