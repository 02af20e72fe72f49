#!/usr/bin/env bash
# A function behind an API Gateway REST API that streams.
#
#     examples/deploy/package.sh tokens
#     examples/deploy/aws-cli/rest-api.sh
#     curl -N URL -d '{"text":"one two three"}'
set -euo pipefail
source "$(dirname "$0")/function.sh"

create_function

# A stream may pause for 5 minutes. With an edge-optimized endpoint, for 30 seconds.
api=$(aws apigateway create-rest-api --name "$name" --endpoint-configuration types=REGIONAL --query id --output text)
root=$(aws apigateway get-resources --rest-api-id "$api" --query 'items[0].id' --output text)
proxy=$(aws apigateway create-resource --rest-api-id "$api" --parent-id "$root" --path-part '{proxy+}' \
  --query id --output text)

# Both are required for streaming: the transfer mode, and the URI of InvokeWithResponseStream. The timeout is the longest
# that API Gateway allows; that of the function ends an invocation before.
function_arn=arn:aws:lambda:$region:$account:function:$name
uri=arn:aws:apigateway:$region:lambda:path/2021-11-15/functions/$function_arn/response-streaming-invocations
for resource in "$root" "$proxy"; do
  aws apigateway put-method --rest-api-id "$api" --resource-id "$resource" --http-method ANY --authorization-type NONE
  aws apigateway put-integration --rest-api-id "$api" --resource-id "$resource" --http-method ANY --type AWS_PROXY \
    --integration-http-method POST --uri "$uri" --response-transfer-mode STREAM --timeout-in-millis 900000
done
deployment=$(aws apigateway create-deployment --rest-api-id "$api" --query id --output text)
aws apigateway create-stage --rest-api-id "$api" --deployment-id "$deployment" --stage-name live --tracing-enabled

aws lambda add-permission --function-name "$name" --statement-id rest-api --action lambda:InvokeFunction \
  --principal apigateway.amazonaws.com --source-arn "arn:aws:execute-api:$region:$account:$api/*/*/*"
echo "https://$api.execute-api.$region.amazonaws.com/live/"
