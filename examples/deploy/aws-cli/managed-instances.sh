#!/usr/bin/env bash
# A function on Lambda Managed Instances: EC2 instances in your VPC, each environment with concurrent invocations.
#
#     examples/deploy/package.sh tokens
#     SUBNETS=subnet-…,subnet-… SECURITY_GROUPS=sg-… examples/deploy/aws-cli/managed-instances.sh
#     curl -N --user KEY:SECRET -H 'x-amz-security-token: TOKEN' --aws-sigv4 aws:amz:REGION:lambda URL
#
# SUBNETS are of one VPC, in several availability zones, and CloudWatch Logs and X-Ray can be reached from them.
set -euo pipefail
: "${SUBNETS:?subnets of one VPC, separated by commas}" "${SECURITY_GROUPS:?security groups, separated by commas}"
MEMORY_SIZE=${MEMORY_SIZE:-2048}
source "$(dirname "$0")/function.sh"

# With this role, Lambda starts and stops the instances.
operator_role=$(create_role "$name-operator")
aws iam attach-role-policy --role-name "$name-operator" \
  --policy-arn arn:aws:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator

# The most virtual CPUs that the instances have together bound the cost.
capacity_provider=$(aws lambda create-capacity-provider --capacity-provider-name "$name" \
  --vpc-config "SubnetIds=$SUBNETS,SecurityGroupIds=$SECURITY_GROUPS" \
  --instance-requirements "Architectures=$architecture" \
  --capacity-provider-scaling-config MaxVCpuCount=16,ScalingMode=Auto \
  --permissions-config "CapacityProviderOperatorRoleArn=$operator_role" \
  --query CapacityProvider.CapacityProviderArn --output text)

# Concurrent invocations of one execution environment.
create_function --capacity-provider-config '{
  "LambdaManagedInstancesCapacityProviderConfig": {
    "CapacityProviderArn": "'"$capacity_provider"'",
    "PerExecutionEnvironmentMaxConcurrency": 16
  }
}'

# Managed Instances run published versions only.
version=$(aws lambda publish-version --function-name "$name" --query Version --output text)
aws lambda create-alias --function-name "$name" --name live --function-version "$version" --query AliasArn --output text
# Without the invoke mode, Lambda buffers the response.
aws lambda create-function-url-config --function-name "$name" --qualifier live --auth-type AWS_IAM \
  --invoke-mode RESPONSE_STREAM --query FunctionUrl --output text
