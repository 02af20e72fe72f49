"""Reads SAM templates and templates that the CDK synthesized: resolved to plain values, and as a model for `properties`."""

import copy
import re

# The pseudo parameters that are resolved, so that "arn:aws:" and "arn:${AWS::Partition}:" are equal.
PSEUDO = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}

# The values of the parameters that have no default.
NETWORK = {"SubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
           "SecurityGroupIds": ["sg-0123456789abcdef0"]}


def transform_sam(text):
    """Returns the CloudFormation template of a SAM template, as AWS::Serverless-2016-10-31 makes it."""
    import boto3
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.yaml_helper import yaml_parse

    template = yaml_parse(text)
    for resource in template["Resources"].values():
        # As `sam package` does.
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = {"Bucket": "bucket", "Key": "key"}
    session = boto3.session.Session(region_name="us-east-1")
    parameters = {name: ",".join(value) for name, value in NETWORK.items()}
    return Translator(managed_policy_map={}, sam_parser=Parser(), boto_session=session).translate(template, parameters)


def resolve(template, parameters=None):
    """Returns the resources of a template without conditions, parameters and functions.

    A reference to a resource becomes a string such as `${Function.Arn}`, also within longer strings."""
    values = dict(PSEUDO)
    for name, parameter in template.get("Parameters", {}).items():
        value = (parameters or {}).get(name, NETWORK.get(name, parameter.get("Default")))
        if parameter["Type"] == "Number" and value is not None:
            value = int(value)
        values[name] = value
    conditions = template.get("Conditions", {})

    def holds(condition):
        left, right = map(plain, conditions[condition]["Fn::Equals"])
        return left == right

    def plain(value):
        if isinstance(value, list):
            return [plain(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), = value.items()
            if function == "Ref":
                return values.get(argument, f"${{{argument}}}")
            if function == "Fn::GetAtt":
                return f"${{{'.'.join(argument) if isinstance(argument, list) else argument}}}"
            if function == "Fn::Join":
                return argument[0].join(plain(argument[1]))
            if function == "Fn::Sub":
                text, names = argument if isinstance(argument, list) else (argument, {})
                names = {name: plain(item) for name, item in names.items()}
                return re.sub(r"\$\{([^}]+)\}", lambda m: str(names.get(m[1], values.get(m[1], m[0]))), text)
            if function == "Fn::Select":
                parts = plain(argument[1])
                return parts[int(argument[0])] if isinstance(parts, list) else f"{parts}[{argument[0]}]"
            if function == "Fn::Split":
                return f"split {argument[0]} {plain(argument[1])}"
            if function == "Fn::If":
                return plain(argument[1] if holds(argument[0]) else argument[2])
        return {name: plain(item) for name, item in value.items()}

    resources = {}
    for name, resource in template["Resources"].items():
        if "Condition" not in resource or holds(resource["Condition"]):
            resources[name] = {"Type": resource["Type"], **plain({"Properties": resource.get("Properties", {})})}
            for attribute in ("DeletionPolicy", "UpdateReplacePolicy"):
                if attribute in resource:
                    resources[name][attribute] = resource[attribute]
    return resources


def normalize(resources):
    """Returns the resources as SAM and the CDK agree on them. The differences that this removes:

    - Logical ids are chosen by the resource's type and purpose.
    - The place of the code, the tag `lambda:createdBy` of SAM, and names that the CDK generates.
    - SAM has the permissions of a role inline, the CDK in a separate policy.
    - SAM has the methods of an API in an OpenAPI document, the CDK as resources.
    - SAM has a permission for each path of an API, the CDK one for all.
    - Both name the function by its name or by its ARN. SAM names the alias of a URL by its ARN, the CDK by a qualifier.
    - SAM and the CDK keep versions for different reasons: neither has state, and the policy is that of the tool."""
    resources = copy.deepcopy(resources)
    names = {name: canonical_name(resource) for name, resource in resources.items()}

    def renamed(value):
        if isinstance(value, list):
            return [renamed(item) for item in value]
        if isinstance(value, dict):
            return {name: renamed(item) for name, item in value.items()}
        if not isinstance(value, str):
            return value
        value = re.sub(r"\$\{(\w+)(\.\w+)?\}", lambda m: f"${{{names.get(m[1], m[1])}{m[2] or ''}}}", value)
        return re.sub(r"\$\{(Function\.Arn|Url\.FunctionArn)\}$", "${Function}", value)

    result = {}
    policies = []
    for name, resource in resources.items():
        kind, properties = resource["Type"], renamed(resource["Properties"])
        entry = {**resource, "Properties": properties}
        properties.pop("Tags", None)
        if kind == "AWS::Lambda::Function":
            del properties["Code"]
        elif kind == "AWS::IAM::Policy":
            policies.append(properties)
            continue
        elif kind == "AWS::IAM::Role":
            inline = properties.pop("Policies", [])
            properties["Statements"] = [s for policy in inline for s in policy["PolicyDocument"]["Statement"]]
        elif kind == "AWS::Lambda::Version":
            entry.pop("DeletionPolicy", None)
        elif kind == "AWS::Lambda::Url":
            if properties["TargetFunctionArn"] == "${Alias}":
                properties.update(TargetFunctionArn="${Function}", Qualifier="live")
        elif kind == "AWS::CloudFront::OriginAccessControl":
            del properties["OriginAccessControlConfig"]["Name"]
        elif kind == "AWS::CloudFront::Distribution":
            config = properties["DistributionConfig"]
            [origin] = config["Origins"]
            assert config["DefaultCacheBehavior"]["TargetOriginId"] == origin["Id"]
            config["DefaultCacheBehavior"]["TargetOriginId"] = origin["Id"] = "function"
        elif kind == "AWS::ApiGateway::RestApi":
            for path, method in api_methods(properties.pop("Body", {})).items():
                result[f"Method {path}"] = {"Type": "AWS::ApiGateway::Method", "Properties": method}
            properties.pop("Name", None)
            properties.pop("Parameters", None)
        elif kind == "AWS::ApiGateway::Resource":
            continue
        elif kind == "AWS::ApiGateway::Method":
            root = properties["ResourceId"].endswith(".RootResourceId}")
            entry["Properties"] = method_properties(properties)
            result["Method /" if root else "Method /{proxy+}"] = entry
            continue
        elif kind == "AWS::ApiGateway::Deployment":
            properties.pop("Description", None)
        elif kind == "AWS::Lambda::Permission" and properties["Principal"] == "apigateway.amazonaws.com":
            # `*` matches the empty text too, so the pattern of the CDK covers the root.
            properties["SourceArn"] = re.sub(r"(/\*){1,2}/\*?$", "/*/*/*", re.sub(r"/\*/\*/\*$", "/*/*", properties["SourceArn"]))
        result[names[name]] = entry
    for policy in policies:
        [role] = policy["Roles"]
        result[role.strip("${}")]["Properties"]["Statements"] += policy["PolicyDocument"]["Statement"]
    return result


def canonical_name(resource):
    """Returns a name for a resource by its type and purpose."""
    kind, properties = resource["Type"].split("::")[-1], resource["Properties"]
    if kind == "Role":
        return "OperatorRole" if properties.get("ManagedPolicyArns") else "Role"
    if kind == "Permission":
        return f"Permission {properties['Action']} for {properties['Principal']}"
    return kind


def api_methods(body):
    """Returns the methods of an OpenAPI document, as properties of `method_properties`."""
    methods = {}
    for path, verbs in body.get("paths", {}).items():
        for verb, method in verbs.items():
            integration = method["x-amazon-apigateway-integration"]
            methods[path] = {
                "HttpMethod": "ANY" if verb == "x-amazon-apigateway-any-method" else verb.upper(),
                "Type": integration["type"].upper(),
                "IntegrationHttpMethod": integration["httpMethod"],
                "ResponseTransferMode": integration.get("responseTransferMode"),
                "TimeoutInMillis": integration.get("timeoutInMillis"),
                "Uri": integration["uri"],
            }
    return methods


def method_properties(properties):
    integration = properties["Integration"]
    names = ("Type", "IntegrationHttpMethod", "ResponseTransferMode", "TimeoutInMillis", "Uri")
    return {"HttpMethod": properties["HttpMethod"], **{name: integration.get(name) for name in names}}


def fields(resources):
    """Returns the fields of all resources by their paths."""
    result = {}

    def walk(path, value):
        if isinstance(value, dict):
            for name, item in value.items():
                walk(f"{path}.{name}", item)
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            for index, item in enumerate(value):
                walk(f"{path}[{index}]", item)
        elif value is not None and value != []:
            result[path] = value

    for name, resource in resources.items():
        walk(name, resource)
    return result


def model(resources):
    """Returns the model for `properties` of resolved resources."""
    resources = normalize(resources)

    def of(kind):
        return [r["Properties"] for r in resources.values() if r["Type"] == kind]

    [function] = of("AWS::Lambda::Function")
    [log_group] = of("AWS::Logs::LogGroup")
    roles = {name: r["Properties"] for name, r in resources.items() if r["Type"] == "AWS::IAM::Role"}
    logging = function.get("LoggingConfig", {})
    managed = function.get("CapacityProviderConfig", {}).get("LambdaManagedInstancesCapacityProviderConfig", {})
    result = {
        "function": {
            "runtime": function["Runtime"],
            "handler": function["Handler"],
            "architecture": ",".join(function.get("Architectures", ["x86_64"])),
            "memory": function.get("MemorySize"),
            "timeout": function.get("Timeout"),
            "log_format": logging.get("LogFormat"),
            "log_group": logging.get("LogGroup") == "${LogGroup}",
            "tracing": function.get("TracingConfig", {}).get("Mode"),
            "concurrency": managed.get("PerExecutionEnvironmentMaxConcurrency"),
        },
        "log_retention": log_group.get("RetentionInDays"),
        "role": {
            (action, {"${LogGroup.Arn}": "logs"}.get(statement["Resource"], statement["Resource"]))
            for statement in roles[function["Role"].split(".")[0].strip("${}")]["Statements"]
            for action in statement["Action"]
        },
        "trust": {
            statement["Principal"]["Service"]
            for role in roles.values()
            for statement in role["AssumeRolePolicyDocument"]["Statement"]
        },
        "urls": [
            {"auth": url["AuthType"], "mode": url.get("InvokeMode"), "qualifier": url.get("Qualifier")}
            for url in of("AWS::Lambda::Url")
        ],
        "permissions": [
            {
                "action": permission["Action"],
                "principal": permission["Principal"],
                "auth": permission.get("FunctionUrlAuthType"),
                "via_url": permission.get("InvokedViaFunctionUrl", False),
                "source": source(permission.get("SourceArn")),
            }
            for permission in of("AWS::Lambda::Permission")
        ],
    }
    for api in of("AWS::ApiGateway::RestApi"):
        methods = {name.removeprefix("Method "): r["Properties"] for name, r in resources.items()
                   if r["Type"] == "AWS::ApiGateway::Method"}
        [stage] = of("AWS::ApiGateway::Stage")
        result["api"] = {
            "endpoint": ",".join(api["EndpointConfiguration"]["Types"]),
            "tracing": stage.get("TracingEnabled"),
            "methods": {
                path: {
                    "verb": method["HttpMethod"],
                    "type": method["Type"],
                    "verb_to_lambda": method["IntegrationHttpMethod"],
                    "transfer": method["ResponseTransferMode"],
                    "timeout": method["TimeoutInMillis"],
                    "uri": method["Uri"],
                }
                for path, method in methods.items()
            },
        }
    for distribution in of("AWS::CloudFront::Distribution"):
        config = distribution["DistributionConfig"]
        [origin] = config["Origins"]
        behavior = config["DefaultCacheBehavior"]
        controls = [c["OriginAccessControlConfig"] for c in of("AWS::CloudFront::OriginAccessControl")]
        control = None
        if controls and origin.get("OriginAccessControlId") == "${OriginAccessControl.Id}":
            control = {
                "type": controls[0]["OriginAccessControlOriginType"],
                "signing": controls[0]["SigningBehavior"],
                "protocol": controls[0]["SigningProtocol"],
            }
        result["distribution"] = {
            "origin": "url" if "${Url.FunctionUrl}" in origin["DomainName"] else origin["DomainName"],
            "access_control": control,
            "read_timeout": origin["CustomOriginConfig"].get("OriginReadTimeout"),
            "methods": behavior["AllowedMethods"],
            "cache": behavior["CachePolicyId"],
            "request": behavior.get("OriginRequestPolicyId"),
            "protocol": behavior["ViewerProtocolPolicy"],
        }
    for capacity in of("AWS::Lambda::CapacityProvider"):
        result["capacity"] = {
            "architectures": capacity["InstanceRequirements"]["Architectures"],
            "max_vcpu": capacity["CapacityProviderScalingConfig"]["MaxVCpuCount"],
            "operator": [arn.split("/")[-1] for arn in roles["OperatorRole"]["ManagedPolicyArns"]],
        }
        result["alias"] = next((alias["Name"] for alias in of("AWS::Lambda::Alias")), None)
    return result


def source(arn):
    """Returns which resource a permission is restricted to."""
    if arn is None:
        return None
    if arn.startswith("arn:aws:cloudfront::") and arn.endswith(":distribution/${Distribution}"):
        return "distribution"
    if arn.startswith("arn:aws:execute-api:") and arn.endswith(":${RestApi}/*/*/*"):
        return "api"
    return arn
