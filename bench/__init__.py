"""What the registry costs and gains on this machine: `python -m bench --help`."""
