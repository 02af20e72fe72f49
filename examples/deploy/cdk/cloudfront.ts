// A function behind CloudFront. Its Function URL accepts only requests that this distribution has signed.
import {
  CfnOutput, Duration, Stack, aws_cloudfront as cloudfront, aws_cloudfront_origins as origins, aws_iam as iam,
  aws_lambda as lambda,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from './settings.js';
import { streamingFunction } from './streaming-function.js';

export class CloudFrontStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, { description: 'A function with a Function URL that streams through CloudFront' });
    const handler = streamingFunction(this, settings);
    const url = handler.addFunctionUrl({
      authType: lambda.FunctionUrlAuthType.AWS_IAM,
      // Without it, Lambda buffers the response.
      invokeMode: lambda.InvokeMode.RESPONSE_STREAM,
    });
    const distribution = new cloudfront.Distribution(this, 'Distribution', {
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: origins.FunctionUrlOrigin.withOriginAccessControl(url, {
          // How long a stream may pause.
          readTimeout: Duration.seconds(60),
        }),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
        // The function compresses its responses itself, if at all.
        compress: false,
        cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
        originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      },
    });
    new CfnOutput(this, 'Url', { value: `https://${distribution.domainName}/` });
  }
}
