"""What all tests share: how hypothesis runs, and a home of the tests' own for the station."""

import os
import tempfile

# Before Django reads its settings: a test never touches the data of a station that runs on this machine.
os.environ["FANAL_HOME"] = tempfile.mkdtemp(prefix="fanal-tests-")

from hypothesis import HealthCheck, settings

# No deadlines: a machine may be busy, and a figure belongs in bench/, not in a test.
settings.register_profile("fanal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fanal")
