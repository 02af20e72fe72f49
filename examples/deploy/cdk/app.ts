// One stack for each way to call the function. Deploy one:
//
//     examples/deploy/package.sh tokens
//     cd examples/deploy/cdk && npm ci
//     npx cdk deploy FunctionUrl -c auth=AWS_IAM
//
// | stack            | settings, each as `-c name=value`                                              |
// |------------------|--------------------------------------------------------------------------------|
// | all              | zip (../function.zip), architecture (arm64, x86_64)                            |
// | FunctionUrl      | auth (NONE, AWS_IAM)                                                           |
// | RestApi          |                                                                                |
// | CloudFront       |                                                                                |
// | ManagedInstances | subnets and securityGroups, lists of ids with commas; without them, no stack   |
import { App } from 'aws-cdk-lib';
import { CloudFrontStack } from './cloudfront.js';
import { FunctionUrlStack } from './function-url.js';
import { ManagedInstancesStack } from './managed-instances.js';
import { RestApiStack } from './rest-api.js';
import { settings } from './settings.js';

const app = new App();
new FunctionUrlStack(app, 'FunctionUrl', settings(app));
new RestApiStack(app, 'RestApi', settings(app));
new CloudFrontStack(app, 'CloudFront', settings(app));

const list = (name: string): string[] => (app.node.tryGetContext(name) ?? '').split(',').filter(Boolean);
if (list('subnets').length > 0) {
  const network = { subnets: list('subnets'), securityGroups: list('securityGroups') };
  new ManagedInstancesStack(app, 'ManagedInstances', { ...settings(app), ...network });
}
