"""`python -m canteen_bot CONFIG` runs the bot until it is stopped."""

import asyncio
import logging
import sys

from symphony.bdk.core.config.loader import BdkConfigLoader

from . import run

logging.basicConfig(level=logging.INFO)
asyncio.run(run(BdkConfigLoader.load_from_file(sys.argv[1])))
