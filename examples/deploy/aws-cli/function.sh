# The function itself, with its log group and the role with which it runs. The other scripts of this directory source this
# file, and call `create_function`.
#
# Settings, as environment variables:
#
#     NAME            the name of the function (default: streaming)
#     ZIP             the zip that package.sh wrote (default: ../function.zip)
#     ARCHITECTURE    the architecture that package.sh built the function for: arm64 (default) or x86_64
#     MEMORY_SIZE     megabytes; a function gets CPU time in proportion to them, one full CPU at 1769
#     TIMEOUT         seconds until Lambda ends an invocation, including the time in which the caller reads the response
#
# The region and the credentials are those of the AWS CLI.
# shellcheck shell=bash
set -euo pipefail
export AWS_PAGER=

name=${NAME:-streaming}
zip=${ZIP:-$(dirname "${BASH_SOURCE[0]}")/../function.zip}
architecture=${ARCHITECTURE:-arm64}
region=${AWS_REGION:-$(aws configure get region)}
account=$(aws sts get-caller-identity --query Account --output text)
log_group=/aws/lambda/$name

# create_role NAME: prints the ARN of a new role that Lambda assumes.
create_role() {
  aws iam create-role --role-name "$1" --query Role.Arn --output text --assume-role-policy-document '{
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
  }'
}

# create_function [ARGUMENT...]: creates the function with these additional arguments, and waits until it is active.
create_function() {
  aws logs create-log-group --log-group-name "$log_group"
  aws logs put-retention-policy --log-group-name "$log_group" --retention-in-days 30

  # What the function itself may do: write its logs and traces. Add what your code needs.
  local role_arn
  role_arn=$(create_role "$name")
  aws iam put-role-policy --role-name "$name" --policy-name logs-and-traces --policy-document '{
    "Version": "2012-10-17",
    "Statement": [
      {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:'"$region:$account:log-group:$log_group"':*"
      },
      {
        "Effect": "Allow",
        "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        "Resource": "*"
      }
    ]
  }'

  # It takes a few seconds until Lambda can assume a new role.
  sleep 10
  aws lambda create-function --function-name "$name" --zip-file "fileb://$zip" \
    --runtime provided.al2023 --handler bootstrap --architectures "$architecture" \
    --memory-size "${MEMORY_SIZE:-512}" --timeout "${TIMEOUT:-60}" --role "$role_arn" \
    --logging-config "LogFormat=JSON,LogGroup=$log_group" --tracing-config Mode=Active \
    --query FunctionArn --output text "$@"
  aws lambda wait function-active-v2 --function-name "$name"
}
