# A function behind CloudFront. Its Function URL accepts only requests that this distribution has signed.
#
#     examples/deploy/package.sh tokens
#     cd examples/deploy/terraform/cloudfront
#     terraform init && terraform apply
#     curl -N 'URL?text=one+two+three'
#
# A request with a body must have the header `x-amz-content-sha256` with the SHA-256 hash of the body in hexadecimal,
# which CloudFront passes on and signs.
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
  default     = "streaming-cloudfront"
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
  authorization_type = "AWS_IAM"
  # Without it, Lambda buffers the response.
  invoke_mode = "RESPONSE_STREAM"
}

resource "aws_cloudfront_distribution" "distribution" {
  enabled         = true
  http_version    = "http2and3"
  is_ipv6_enabled = true

  origin {
    origin_id = "function"
    # The host name in the Function URL.
    domain_name              = split("/", aws_lambda_function_url.function.function_url)[2]
    origin_access_control_id = aws_cloudfront_origin_access_control.function.id
    custom_origin_config {
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      http_port              = 80
      https_port             = 443
      # Seconds that a stream may pause.
      origin_read_timeout = 60
    }
  }

  default_cache_behavior {
    target_origin_id       = "function"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
    cached_methods         = ["GET", "HEAD"]
    # The function compresses its responses itself, if at all.
    compress = false
    # The managed policies CachingDisabled and AllViewerExceptHostHeader.
    cache_policy_id          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_cloudfront_origin_access_control" "function" {
  name                              = var.name
  origin_access_control_origin_type = "lambda"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# A Function URL requires both permissions.
resource "aws_lambda_permission" "cloudfront_invoke_function_url" {
  statement_id  = "cloudfront-invoke-function-url"
  function_name = aws_lambda_function.function.function_name
  action        = "lambda:InvokeFunctionUrl"
  principal     = "cloudfront.amazonaws.com"
  source_arn    = aws_cloudfront_distribution.distribution.arn
}

resource "aws_lambda_permission" "cloudfront_invoke_function" {
  statement_id             = "cloudfront-invoke-function"
  function_name            = aws_lambda_function.function.function_name
  action                   = "lambda:InvokeFunction"
  principal                = "cloudfront.amazonaws.com"
  source_arn               = aws_cloudfront_distribution.distribution.arn
  invoked_via_function_url = true
}

output "url" {
  value = "https://${aws_cloudfront_distribution.distribution.domain_name}/"
}
