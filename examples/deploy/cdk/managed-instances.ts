// A function on Lambda Managed Instances: EC2 instances in your VPC, each environment with concurrent invocations.
import { CfnOutput, Stack, aws_ec2 as ec2, aws_lambda as lambda } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from './settings.js';
import { streamingFunction } from './streaming-function.js';

export interface ManagedInstancesSettings extends Settings {
  /** Subnets of one VPC, in several availability zones, from which CloudWatch Logs and X-Ray can be reached. */
  readonly subnets: string[];
  readonly securityGroups: string[];
}

export class ManagedInstancesStack extends Stack {
  constructor(scope: Construct, id: string, settings: ManagedInstancesSettings) {
    super(scope, id, { description: 'A function on Lambda Managed Instances with a Function URL that streams' });
    const capacity = new lambda.CapacityProvider(this, 'CapacityProvider', {
      subnets: settings.subnets.map((id) => ec2.Subnet.fromSubnetId(this, id, id)),
      securityGroups: settings.securityGroups.map((id) => ec2.SecurityGroup.fromSecurityGroupId(this, id, id)),
      architectures: [settings.architecture],
      // The most virtual CPUs that the instances have together. It bounds the cost.
      maxVCpuCount: 16,
      scalingOptions: lambda.ScalingOptions.auto(),
    });
    const handler = streamingFunction(this, settings, { memorySize: 2048 });
    // Concurrent invocations of one execution environment.
    capacity.addFunction(handler, { perExecutionEnvironmentMaxConcurrency: 16 });
    // Managed Instances run published versions only. Each deployment publishes one, and the URL is that of the alias.
    const alias = new lambda.Alias(this, 'Alias', { aliasName: 'live', version: handler.currentVersion });
    const url = alias.addFunctionUrl({
      authType: lambda.FunctionUrlAuthType.AWS_IAM,
      // Without it, Lambda buffers the response.
      invokeMode: lambda.InvokeMode.RESPONSE_STREAM,
    });
    new CfnOutput(this, 'Url', { value: url.url });
  }
}
