#!/usr/bin/env python3
"""Writes samples/quarter/: one quarter of an invented company's logs with a story whose answer is known.

usage: generate.py [OUTPUT_FOLDER]

Standard library only, fixed seed, no clock: every run writes the same bytes.
"""
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from generator import access, aws, backups, change, expected, github, hr, journal, linux, okta, planted, postgres, product, sidekiq, story, watch  # noqa: E402
from generator.logfile import Quarter  # noqa: E402


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, 'quarter')
    shutil.rmtree(folder, ignore_errors=True)
    quarter = Quarter(folder)
    # Product first: its approved exports are what Sidekiq, PostgreSQL and CloudTrail then show from their side.
    # The story comes before Okta, which writes the sign-in of every session that is used anywhere.
    # What reports beyond the first three look for comes after it, so that nothing of it moves.
    for part in (product, story, okta, github, hr, linux, sidekiq, postgres, aws, change, access, watch, backups, journal, planted):
        part.write(quarter)
    quarter.finish()
    expected.write(quarter)
    print(f'{sum(s.records for s in quarter.sources.values())} records, '
          f'{sum(len(s.files()) for s in quarter.sources.values())} files, {quarter.size_bytes()} bytes in {folder}')


main()
