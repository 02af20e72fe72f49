"""Calls the Lambda API of local mode with boto3.

    boto3_client.py check SCRIPTED_URL JSON_DOCUMENT_URL DIRECTORY
    boto3_client.py delays SCRIPTED_URL

`check` exits with an error if a response is not the expected one. `delays` prints how long each of 10 chunks, written
100 ms apart, takes from the function to the caller.
"""

import base64
import json
import sys
import time
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ARN = "arn:aws:lambda:us-east-1:123456789012:function:my-function"


def connect(url):
    config = Config(retries={"total_max_attempts": 1}, proxies={})
    return boto3.client("lambda", endpoint_url=url, config=config)


def script(*steps):
    return json.dumps({"steps": steps})


def stream(client, *steps, on_chunk=lambda chunk: None, **parameters):
    """Returns the chunks, and the content of `InvokeComplete`."""
    response = client.invoke_with_response_stream(FunctionName="my-function", Payload=script(*steps), **parameters)
    assert response["StatusCode"] == 200, response
    assert response["ExecutedVersion"] == "$LATEST", response
    assert response["ResponseStreamContentType"] == "application/vnd.amazon.eventstream", response
    chunks = []
    completion = None
    for event in response["EventStream"]:
        assert completion is None, "a message after InvokeComplete"
        if "PayloadChunk" in event:
            chunks.append(event["PayloadChunk"]["Payload"])
            on_chunk(chunks[-1])
        else:
            completion = event["InvokeComplete"]
    return chunks, completion


def check_chunks_arrive_in_step(client, directory):
    """The function writes a chunk only after this script has created a file for the chunk before."""
    steps = []
    for number in range(10):
        steps += [{"write": str(number)}, "flush", {"await_file": str(directory / f"boto3-{number}")}]
    create = lambda chunk: (directory / f"boto3-{chunk.decode()}").touch()
    chunks, completion = stream(client, *steps, on_chunk=create)
    assert chunks == [str(number).encode() for number in range(10)], chunks
    assert completion == {}, completion


def check_stream_errors(client):
    steps = [{"print_error": "log line"}, {"write": "one"}, "flush", {"fail_typed": ["Function.Broken", "reason"]}]
    chunks, completion = stream(client, *steps, LogType="Tail")
    assert chunks == [b"one"], chunks
    assert completion["ErrorCode"] == "Unhandled", completion
    details = json.loads(completion["ErrorDetails"])
    assert (details["errorType"], details["errorMessage"]) == ("Function.Broken", "reason"), details
    assert "\nlog line\n" in base64.b64decode(completion["LogResult"]).decode(), completion
    chunks, completion = stream(client, "abort")
    assert (chunks, completion["ErrorCode"]) == ([], "Runtime.ExitError"), completion


def check_invoke(scripted, json_document):
    response = json_document.invoke(FunctionName=ARN, Qualifier="prod", Payload='{"document":{"a":[1,"é"]}}')
    assert (response["StatusCode"], response["ExecutedVersion"]) == (200, "$LATEST"), response
    assert json.load(response["Payload"]) == {"a": [1, "é"]}, response
    assert "FunctionError" not in response, response
    assert len(response["ResponseMetadata"]["RequestId"]) == 36, response

    payload = script({"print_error": "log line"}, {"fail_typed": ["Function.Broken", "reason"]})
    context = base64.b64encode(b'{"custom":{}}').decode()
    response = scripted.invoke(
        FunctionName=ARN + ":7", LogType="Tail", ClientContext=context, TenantId="tenant", Payload=payload
    )
    assert (response["StatusCode"], response["FunctionError"]) == (200, "Unhandled"), response
    assert json.load(response["Payload"])["errorMessage"] == "reason", response
    log = base64.b64decode(response["LogResult"]).decode()
    assert "\nlog line\n" in log and "\nREPORT RequestId: " in log, log

    response = scripted.invoke(FunctionName="a", InvocationType="Event", Payload=script({"write": "x"}))
    assert (response["StatusCode"], response["Payload"].read()) == (202, b""), response
    response = scripted.invoke(FunctionName="a", InvocationType="DryRun")
    assert response["StatusCode"] == 204, response


def check_exceptions(client):
    exceptions = client.exceptions
    for error, call in [
        (exceptions.InvalidRequestContentException, lambda: client.invoke(FunctionName="a", Payload="{")),
        (exceptions.RequestTooLargeException, lambda: client.invoke(FunctionName="a", Payload="0" * (6 * 2**20 + 1))),
        (
            exceptions.InvalidParameterValueException,
            lambda: client.invoke_with_response_stream(FunctionName="a:1", Qualifier="2"),
        ),
    ]:
        try:
            call()
        except error as caught:
            assert caught.response["Error"]["Message"], caught.response
        else:
            raise AssertionError(f"no {error}")
    try:
        client.get_function(FunctionName="a")
    except ClientError as caught:
        assert caught.response["Error"]["Code"] == "UnknownOperationException", caught.response
        assert "InvokeWithResponseStream" in str(caught), caught
    else:
        raise AssertionError("GetFunction has a response")


def print_delays(client):
    delays = []
    unread = ""

    def on_chunk(chunk):
        nonlocal unread
        received = time.time() * 1000
        *lines, unread = (unread + chunk.decode()).split("\n")
        delays.extend(received - float(line) for line in lines)
        print(f"chunk {len(delays):2}: {delays[-1]:6.2f} ms")

    steps = []
    for _ in range(10):
        steps += ["write_time", {"sleep_ms": 100}]
    stream(client, *steps, on_chunk=on_chunk)
    print(f"boto3 {boto3.__version__}: {len(delays)} chunks, longest delay {max(delays):.2f} ms")


def main(command, url, *arguments):
    client = connect(url)
    if command == "delays":
        print_delays(client)
        return
    json_document_url, directory = arguments
    check_chunks_arrive_in_step(client, Path(directory))
    check_stream_errors(client)
    check_invoke(client, connect(json_document_url))
    check_exceptions(client)
    print("passed")


main(*sys.argv[1:])
