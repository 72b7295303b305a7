import * as cdk from "aws-cdk-lib";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as lambda from "aws-cdk-lib/aws-lambda";

import { LamplightFunction } from "../lib/lamplight-function.ts";
import { LamplightRelay } from "../lib/lamplight-relay.ts";

const app = new cdk.App();
const stack = new cdk.Stack(app, "Hello");

const spanStream = new kinesis.Stream(stack, "Spans", {
  streamMode: kinesis.StreamMode.ON_DEMAND,
  retentionPeriod: cdk.Duration.hours(24),
});

// The folders that `cargo lambda build --output-format zip` and the README of the relay leave their archives in.
const folder = (name: string) => app.node.tryGetContext(name) ?? `../../target/lambda/${name}`;

const hello = new LamplightFunction(stack, "Function", {
  code: lambda.Code.fromAsset(folder("hello")),
  spanStream,
  serviceName: "hello",
  resourceAttributes: { "deployment.environment.name": "production" },
});
hello.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });

new LamplightRelay(stack, "Relay", {
  spanStream,
  code: lambda.Code.fromAsset(folder("lamplight-relay-function")),
  environment: { RELAY_ENDPOINT: "https://otlp.example.com" },
  configuration: `
[[rule]]
name = "errors"
when = { error = true }
keep = true

[[rule]]
name = "baseline"
probability = "10 %"

[[sink]]
name = "backend"
type = "otlp_http"
endpoint = "\${RELAY_ENDPOINT}"
`,
});

app.synth();
