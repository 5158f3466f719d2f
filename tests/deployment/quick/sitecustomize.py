"""Put on PYTHONPATH by the tests, for the AWS CLI: it waits for stacks in steps of 5 and 30 seconds, and moto's are there at once."""

import time

sleep = time.sleep
time.sleep = lambda seconds: sleep(min(seconds, 0.05))
