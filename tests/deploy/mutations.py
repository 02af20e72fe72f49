"""Changes of the files that a reader could make by mistake, and what the checks say about each."""

import dataclasses

from properties import TOPICS


@dataclasses.dataclass(frozen=True)
class Mutation:
    format: str
    file: str
    topics: tuple
    what: str
    old: str
    new: str
    # Part of the problem that must be found.
    caught: str


def mutation(format, file, what, old, new, caught, topics=None):
    if topics is None:
        topics = tuple(topic for topic in TOPICS if file.startswith(topic))
    return Mutation(format, file, topics, what, old, new, caught)


NO_INVOKE_MODE = "the invoke mode is None"
NO_TRANSFER_MODE = "the transfer mode of / is None"
NO_INVOKE_FUNCTION = "the permission ('lambda:InvokeFunction', "
NO_INVOKE_FUNCTION_URL = "the permission ('lambda:InvokeFunctionUrl', "
NO_ACCESS_CONTROL = "the origin access control is None"
NOT_SIGNED = "the origin access control is {'type': 'lambda', 'signing': 'never'"
NO_STREAMING_URI = "is not that of InvokeWithResponseStream"
PUBLIC = "the auth type is 'NONE'"
BUFFERED = "the invoke mode is 'BUFFERED'"


def remove_invoke_mode(format, extension, line, new=""):
    topics = ("function-url", "cloudfront", "managed-instances")
    return [mutation(format, topic + extension, "no invoke mode", line, new, NO_INVOKE_MODE) for topic in topics]


SAM = [
    *remove_invoke_mode("sam", ".yaml", "        InvokeMode: RESPONSE_STREAM\n"),
    mutation("sam", "function-url.yaml", "invoke mode BUFFERED", "RESPONSE_STREAM", "BUFFERED", BUFFERED),
    mutation("sam", "rest-api.yaml", "no transfer mode", "            ResponseTransferMode: RESPONSE_STREAM\n", "",
             NO_TRANSFER_MODE),
    mutation("sam", "rest-api.yaml", "a mode that SAM ignores", "ResponseTransferMode: RESPONSE_STREAM",
             "ResponseTransferMode: STREAM", NO_TRANSFER_MODE),
    mutation("sam", "rest-api.yaml", "no timeout", "            TimeoutInMillis: 900000\n", "", "the timeout of / is None"),
    mutation("sam", "function-url.yaml", "no permission InvokeFunction", "Action: lambda:InvokeFunction\n",
             "Action: lambda:GetFunction\n", NO_INVOKE_FUNCTION),
    mutation("sam", "function-url.yaml", "InvokeFunction also without the URL", "      InvokedViaFunctionUrl: true\n", "",
             NO_INVOKE_FUNCTION),
    mutation("sam", "function-url.yaml", "no permission InvokeFunctionUrl", "Action: lambda:InvokeFunctionUrl\n",
             "Action: lambda:GetFunction\n", NO_INVOKE_FUNCTION_URL),
    mutation("sam", "cloudfront.yaml", "no permission InvokeFunction", "Action: lambda:InvokeFunction\n",
             "Action: lambda:GetFunction\n", NO_INVOKE_FUNCTION),
    mutation("sam", "cloudfront.yaml", "permission of every distribution", "distribution/${Distribution}", "distribution/*",
             NO_INVOKE_FUNCTION),
    mutation("sam", "cloudfront.yaml", "public Function URL", "AuthType: AWS_IAM", "AuthType: NONE", PUBLIC),
    mutation("sam", "cloudfront.yaml", "no origin access control",
             "            OriginAccessControlId: !GetAtt OriginAccessControl.Id\n", "", NO_ACCESS_CONTROL),
    mutation("sam", "cloudfront.yaml", "requests are not signed", "SigningBehavior: always", "SigningBehavior: never",
             NOT_SIGNED),
    mutation("sam", "managed-instances.yaml", "no published version", "      AutoPublishAlias: live\n", "",
             "the qualifier of the URL is None"),
    mutation("sam", "managed-instances.yaml", "no concurrent invocations",
             "        PerExecutionEnvironmentMaxConcurrency: !Ref MaxConcurrency\n", "", "the concurrent invocations is None"),
    mutation("sam", "function-url.yaml", "no architecture", "      Architectures: [!Ref Architecture]\n", "",
             "the architecture is 'x86_64'"),
    mutation("sam", "function-url.yaml", "another runtime", "provided.al2023", "provided.al2", "the runtime is"),
    mutation("sam", "function-url.yaml", "text logs", "LogFormat: JSON", "LogFormat: Text", "the log format is"),
    mutation("sam", "function-url.yaml", "no tracing", "      Tracing: Active\n", "", "the tracing mode is None"),
    mutation("sam", "function-url.yaml", "logs expire early", "RetentionInDays: !Ref LogRetentionInDays",
             "RetentionInDays: 7", "the log retention is 7"),
    mutation("sam", "function-url.yaml", "the role may do more", "[logs:CreateLogStream, logs:PutLogEvents]", "[logs:*]",
             "what the function may do is"),
]

CDK = [
    *remove_invoke_mode("cdk", ".ts", "      invokeMode: lambda.InvokeMode.RESPONSE_STREAM,\n"),
    mutation("cdk", "rest-api.ts", "no transfer mode",
             "        responseTransferMode: apigateway.ResponseTransferMode.STREAM,\n", "", NO_TRANSFER_MODE),
    mutation("cdk", "function-url.ts", "another auth type", "settings.authType", "lambda.FunctionUrlAuthType.AWS_IAM",
             NO_INVOKE_FUNCTION),
    mutation("cdk", "cloudfront.ts", "no origin access control", "origins.FunctionUrlOrigin.withOriginAccessControl(",
             "new origins.FunctionUrlOrigin(", NO_ACCESS_CONTROL),
    mutation("cdk", "managed-instances.ts", "URL of the unpublished version", "alias.addFunctionUrl", "handler.addFunctionUrl",
             "the qualifier of the URL is None"),
    mutation("cdk", "streaming-function.ts", "another runtime", "PROVIDED_AL2023", "PROVIDED_AL2", "the runtime is", TOPICS),
]

TERRAFORM = [
    *remove_invoke_mode("terraform", "/main.tf", '  invoke_mode = "RESPONSE_STREAM"\n'),
    mutation("terraform", "rest-api/main.tf", "no transfer mode", '  response_transfer_mode = "STREAM"\n', "",
             NO_TRANSFER_MODE),
    mutation("terraform", "rest-api/main.tf", "the URI of Invoke", "/2021-11-15/functions/", "/2015-03-31/functions/",
             NO_STREAMING_URI),
    mutation("terraform", "rest-api/main.tf", "a misspelled argument", "response_transfer_mode", "response_transfermode",
             "has no argument response_transfermode"),
    mutation("terraform", "rest-api/main.tf", "a required argument is missing", '  type                    = "AWS_PROXY"\n',
             "", "lacks the required argument type"),
    mutation("terraform", "rest-api/main.tf", "a reference to nothing", "aws_api_gateway_resource.proxy.id",
             "aws_api_gateway_resource.proxies.id", "there is no resource aws_api_gateway_resource.proxies"),
    mutation("terraform", "function-url/main.tf", "no permission InvokeFunction", '"lambda:InvokeFunction"',
             '"lambda:GetFunction"', NO_INVOKE_FUNCTION),
    mutation("terraform", "function-url/main.tf", "no permission InvokeFunctionUrl", '"lambda:InvokeFunctionUrl"',
             '"lambda:GetFunction"', NO_INVOKE_FUNCTION_URL),
    mutation("terraform", "cloudfront/main.tf", "no permission InvokeFunction", '"lambda:InvokeFunction"',
             '"lambda:GetFunction"', NO_INVOKE_FUNCTION),
    mutation("terraform", "cloudfront/main.tf", "public Function URL", '"AWS_IAM"', '"NONE"', PUBLIC),
    mutation("terraform", "cloudfront/main.tf", "no origin access control",
             "    origin_access_control_id = aws_cloudfront_origin_access_control.function.id\n", "", NO_ACCESS_CONTROL),
    mutation("terraform", "managed-instances/main.tf", "no published version", "  publish = true\n", "",
             "the alias is None"),
    mutation("terraform", "function-url/main.tf", "another runtime", "provided.al2023", "provided.al2", "the runtime is"),
]

AWS_CLI = [
    *remove_invoke_mode("aws-cli", ".sh", " --invoke-mode RESPONSE_STREAM"),
    mutation("aws-cli", "rest-api.sh", "no transfer mode", " --response-transfer-mode STREAM", "", NO_TRANSFER_MODE),
    mutation("aws-cli", "rest-api.sh", "the URI of Invoke", "response-streaming-invocations", "invocations",
             NO_STREAMING_URI),
    mutation("aws-cli", "rest-api.sh", "a misspelled option", "--response-transfer-mode", "--response-transfermode",
             "Unknown options: --response-transfermode"),
    mutation("aws-cli", "function-url.sh", "no permission InvokeFunction", "--action lambda:InvokeFunction ",
             "--action lambda:GetFunction ", NO_INVOKE_FUNCTION),
    mutation("aws-cli", "function-url.sh", "no permission InvokeFunctionUrl", "--action lambda:InvokeFunctionUrl ",
             "--action lambda:GetFunction ", NO_INVOKE_FUNCTION_URL),
    mutation("aws-cli", "cloudfront.sh", "no permission InvokeFunction", "--action lambda:InvokeFunction ",
             "--action lambda:GetFunction ", NO_INVOKE_FUNCTION),
    mutation("aws-cli", "cloudfront.sh", "no origin access control",
             "        \"OriginAccessControlId\": \"'\"$access_control\"'\",\n", "", NO_ACCESS_CONTROL),
    mutation("aws-cli", "managed-instances.sh", "no operator policy", "AWSLambdaManagedEC2ResourceOperator", "ReadOnlyAccess",
             "the policies of the operator role is"),
    mutation("aws-cli", "function.sh", "another runtime", "provided.al2023", "provided.al2", "the runtime is",
             ("function-url",)),
]

MUTATIONS = SAM + CDK + TERRAFORM + AWS_CLI
