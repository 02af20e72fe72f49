# A function on Lambda Managed Instances: EC2 instances in your VPC, each environment with concurrent invocations.
#
#     examples/deploy/package.sh tokens
#     cd examples/deploy/terraform/managed-instances
#     terraform init && terraform apply -var 'subnet_ids=["subnet-…"]' -var 'security_group_ids=["sg-…"]'
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
  default     = "streaming-managed-instances"
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

variable "subnet_ids" {
  description = "Subnets of one VPC, in several availability zones, from which CloudWatch Logs and X-Ray can be reached."
  type        = list(string)
}

variable "security_group_ids" {
  type = list(string)
}

variable "max_concurrency" {
  description = "Concurrent invocations of one execution environment."
  type        = number
  default     = 16
}

variable "max_vcpu_count" {
  description = "The most virtual CPUs that the instances have together. It bounds the cost."
  type        = number
  default     = 16
}

variable "memory_size" {
  description = "Megabytes of memory. A function gets CPU time in proportion to it, one full CPU at 1769."
  type        = number
  default     = 2048
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
  # Managed Instances run published versions only. Each change publishes one, and the URL is that of the alias.
  publish = true

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  tracing_config {
    mode = "Active"
  }

  capacity_provider_config {
    lambda_managed_instances_capacity_provider_config {
      capacity_provider_arn                     = aws_lambda_capacity_provider.capacity.arn
      per_execution_environment_max_concurrency = var.max_concurrency
    }
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

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.function.function_name
  function_version = aws_lambda_function.function.version
}

resource "aws_lambda_function_url" "function" {
  function_name      = aws_lambda_function.function.function_name
  qualifier          = aws_lambda_alias.live.name
  authorization_type = "AWS_IAM"
  # Without it, Lambda buffers the response.
  invoke_mode = "RESPONSE_STREAM"
}

resource "aws_lambda_capacity_provider" "capacity" {
  name = var.name

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = var.security_group_ids
  }

  instance_requirements = [{
    architectures           = [var.architecture]
    allowed_instance_types  = null
    excluded_instance_types = null
  }]

  capacity_provider_scaling_config = [{
    max_vcpu_count   = var.max_vcpu_count
    scaling_mode     = "Auto"
    scaling_policies = null
  }]

  permissions_config {
    capacity_provider_operator_role_arn = aws_iam_role.operator.arn
  }
}

# With this role, Lambda starts and stops the instances.
resource "aws_iam_role" "operator" {
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

resource "aws_iam_role_policy_attachment" "operator" {
  role       = aws_iam_role.operator.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator"
}

output "url" {
  value = aws_lambda_function_url.function.function_url
}
