"""Calls the gateway with the openai package, and prints a line of JSON for each result when it arrives.

    openai_client.py URL TOKEN models
    openai_client.py URL TOKEN '{"model": …}'
"""

import json
import sys

from openai import OpenAI, OpenAIError


def report(name, value):
    print(json.dumps({name: value}), flush=True)


def run(url, token, argument):
    client = OpenAI(base_url=url + "/v1", api_key=token, max_retries=0)
    if argument == "models":
        report("models", [model.id for model in client.models.list()])
        return
    request = json.loads(argument)
    response = client.chat.completions.create(**request)
    if not request.get("stream"):
        report("completion", response.to_dict())
        return
    report("started", True)
    for chunk in response:
        report("chunk", chunk.to_dict())
    report("end", True)


try:
    run(*sys.argv[1:])
except OpenAIError as error:
    response = getattr(error, "response", None)
    report(
        "exception",
        {
            "name": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "code": getattr(error, "code", None),
            "message": str(error),
            "retry_after": response.headers.get("retry-after") if response is not None else None,
        },
    )
