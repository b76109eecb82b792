from hypothesis import settings

# Neither the speed of the machine nor yesterday's runs decide.
settings.register_profile("backends", deadline=None, derandomize=True, database=None, max_examples=100)
settings.load_profile("backends")
