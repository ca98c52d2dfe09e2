"""Sharing with other agencies and States: what `fanal.exchange` says, kept in this station's database and sent."""
