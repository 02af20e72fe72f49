// A function with a Function URL that streams, for everyone or for callers with AWS credentials.
import { CfnOutput, Stack, aws_lambda as lambda } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from './settings.js';
import { streamingFunction } from './streaming-function.js';

export class FunctionUrlStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, { description: 'A function with a Function URL that streams' });
    const url = streamingFunction(this, settings).addFunctionUrl({
      authType: settings.authType,
      // Without it, Lambda buffers the response.
      invokeMode: lambda.InvokeMode.RESPONSE_STREAM,
    });
    new CfnOutput(this, 'Url', { value: url.url });
  }
}
