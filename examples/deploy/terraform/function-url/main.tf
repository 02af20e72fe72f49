# A function with a Function URL that streams, for everyone or for callers with AWS credentials.
#
#     examples/deploy/package.sh tokens
#     cd examples/deploy/terraform/function-url
#     terraform init && terraform apply
#     curl -N URL -d '{"text":"one two three"}'
#
# With -var auth_type=AWS_IAM:
#
#     curl -N --user KEY:SECRET -H 'x-amz-security-token: TOKEN' --aws-sigv4 aws:amz:REGION:lambda URL
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
  default     = "streaming-function-url"
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

variable "auth_type" {
  description = "NONE lets everyone call the function; AWS_IAM only principals that IAM allows to."
  type        = string
  default     = "NONE"
  validation {
    condition     = contains(["NONE", "AWS_IAM"], var.auth_type)
    error_message = "The auth type must be NONE or AWS_IAM."
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

resource "aws_lambda_function_url" "function" {
  function_name      = aws_lambda_function.function.function_name
  authorization_type = var.auth_type
  # Without it, Lambda buffers the response.
  invoke_mode = "RESPONSE_STREAM"
}

# A public Function URL requires both permissions.
resource "aws_lambda_permission" "public_invoke_function_url" {
  count                  = var.auth_type == "NONE" ? 1 : 0
  statement_id           = "public-invoke-function-url"
  function_name          = aws_lambda_function.function.function_name
  action                 = "lambda:InvokeFunctionUrl"
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_permission" "public_invoke_function" {
  count                    = var.auth_type == "NONE" ? 1 : 0
  statement_id             = "public-invoke-function"
  function_name            = aws_lambda_function.function.function_name
  action                   = "lambda:InvokeFunction"
  principal                = "*"
  invoked_via_function_url = true
}

output "url" {
  value = aws_lambda_function_url.function.function_url
}
