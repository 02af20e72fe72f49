# A function behind an API Gateway REST API that streams.
#
#     examples/deploy/package.sh tokens
#     cd examples/deploy/terraform/rest-api
#     terraform init && terraform apply
#     curl -N URL -d '{"text":"one two three"}'
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.29" # the first with `invoked_via_function_url`
    }
  }
}

variable "name" {
  description = "The name of the function."
  type        = string
  default     = "streaming-rest-api"
}

variable "zip" {
  description = "The zip that package.sh wrote."
  type        = string
  default     = "../../function.zip"
}

variable "architecture" {
  description = "The architecture that package.sh built the function for: arm64 or x86_64."
  type        = string
  default     = "arm64"
  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }
}

variable "memory_size" {
  description = "Megabytes of memory. A function gets CPU time in proportion to it, one full CPU at 1769."
  type        = number
  default     = 512
}

variable "timeout" {
  description = "Seconds until Lambda ends an invocation, including the time in which the caller reads the response."
  type        = number
  default     = 60
}

variable "log_retention_in_days" {
  type    = number
  default = 30
}

data "aws_region" "current" {}

data "aws_partition" "current" {}

resource "aws_lambda_function" "function" {
  function_name    = var.name
  filename         = var.zip
  source_code_hash = filebase64sha256(var.zip)
  handler          = "bootstrap"
  runtime          = "provided.al2023"
  architectures    = [var.architecture]
  memory_size      = var.memory_size
  timeout          = var.timeout
  role             = aws_iam_role.function.arn

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  tracing_config {
    mode = "Active"
  }
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_in_days
}

# What the function itself may do: write its logs and traces. Add what your code needs.
resource "aws_iam_role" "function" {
  name_prefix = "${var.name}-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "function" {
  name = "logs-and-traces"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.function.arn}:*"
      },
      {
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_api_gateway_rest_api" "api" {
  name = var.name
  # A stream may pause for 5 minutes. With an edge-optimized endpoint, for 30 seconds.
  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_resource" "proxy" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = "{proxy+}"
}

locals {
  resources = {
    root  = aws_api_gateway_rest_api.api.root_resource_id
    proxy = aws_api_gateway_resource.proxy.id
  }
}

resource "aws_api_gateway_method" "any" {
  for_each      = local.resources
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = each.value
  http_method   = "ANY"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "function" {
  for_each                = local.resources
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = each.value
  http_method             = aws_api_gateway_method.any[each.key].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  # Both are required for streaming: the mode, and the URI of InvokeWithResponseStream.
  response_transfer_mode = "STREAM"
  uri = join("", [
    "arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.region}:lambda:path",
    "/2021-11-15/functions/${aws_lambda_function.function.arn}/response-streaming-invocations",
  ])
  # The longest that API Gateway allows. The timeout of the function ends an invocation before.
  timeout_milliseconds = 900000
}

resource "aws_api_gateway_deployment" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  triggers = {
    # A change of the integrations takes effect with a new deployment.
    configuration = sha1(jsonencode([aws_api_gateway_method.any, aws_api_gateway_integration.function]))
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "live" {
  rest_api_id          = aws_api_gateway_rest_api.api.id
  deployment_id        = aws_api_gateway_deployment.api.id
  stage_name           = "live"
  xray_tracing_enabled = true
}

resource "aws_lambda_permission" "api" {
  statement_id  = "rest-api"
  function_name = aws_lambda_function.function.function_name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.api.execution_arn}/*/*/*"
}

output "url" {
  value = "${aws_api_gateway_stage.live.invoke_url}/"
}
