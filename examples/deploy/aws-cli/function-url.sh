#!/usr/bin/env bash
# A function with a Function URL that streams, for everyone or, with AUTH_TYPE=AWS_IAM, for callers with AWS credentials.
#
#     examples/deploy/package.sh tokens
#     examples/deploy/aws-cli/function-url.sh
#     curl -N URL -d '{"text":"one two three"}'
#
# With AUTH_TYPE=AWS_IAM:
#
#     curl -N --user KEY:SECRET -H 'x-amz-security-token: TOKEN' --aws-sigv4 aws:amz:REGION:lambda URL
set -euo pipefail
source "$(dirname "$0")/function.sh"
auth_type=${AUTH_TYPE:-NONE}

create_function
# Without the invoke mode, Lambda buffers the response.
aws lambda create-function-url-config --function-name "$name" --auth-type "$auth_type" --invoke-mode RESPONSE_STREAM \
  --query FunctionUrl --output text

# A public Function URL requires both permissions.
if [ "$auth_type" = NONE ]; then
  aws lambda add-permission --function-name "$name" --statement-id public-invoke-function-url --principal '*' \
    --action lambda:InvokeFunctionUrl --function-url-auth-type NONE
  aws lambda add-permission --function-name "$name" --statement-id public-invoke-function --principal '*' \
    --action lambda:InvokeFunction --invoked-via-function-url
fi
