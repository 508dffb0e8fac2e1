"""A program that spends 60, 30 and 10 parts of its time in three functions, profiled by Pyroscope's SDK for Python."""

import os
import sys
import time

import pyroscope


def burn(rounds):
    x = 0
    for i in range(rounds * 20_000):
        x += i * (i & 3)
    return x


def sixty():
    return burn(6)


def thirty():
    return burn(3)


def ten():
    return burn(1)


pyroscope.configure(
    application_name="client-python",
    server_address=os.environ["PYROSCOPE_SERVER_ADDRESS"],
    sample_rate=100,
    upload_interval=5,
    enable_logging=True,
    tags={"part": "python"},
)
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    sixty()
    thirty()
    ten()
pyroscope.shutdown()
