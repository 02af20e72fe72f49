"""Reads Terraform configurations: checks them against the schema of the AWS provider, and makes a model for `properties`.

The schema is in the TypeScript declarations of the npm package @cdktf/provider-aws, which HashiCorp generated from provider
6.25.0: an interface for each resource and block, with a comment that names each argument. Terraform itself would fetch the
provider from its registry."""

import re

import hcl2

# Arguments that the provider has only since a later version. All configurations require that version.
NEWER_ARGUMENTS = {("aws_lambda_permission", "invoked_via_function_url"): "6.29"}

META_ARGUMENTS = {"count", "for_each", "depends_on", "lifecycle", "provider"}


class Schema:
    """The arguments and attributes of resources. `declarations` returns the TypeScript of a resource or data source."""

    def __init__(self, declarations):
        self.declarations = declarations
        self.interfaces = {}

    def arguments(self, kind):
        """Returns `{argument: (required, is block, name of the nested interface)}` of a resource."""
        text = self.declarations(kind)
        if text is None:
            return None
        return self.interface(text, re.search(r"export interface (\w+)Config extends", text)[1] + "Config")

    def interface(self, text, name):
        if name in self.interfaces:
            return self.interfaces[name]
        found = re.search(rf"export interface {name}(?: extends [\w.]+)? \{{\n(.*?)\n\}}", text, re.S)
        if found is None:
            return None
        members = {}
        for comment, optional, type_ in re.findall(
            r"/\*\*(.*?)\*/\s+readonly \w+(\??): ([^;{]+|\{[^}]*\});", found[1], re.S
        ):
            # "… LambdaFunction#memory_size}"
            argument = re.search(r"#(\w+)\}", comment)[1]
            block = re.search(rf"\* {argument} block", comment) is not None
            nested = re.match(r"(\w+)(\[\])?( \| cdktf\.IResolvable)?$", type_.strip())
            members[argument] = (not optional, block, nested[1] if nested else None)
        self.interfaces[name] = members
        return members

    def attributes(self, kind):
        """Returns the attributes of a resource that expressions may use."""
        text = self.declarations(kind) or ""
        getters = re.findall(r"^    get (\w+)\(\)", text, re.M)
        return {re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name) for name in getters}

    def problems(self, text):
        """Returns what the schema does not allow in a configuration, one line each."""
        found = []
        for kind, name, body in resources(hcl2.loads(text)):
            arguments = self.arguments(kind)
            if arguments is None:
                found.append(f"there is no resource type {kind}")
                continue
            self.check(kind, f"{kind}.{name}", body, arguments, found)
        found += self.unresolved(text)
        return found

    def check(self, kind, path, body, arguments, found):
        text = self.declarations(kind)
        for argument, value in body.items():
            if argument.startswith("__") or argument in META_ARGUMENTS:
                continue
            if argument not in arguments:
                if (kind, argument) not in NEWER_ARGUMENTS:
                    found.append(f"{path} has no argument {argument}")
                continue
            _, block, nested = arguments[argument]
            items = value if isinstance(value, list) else [value]
            written_as_block = any(isinstance(item, dict) and item.get("__is_block__") for item in items)
            if written_as_block != block:
                found.append(f"{path}.{argument} is {'a block' if block else 'an argument with ='}")
            members = self.interface(text, nested) if nested else None
            if members is not None:
                for item in items:
                    if isinstance(item, dict):
                        self.check(kind, f"{path}.{argument}", item, members, found)
        for argument, (required, _, _) in arguments.items():
            if required and argument not in body:
                found.append(f"{path} lacks the required argument {argument}")

    def unresolved(self, text):
        """Returns the references to something that the configuration does not declare."""
        found = []
        configuration = hcl2.loads(text)
        declared = {(kind, name): self.attributes(kind) for kind, name, _ in resources(configuration)}
        data = {(kind, name) for kind, name, _ in resources(configuration, "data")}
        variables = {unquote(name) for block in configuration.get("variable", []) for name in block}
        local_names = {name for block in configuration.get("locals", []) for name in block}
        code = re.sub(r"(?m)#.*$", "", text)
        for name in re.findall(r"\bvar\.(\w+)", code):
            if name not in variables:
                found.append(f"there is no variable {name}")
        for name in re.findall(r"\blocal\.(\w+)", code):
            if name not in local_names:
                found.append(f"there is no local value {name}")
        for prefix, kind, name, attribute in re.findall(r"(data\.)?\b(aws_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?", code):
            if prefix:
                if (kind, name) not in data:
                    found.append(f"there is no data source {kind}.{name}")
            elif (kind, name) not in declared:
                found.append(f"there is no resource {kind}.{name}")
            elif attribute and attribute not in declared[kind, name]:
                found.append(f"{kind}.{name} has no attribute {attribute}")
        return found


def resources(configuration, section="resource"):
    """Yields type, name and body of each resource."""
    for block in configuration.get(section, []):
        for kind, named in block.items():
            for name, body in named.items():
                yield unquote(kind), unquote(name), body


def unquote(text):
    return text[1:-1] if text.startswith('"') and text.endswith('"') else text


def evaluate(text, variables):
    """Returns `{type: {name: arguments}}` with the values of variables, one for each instance of `count` and `for_each`."""
    configuration = hcl2.loads(text)
    values = {}
    for block in configuration.get("variable", []):
        for name, body in block.items():
            values[unquote(name)] = plain(body.get("default"), {})
    values = {**values, **variables}
    local_values = {name: plain(value, values) for block in configuration.get("locals", [])
                    for name, value in block.items() if not name.startswith("__")}
    result = {}
    for kind, name, body in resources(configuration):
        instances = {name: {}}
        if "count" in body:
            condition = re.fullmatch(r'\$\{var\.(\w+) == "(\w+)" \? 1 : 0\}', body["count"])
            instances = instances if values[condition[1]] == condition[2] else {}
        elif "for_each" in body:
            each = local_values[re.fullmatch(r"\$\{local\.(\w+)\}", body["for_each"])[1]]
            instances = {f"{name}[{key}]": {"each.key": key, "each.value": value} for key, value in each.items()}
        for instance, each in instances.items():
            result.setdefault(kind, {})[instance] = plain(body, {**values, **each})
    return result


def plain(value, values):
    """Returns a parsed value without quotes and blocks as lists, and with the values of variables."""
    if isinstance(value, list):
        value = [plain(item, values) for item in value]
        return value[0] if len(value) == 1 and isinstance(value[0], dict) else value
    if isinstance(value, dict):
        return {unquote(name): plain(item, values) for name, item in value.items() if not name.startswith("__")}
    if not isinstance(value, str):
        return value
    for function in (r"jsonencode\((.*)\)", r'join\("", (.*)\)'):
        call = re.fullmatch(rf"\$\{{{function}\}}", value, re.S)
        if call:
            argument = plain(hcl2.loads(f"x = {call[1]}\n")["x"], values)
            return "".join(argument) if function.startswith("join") else argument
    variable = re.fullmatch(r"\$\{(?:var\.)?([\w.]+)\}", value)
    if variable and variable[1] in values:
        return values[variable[1]]
    value = unquote(value)
    return re.sub(r"\$\{var\.(\w+)\}", lambda m: str(values[m[1]]), value)


def model(text, variables):
    """Returns the model for `properties`."""
    found = evaluate(text, variables)

    def of(kind):
        return list(found.get(kind, {}).values())

    [function] = of("aws_lambda_function")
    [log_group] = of("aws_cloudwatch_log_group")
    logging = function.get("logging_config", {})
    managed = function.get("capacity_provider_config", {}).get("lambda_managed_instances_capacity_provider_config", {})
    policy = found["aws_iam_role_policy"]["function"]["policy"]
    result = {
        "function": {
            "runtime": function["runtime"],
            "handler": function["handler"],
            "architecture": ",".join(function.get("architectures", ["x86_64"])),
            "memory": function.get("memory_size"),
            "timeout": function.get("timeout"),
            "log_format": logging.get("log_format"),
            "log_group": logging.get("log_group") == "${aws_cloudwatch_log_group.function.name}",
            "tracing": function.get("tracing_config", {}).get("mode"),
            "concurrency": managed.get("per_execution_environment_max_concurrency"),
        },
        "log_retention": log_group.get("retention_in_days"),
        "role": {
            (action, "logs" if resource == "${aws_cloudwatch_log_group.function.arn}:*" else resource)
            for statement in policy["Statement"]
            for action in statement["Action"]
            for resource in [statement["Resource"]]
        },
        "trust": {
            role["assume_role_policy"]["Statement"]["Principal"]["Service"] for role in of("aws_iam_role")
        },
        "urls": [
            {
                "auth": url["authorization_type"],
                "mode": url.get("invoke_mode"),
                "qualifier": "live" if url.get("qualifier") == "${aws_lambda_alias.live.name}" else url.get("qualifier"),
            }
            for url in of("aws_lambda_function_url")
        ],
        "permissions": [
            {
                "action": permission["action"],
                "principal": permission["principal"],
                "auth": permission.get("function_url_auth_type"),
                "via_url": permission.get("invoked_via_function_url", False),
                "source": {
                    "${aws_cloudfront_distribution.distribution.arn}": "distribution",
                    "${aws_api_gateway_rest_api.api.execution_arn}/*/*/*": "api",
                }.get(permission.get("source_arn"), permission.get("source_arn")),
            }
            for permission in of("aws_lambda_permission")
        ],
    }
    for api in of("aws_api_gateway_rest_api"):
        [stage] = of("aws_api_gateway_stage")
        paths = {
            "${aws_api_gateway_rest_api.api.root_resource_id}": "/",
            "${aws_api_gateway_resource.proxy.id}": "/" + found["aws_api_gateway_resource"]["proxy"]["path_part"],
        }
        verbs = {method["resource_id"]: method["http_method"] for method in of("aws_api_gateway_method")}
        result["api"] = {
            "endpoint": ",".join(api["endpoint_configuration"]["types"]),
            "tracing": stage.get("xray_tracing_enabled"),
            "methods": {
                paths[integration["resource_id"]]: {
                    "verb": verbs.get(integration["resource_id"]),
                    "type": integration["type"],
                    "verb_to_lambda": integration.get("integration_http_method"),
                    "transfer": integration.get("response_transfer_mode"),
                    "timeout": integration.get("timeout_milliseconds"),
                    "uri": integration.get("uri"),
                }
                for integration in of("aws_api_gateway_integration")
            },
        }
    for distribution in of("aws_cloudfront_distribution"):
        origin, behavior = distribution["origin"], distribution["default_cache_behavior"]
        controls = of("aws_cloudfront_origin_access_control")
        control = None
        if controls and origin.get("origin_access_control_id") == "${aws_cloudfront_origin_access_control.function.id}":
            control = {
                "type": controls[0]["origin_access_control_origin_type"],
                "signing": controls[0]["signing_behavior"],
                "protocol": controls[0]["signing_protocol"],
            }
        result["distribution"] = {
            "origin": "url" if "aws_lambda_function_url.function.function_url" in origin["domain_name"] else None,
            "access_control": control,
            "read_timeout": origin["custom_origin_config"].get("origin_read_timeout"),
            "methods": behavior["allowed_methods"],
            "cache": behavior["cache_policy_id"],
            "request": behavior.get("origin_request_policy_id"),
            "protocol": behavior["viewer_protocol_policy"],
        }
    for capacity in of("aws_lambda_capacity_provider"):
        policies = [a["policy_arn"] for a in of("aws_iam_role_policy_attachment")]
        result["capacity"] = {
            "architectures": capacity["instance_requirements"]["architectures"],
            "max_vcpu": capacity["capacity_provider_scaling_config"]["max_vcpu_count"],
            "operator": [arn.split("/")[-1] for arn in policies],
        }
        aliases = of("aws_lambda_alias")
        result["alias"] = aliases[0]["name"] if aliases and function.get("publish") is True else None
    return result
