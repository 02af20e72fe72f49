// A function behind an API Gateway REST API that streams.
import { CfnOutput, Duration, Stack, aws_apigateway as apigateway } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from './settings.js';
import { streamingFunction } from './streaming-function.js';

export class RestApiStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, { description: 'A function behind a REST API that streams' });
    const api = new apigateway.LambdaRestApi(this, 'Api', {
      handler: streamingFunction(this, settings),
      integrationOptions: {
        // With it, API Gateway calls InvokeWithResponseStream.
        responseTransferMode: apigateway.ResponseTransferMode.STREAM,
        // The longest that API Gateway allows. The timeout of the function ends an invocation before.
        timeout: Duration.minutes(15),
        // A permission for all stages and methods in place of one for each.
        scopePermissionToMethod: false,
      },
      // A stream may pause for 5 minutes. With an edge-optimized endpoint, for 30 seconds.
      endpointTypes: [apigateway.EndpointType.REGIONAL],
      deployOptions: { stageName: 'live', tracingEnabled: true },
      cloudWatchRole: false,
    });
    new CfnOutput(this, 'Url', { value: api.url });
  }
}
