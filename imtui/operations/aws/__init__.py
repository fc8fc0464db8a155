"""The operations of the services that unmodified AWS clients call.

Their names, members, limits and errors come from AWS's own service models (`model.py`); what is described here is the
one thing these do not say: which of our services does it. The wire, the shell (`imtui ssm-incidents …`) and their
help are derived from both.
"""

from __future__ import annotations

SERVICES = {
    "ssm-incidents": "one operation of Incident Manager, in the grammar of the AWS command line",
    "ssm-contacts": "one operation of its contacts, likewise",
    "cloudtrail": "look up what was done, likewise",
}
"""The services that are answered, as their clients and rights name them."""
