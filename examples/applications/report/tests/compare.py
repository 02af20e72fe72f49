"""Compares an export with its database: compare.py DATABASE (csv|ndjson) < EXPORT"""

import csv
import io
import json
import sqlite3
import sys

database, form = sys.argv[1:]
connection = sqlite3.connect(database)
connection.row_factory = sqlite3.Row
expected = [dict(row) for row in connection.execute("SELECT * FROM orders ORDER BY id")]
text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline="")
if form == "csv":
    # All fields of CSV are text, and NULL is an empty field.
    expected = [{name: "" if value is None else str(value) for name, value in row.items()} for row in expected]
    rows = list(csv.DictReader(text, strict=True))
else:
    rows = [json.loads(line) for line in text]
for number, (row, other) in enumerate(zip(rows, expected)):
    assert row == other, f"row {number}: {row} and not {other}"
assert len(rows) == len(expected), f"{len(rows)} rows and not {len(expected)}"
print(f"{len(rows)} equal rows")
