#!/usr/bin/env bash
# A function behind CloudFront. Its Function URL accepts only requests that this distribution has signed.
#
#     examples/deploy/package.sh tokens
#     examples/deploy/aws-cli/cloudfront.sh
#     curl -N 'URL?text=one+two+three'
#
# A request with a body must have the header `x-amz-content-sha256` with the SHA-256 hash of the body in hexadecimal,
# which CloudFront passes on and signs.
set -euo pipefail
source "$(dirname "$0")/function.sh"

create_function
# Without the invoke mode, Lambda buffers the response.
url=$(aws lambda create-function-url-config --function-name "$name" --auth-type AWS_IAM --invoke-mode RESPONSE_STREAM \
  --query FunctionUrl --output text)
host=${url#https://}
host=${host%/}

access_control=$(aws cloudfront create-origin-access-control --query OriginAccessControl.Id --output text \
  --origin-access-control-config \
  "Name=$name,OriginAccessControlOriginType=lambda,SigningBehavior=always,SigningProtocol=sigv4")

# OriginReadTimeout: seconds that a stream may pause. Compress: the function compresses its responses itself, if at all.
# The policies are the managed ones CachingDisabled and AllViewerExceptHostHeader.
read -r id domain <<<"$(aws cloudfront create-distribution --query 'Distribution.[Id, DomainName]' --output text \
  --distribution-config '{
    "CallerReference": "'"$name"'",
    "Comment": "'"$name"'",
    "Enabled": true,
    "HttpVersion": "http2and3",
    "IsIPV6Enabled": true,
    "Origins": {
      "Quantity": 1,
      "Items": [{
        "Id": "function",
        "DomainName": "'"$host"'",
        "OriginAccessControlId": "'"$access_control"'",
        "CustomOriginConfig": {
          "HTTPPort": 80,
          "HTTPSPort": 443,
          "OriginProtocolPolicy": "https-only",
          "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
          "OriginReadTimeout": 60
        }
      }]
    },
    "DefaultCacheBehavior": {
      "TargetOriginId": "function",
      "ViewerProtocolPolicy": "redirect-to-https",
      "AllowedMethods": {"Quantity": 7, "Items": ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]},
      "Compress": false,
      "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
      "OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    }
  }')"

# A Function URL requires both permissions.
distribution=arn:aws:cloudfront::$account:distribution/$id
aws lambda add-permission --function-name "$name" --statement-id cloudfront-invoke-function-url \
  --principal cloudfront.amazonaws.com --source-arn "$distribution" --action lambda:InvokeFunctionUrl
aws lambda add-permission --function-name "$name" --statement-id cloudfront-invoke-function \
  --principal cloudfront.amazonaws.com --source-arn "$distribution" --action lambda:InvokeFunction \
  --invoked-via-function-url
echo "https://$domain/"
