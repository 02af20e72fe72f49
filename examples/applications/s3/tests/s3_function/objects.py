"""Serves S3 with moto on a free port, with the objects of the tests, until standard input ends.

Prints the URL when all objects exist.
"""

import array
import logging
import sys

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "my-bucket"
# The object is the numbers 0, 1, 2, … as 8 bytes each, lowest byte first.
LARGE_LENGTH = 200_000_000

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"
s3 = boto3.client(
    "s3",
    endpoint_url=url,
    region_name="us-east-1",
    aws_access_key_id="AKIDEXAMPLE",
    aws_secret_access_key="secret",
)
s3.create_bucket(Bucket=BUCKET)


def put(key, body, **headers):
    # boto3 sends a CRC32 of the body, which GetObject returns.
    s3.put_object(Bucket=BUCKET, Key=key, Body=body, **headers)


put(
    "public/alphabet.txt",
    b"abcdefghijklmnopqrstuvwxyz",
    CacheControl="max-age=60",
    ContentDisposition='attachment; filename="a.txt"',
    ContentEncoding="identity",
    ContentLanguage="en",
    ContentType="text/plain",
    Expires="Wed, 21 Oct 2099 07:28:00 GMT",
    Metadata={"internal": "note"},
)
put("public/empty", b"")
for key in ["a b+c&d=é.txt", "folder/%2F/x", "folder/", "/slash"]:
    put("public/" + key, key.encode())
put("secret.txt", b"not to be served")
large = array.array("Q", range(LARGE_LENGTH // 8))
if sys.byteorder == "big":
    large.byteswap()
put("public/large", large.tobytes())
del large

print(url, flush=True)
sys.stdin.read()
server.stop()
