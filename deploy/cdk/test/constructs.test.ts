import assert from "node:assert/strict";
import { test } from "node:test";

import * as cdk from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as lambda from "aws-cdk-lib/aws-lambda";

import { LamplightFunction } from "../lib/lamplight-function.ts";
import { LamplightRelay } from "../lib/lamplight-relay.ts";

// The code is not looked at: a text stands for it.
const code = lambda.Code.fromInline("bootstrap");

function stack() {
  const stack = new cdk.Stack();
  return { stack, spanStream: new kinesis.Stream(stack, "Spans") };
}

test("a function that writes to a stream may put records into it and nothing else", () => {
  const { stack: it, spanStream } = stack();
  new LamplightFunction(it, "Function", {
    code,
    runtime: lambda.Runtime.NODEJS_22_X,
    spanStream,
    serviceName: "shop",
    resourceAttributes: { "deployment.environment.name": "a, b" },
    environment: { OWN: "1" },
  });
  const template = Template.fromStack(it);
  template.hasResourceProperties("AWS::Lambda::Function", {
    Handler: "bootstrap",
    Architectures: ["arm64"],
    Environment: {
      Variables: {
        OTEL_TRACES_EXPORTER: "kinesis",
        LAMPLIGHT_KINESIS_STREAM: { Ref: Match.stringLikeRegexp("^Spans") },
        OTEL_SERVICE_NAME: "shop",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=a%2C%20b",
        OWN: "1",
      },
    },
  });
  template.hasResourceProperties("AWS::IAM::Policy", {
    PolicyDocument: {
      Statement: [Match.objectLike({ Action: "kinesis:PutRecords", Effect: "Allow" })],
    },
  });
});

test("a function that sends OTLP needs no permission", () => {
  const { stack: it } = stack();
  new LamplightFunction(it, "Function", {
    code,
    runtime: lambda.Runtime.NODEJS_22_X,
    otlpEndpoint: "https://otlp.example.com",
  });
  const template = Template.fromStack(it);
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: {
      Variables: {
        OTEL_TRACES_EXPORTER: "otlp",
        OTEL_EXPORTER_OTLP_ENDPOINT: "https://otlp.example.com",
      },
    },
  });
  template.resourceCountIs("AWS::IAM::Policy", 0);
});

test("spans have exactly one destination", () => {
  const { stack: it, spanStream } = stack();
  assert.throws(() => new LamplightFunction(it, "None", { code }), /either/);
  const both = { code, spanStream, otlpEndpoint: "https://otlp.example.com" };
  assert.throws(() => new LamplightFunction(it, "Both", both), /either/);
});

test("the relay reads its stream within the bounds of its mapping", () => {
  const { stack: it, spanStream } = stack();
  const asset = lambda.Code.fromAsset(import.meta.dirname);
  new LamplightRelay(it, "Relay", {
    spanStream,
    code: asset,
    configuration: "[[sink]]",
    environment: { RELAY_SECRET: "s" },
  });
  const template = Template.fromStack(it);
  template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
    BatchSize: 10_000,
    MaximumBatchingWindowInSeconds: 30,
    FunctionResponseTypes: ["ReportBatchItemFailures"],
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 5,
    MaximumRecordAgeInSeconds: 43_200,
    StartingPosition: "TRIM_HORIZON",
    DestinationConfig: { OnFailure: Match.anyValue() },
  });
  template.hasResourceProperties("AWS::Lambda::Function", {
    Runtime: "provided.al2023",
    Environment: { Variables: { RELAY_SECRET: "s", LAMPLIGHT_RELAY_CONFIG: "[[sink]]" } },
  });
  template.hasResourceProperties("AWS::CloudWatch::Alarm", { Threshold: 43_200_000 });
});
