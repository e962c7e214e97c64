"""tarmac: which government aircraft landed in this city, where from, who else was there, and is it consistent with a reported meeting?"""

__version__ = "0.1.0"
