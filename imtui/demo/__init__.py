"""A believable team with a week of history and an incident that unfolds, on a database that is thrown away.

Everything goes through the services and the engine, as in earnest; only the people and the alarms are made up.
"""
