"""What all tests share: how hypothesis runs."""

from hypothesis import HealthCheck, settings

# No deadlines: a machine may be busy, and a figure belongs in bench/, not in a test.
settings.register_profile("fanal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fanal")
