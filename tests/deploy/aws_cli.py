"""Runs scripts with `aws` commands against the AWS CLI itself, without its network: the CLI parses and validates each
command with the models of the services, and what it would send is recorded as the model for `properties`."""

import contextlib
import io
import json
import os
import pathlib
import socketserver
import subprocess
import sys
import tempfile
import threading
import zipfile

ACCOUNT = "123456789012"
REGION = "us-east-1"

# What the services respond, as far as the scripts use it.
RESPONSES = {
    "GetCallerIdentity": lambda p: {"Account": ACCOUNT},
    "CreateRole": lambda p: {"Role": {"Arn": f"arn:aws:iam::{ACCOUNT}:role/{p['RoleName']}"}},
    "PutRolePolicy": lambda p: {},
    "AttachRolePolicy": lambda p: {},
    "CreateLogGroup": lambda p: {},
    "PutRetentionPolicy": lambda p: {},
    "CreateFunction": lambda p: {"FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{p['FunctionName']}"},
    "GetFunction": lambda p: {"Configuration": {"State": "Active", "LastUpdateStatus": "Successful"}},
    "CreateFunctionUrlConfig": lambda p: {"FunctionUrl": "https://id.lambda-url.us-east-1.on.aws/"},
    "AddPermission": lambda p: {},
    "PublishVersion": lambda p: {"Version": "1"},
    "CreateAlias": lambda p: {"AliasArn": "alias"},
    "CreateCapacityProvider": lambda p: {
        "CapacityProvider": {"CapacityProviderArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:capacity-provider:name"}
    },
    "CreateRestApi": lambda p: {"id": "api"},
    "GetResources": lambda p: {"items": [{"id": "root", "path": "/"}]},
    "CreateResource": lambda p: {"id": p["pathPart"]},
    "PutMethod": lambda p: {},
    "PutIntegration": lambda p: {},
    "CreateDeployment": lambda p: {"id": "deployment"},
    "CreateStage": lambda p: {},
    "CreateOriginAccessControl": lambda p: {"OriginAccessControl": {"Id": "control"}},
    "CreateDistribution": lambda p: {"Distribution": {"Id": "distribution", "DomainName": "id.cloudfront.net"}},
}

# The program `aws` of the scripts: passes its arguments to the server.
CLIENT = """#!{python} -IS
import json, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    server.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n")
    status, stdout, stderr = json.loads(server.makefile().read())
sys.stdout.write(stdout)
sys.stderr.write(stderr)
sys.exit(status)
"""


class Http200:
    status_code = 200
    headers = {}


class Cli:
    """The AWS CLI in this process, which scripts call."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory()
        directory = pathlib.Path(self.directory.name)
        config = directory / "config"
        config.write_text(f"[default]\nregion = {REGION}\n")
        os.environ.update(
            AWS_CONFIG_FILE=str(config),
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
            AWS_ACCESS_KEY_ID="access",
            AWS_SECRET_ACCESS_KEY="secret",
            AWS_EC2_METADATA_DISABLED="true",
        )
        for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
            os.environ.pop(name, None)
        from awscli.clidriver import create_clidriver

        self.calls = []
        self.driver = create_clidriver()
        self.driver.session.register("provide-client-params.*.*", self.record)
        self.driver.session.register("before-call.*.*", self.respond)

        cli = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                arguments = json.loads(self.rfile.readline())
                self.wfile.write(json.dumps(cli.run_command(arguments)).encode())

        self.server = socketserver.UnixStreamServer(str(directory / "socket"), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        program = directory / "bin" / "aws"
        program.parent.mkdir()
        program.write_text(CLIENT.format(python=sys.executable, address=str(directory / "socket")))
        program.chmod(0o755)
        self.zip = directory / "function.zip"
        with zipfile.ZipFile(self.zip, "w") as archive:
            archive.writestr("bootstrap", "")
        # Nothing has to be waited for.
        sleep = program.with_name("sleep")
        sleep.write_text("#!/bin/sh\n")
        sleep.chmod(0o755)

    def record(self, params, model, **_):
        self.calls.append((model.name, params))

    def respond(self, model, **_):
        name, params = self.calls[-1]
        assert name == model.name
        if name not in RESPONSES:
            raise KeyError(f"the test has no response of {name}")
        return Http200(), RESPONSES[name](params)

    def run_command(self, arguments):
        stdout, stderr = (io.TextIOWrapper(io.BytesIO(), write_through=True) for _ in range(2))
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            try:
                status = self.driver.main(arguments)
            except SystemExit as error:
                status = error.code
        return status, *(stream.buffer.getvalue().decode() for stream in (stdout, stderr))

    def run(self, script, variables):
        """Runs a script. Returns its calls and, if it fails, what it printed."""
        self.calls = []
        environment = {
            **os.environ,
            "PATH": f"{self.directory.name}/bin:{os.environ['PATH']}",
            "ZIP": str(self.zip),
            **variables,
        }
        done = subprocess.run(["bash", script], env=environment, capture_output=True, text=True, timeout=120)
        return self.calls, None if done.returncode == 0 else done.stdout + done.stderr


def model(calls):
    """Returns the model for `properties` of recorded calls."""

    def of(name):
        return [params for called, params in calls if called == name]

    [function] = of("CreateFunction")
    [retention] = of("PutRetentionPolicy")
    name = function["FunctionName"]
    logging = function.get("LoggingConfig", {})
    managed = function.get("CapacityProviderConfig", {}).get("LambdaManagedInstancesCapacityProviderConfig", {})
    log_group = of("CreateLogGroup")[0]["logGroupName"]
    logs = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{log_group}:*"
    assert function["Role"].endswith(f":role/{of('PutRolePolicy')[0]['RoleName']}")
    policy = json.loads(of("PutRolePolicy")[0]["PolicyDocument"])
    result = {
        "function": {
            "runtime": function["Runtime"],
            "handler": function["Handler"],
            "architecture": ",".join(function.get("Architectures", ["x86_64"])),
            "memory": function.get("MemorySize"),
            "timeout": function.get("Timeout"),
            "log_format": logging.get("LogFormat"),
            "log_group": logging.get("LogGroup") == log_group == retention["logGroupName"],
            "tracing": function.get("TracingConfig", {}).get("Mode"),
            "concurrency": managed.get("PerExecutionEnvironmentMaxConcurrency"),
        },
        "log_retention": retention["retentionInDays"],
        "role": {
            (action, "logs" if statement["Resource"] == logs else statement["Resource"])
            for statement in policy["Statement"]
            for action in statement["Action"]
        },
        "trust": {
            statement["Principal"]["Service"]
            for role in of("CreateRole")
            for statement in json.loads(role["AssumeRolePolicyDocument"])["Statement"]
        },
        "urls": [
            {"auth": url["AuthType"], "mode": url.get("InvokeMode"), "qualifier": url.get("Qualifier")}
            for url in of("CreateFunctionUrlConfig")
            if url["FunctionName"] == name
        ],
        "permissions": [
            {
                "action": permission["Action"],
                "principal": permission["Principal"],
                "auth": permission.get("FunctionUrlAuthType"),
                "via_url": permission.get("InvokedViaFunctionUrl", False),
                "source": {
                    f"arn:aws:cloudfront::{ACCOUNT}:distribution/distribution": "distribution",
                    f"arn:aws:execute-api:{REGION}:{ACCOUNT}:api/*/*/*": "api",
                }.get(permission.get("SourceArn"), permission.get("SourceArn")),
            }
            for permission in of("AddPermission")
            if permission["FunctionName"] == name
        ],
    }
    for api in of("CreateRestApi"):
        [stage] = of("CreateStage")
        paths = {"root": "/"} | {resource["pathPart"]: "/" + resource["pathPart"] for resource in of("CreateResource")}
        verbs = {method["resourceId"]: method["httpMethod"] for method in of("PutMethod")}
        result["api"] = {
            "endpoint": ",".join(api["endpointConfiguration"]["types"]),
            "tracing": stage.get("tracingEnabled"),
            "methods": {
                paths[integration["resourceId"]]: {
                    "verb": verbs.get(integration["resourceId"]),
                    "type": integration["type"],
                    "verb_to_lambda": integration.get("integrationHttpMethod"),
                    "transfer": integration.get("responseTransferMode"),
                    "timeout": integration.get("timeoutInMillis"),
                    "uri": integration.get("uri"),
                }
                for integration in of("PutIntegration")
            },
        }
    for distribution in of("CreateDistribution"):
        config = distribution["DistributionConfig"]
        [origin] = config["Origins"]["Items"]
        behavior = config["DefaultCacheBehavior"]
        control = None
        if origin.get("OriginAccessControlId") == "control":
            [created] = of("CreateOriginAccessControl")
            created = created["OriginAccessControlConfig"]
            control = {
                "type": created["OriginAccessControlOriginType"],
                "signing": created["SigningBehavior"],
                "protocol": created["SigningProtocol"],
            }
        result["distribution"] = {
            "origin": "url" if origin["DomainName"] == "id.lambda-url.us-east-1.on.aws" else origin["DomainName"],
            "access_control": control,
            "read_timeout": origin["CustomOriginConfig"].get("OriginReadTimeout"),
            "methods": behavior["AllowedMethods"]["Items"],
            "cache": behavior["CachePolicyId"],
            "request": behavior.get("OriginRequestPolicyId"),
            "protocol": behavior["ViewerProtocolPolicy"],
        }
    for capacity in of("CreateCapacityProvider"):
        result["capacity"] = {
            "architectures": capacity["InstanceRequirements"]["Architectures"],
            "max_vcpu": capacity["CapacityProviderScalingConfig"]["MaxVCpuCount"],
            "operator": [attached["PolicyArn"].split("/")[-1] for attached in of("AttachRolePolicy")],
        }
        published = of("PublishVersion")
        result["alias"] = next((alias["Name"] for alias in of("CreateAlias") if published), None)
    return result
