"""The properties that each way to deploy must have, whatever the format.

`problems` checks a model of the resources, which `cloudformation`, `terraform` and `aws_cli` read from their formats:

    function       runtime, handler, architecture, memory, timeout, log_format, log_group, tracing, concurrency
    log_retention  days
    role           {(action, resource)}: what the function may do; resource is "logs" for its log group, or as written
    trust          the services that may assume the roles
    urls           [{auth, mode, qualifier}]
    permissions    [{action, principal, auth, via_url, source}]
    api            {endpoint, tracing, methods: {path: {verb, type, verb_to_lambda, transfer, uri, timeout}}}
    distribution   {origin, access_control: {type, signing, protocol}, read_timeout, methods, cache, request, protocol}
    capacity       {architectures, max_vcpu, operator: [managed policies]}
    alias          the name of the alias of a published version
"""

TOPICS = ("function-url", "rest-api", "cloudfront", "managed-instances")

STREAMING_URI = "lambda:path/2021-11-15/functions/"
STREAMING_URI_END = "/response-streaming-invocations"

# The least that a function needs which does nothing but respond.
ROLE = {
    ("logs:CreateLogStream", "logs"),
    ("logs:PutLogEvents", "logs"),
    ("xray:PutTelemetryRecords", "*"),
    ("xray:PutTraceSegments", "*"),
}
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
ALL_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
OPERATOR_POLICY = "AWSLambdaManagedEC2ResourceOperator"


def problems(topic, model, architecture="arm64", auth="NONE"):
    """Returns the properties that the model of a topic lacks, one line each."""
    found = []

    def expect(what, value, expected):
        if value != expected:
            found.append(f"{what} is {value!r}, not {expected!r}")

    managed = topic == "managed-instances"
    function = model["function"]
    expect("the runtime", function["runtime"], "provided.al2023")
    expect("the handler", function["handler"], "bootstrap")
    expect("the architecture", function["architecture"], architecture)
    expect("the memory", function["memory"], 2048 if managed else 512)
    expect("the timeout", function["timeout"], 60)
    expect("the log format", function["log_format"], "JSON")
    expect("the tracing mode", function["tracing"], "Active")
    expect("whether the function logs to its log group", function["log_group"], True)
    expect("the log retention", model["log_retention"], 30)
    expect("what the function may do", sorted(model["role"]), sorted(ROLE))
    expect("who may assume the roles", model["trust"], {"lambda.amazonaws.com"})

    if topic == "rest-api":
        expect("the Function URLs", model["urls"], [])
    elif len(model["urls"]) != 1:
        found.append(f"there are {len(model['urls'])} Function URLs, not one")
    for url in model["urls"]:
        expect("the invoke mode", url["mode"], "RESPONSE_STREAM")
        expect("the auth type", url["auth"], auth if topic == "function-url" else "AWS_IAM")
        expect("the qualifier of the URL", url["qualifier"], "live" if managed else None)

    permissions = {
        (p["action"], p["principal"], p["auth"], p["via_url"], p["source"]) for p in model["permissions"]
    }
    expected = set()
    if topic == "function-url" and auth == "NONE":
        expected = {
            ("lambda:InvokeFunctionUrl", "*", "NONE", False, None),
            ("lambda:InvokeFunction", "*", None, True, None),
        }
    elif topic == "cloudfront":
        cloudfront = "cloudfront.amazonaws.com"
        expected = {
            ("lambda:InvokeFunctionUrl", cloudfront, None, False, "distribution"),
            ("lambda:InvokeFunction", cloudfront, None, True, "distribution"),
        }
    elif topic == "rest-api":
        expected = {("lambda:InvokeFunction", "apigateway.amazonaws.com", None, False, "api")}
    for missing in sorted(expected - permissions, key=str):
        found.append(f"the permission {missing} is missing")
    for unexpected in sorted(permissions - expected, key=str):
        found.append(f"the permission {unexpected} is not needed")

    if topic == "rest-api":
        api = model["api"]
        expect("the endpoint type", api["endpoint"], "REGIONAL")
        expect("the tracing of the API", api["tracing"], True)
        expect("the paths of the API", sorted(api["methods"]), ["/", "/{proxy+}"])
        for path, method in sorted(api["methods"].items()):
            expect(f"the verb of {path}", method["verb"], "ANY")
            expect(f"the integration of {path}", method["type"], "AWS_PROXY")
            expect(f"the verb of {path} to Lambda", method["verb_to_lambda"], "POST")
            expect(f"the transfer mode of {path}", method["transfer"], "STREAM")
            expect(f"the timeout of {path}", method["timeout"], 900000)
            uri = method["uri"] or ""
            if STREAMING_URI not in uri or not uri.endswith(STREAMING_URI_END):
                found.append(f"the URI of {path} is not that of InvokeWithResponseStream: {uri}")

    if topic == "cloudfront":
        distribution = model["distribution"]
        expect("the origin", distribution["origin"], "url")
        control = {"type": "lambda", "signing": "always", "protocol": "sigv4"}
        expect("the origin access control", distribution["access_control"], control)
        expect("the read timeout of the origin", distribution["read_timeout"], 60)
        expect("the allowed methods", set(distribution["methods"]), ALL_METHODS)
        expect("the cache policy", distribution["cache"], CACHING_DISABLED)
        expect("the origin request policy", distribution["request"], ALL_VIEWER_EXCEPT_HOST_HEADER)
        expect("the viewer protocol policy", distribution["protocol"], "redirect-to-https")

    if managed:
        expect("the concurrent invocations", function["concurrency"], 16)
        expect("the alias", model["alias"], "live")
        capacity = model["capacity"]
        expect("the architectures of the instances", capacity["architectures"], [architecture])
        expect("the most virtual CPUs", capacity["max_vcpu"], 16)
        expect("the policies of the operator role", capacity["operator"], [OPERATOR_POLICY])
    else:
        expect("the concurrent invocations", function["concurrency"], None)
    return found
