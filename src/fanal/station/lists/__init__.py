"""Lists and what comes of them: entries that two people answer for, rules, bulletins, hits at the desk, redress."""
