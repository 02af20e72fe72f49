// The settings of the stacks, from `cdk … -c name=value`.
import { fileURLToPath } from 'node:url';
import { type App, aws_lambda as lambda } from 'aws-cdk-lib';

export interface Settings {
  /** The zip that package.sh wrote. */
  readonly zip: string;
  /** The architecture that package.sh built the function for. */
  readonly architecture: lambda.Architecture;
  /** Who may call the Function URL: everyone, or principals that IAM allows to. */
  readonly authType: lambda.FunctionUrlAuthType;
}

export function settings(app: App): Settings {
  const zip = app.node.tryGetContext('zip') ?? fileURLToPath(new URL('../function.zip', import.meta.url));
  return {
    zip,
    architecture: choice(app, 'architecture', {
      arm64: lambda.Architecture.ARM_64,
      x86_64: lambda.Architecture.X86_64,
    }),
    authType: choice(app, 'auth', {
      NONE: lambda.FunctionUrlAuthType.NONE,
      AWS_IAM: lambda.FunctionUrlAuthType.AWS_IAM,
    }),
  };
}

/** Returns the choice with this name. The first is the default. */
function choice<T>(app: App, name: string, choices: Record<string, T>): T {
  const names = Object.keys(choices);
  const chosen = app.node.tryGetContext(name) ?? names[0];
  if (!names.includes(chosen)) throw new Error(`-c ${name}=${chosen}: choose one of ${names.join(', ')}`);
  return choices[chosen];
}
