// The function itself, with its log group and the role with which it runs.
import { Duration, RemovalPolicy, aws_iam as iam, aws_lambda as lambda, aws_logs as logs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from './settings.js';

export function streamingFunction(
  scope: Construct,
  { zip, architecture }: Settings,
  changes: Partial<lambda.FunctionProps> = {},
): lambda.Function {
  const logGroup = new logs.LogGroup(scope, 'LogGroup', {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // What the function itself may do: write its logs and, with tracing, its traces. Add what your code needs.
  const role = new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  return new lambda.Function(scope, 'Function', {
    code: lambda.Code.fromAsset(zip),
    handler: 'bootstrap',
    runtime: lambda.Runtime.PROVIDED_AL2023,
    architecture,
    // A function gets CPU time in proportion to its memory, one full CPU at 1769 MB.
    memorySize: 512,
    // Lambda ends an invocation after this time, which includes the time in which the caller reads the response.
    timeout: Duration.seconds(60),
    loggingFormat: lambda.LoggingFormat.JSON,
    logGroup,
    tracing: lambda.Tracing.ACTIVE,
    role,
    ...changes,
  });
}
