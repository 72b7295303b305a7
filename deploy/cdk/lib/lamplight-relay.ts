import * as cdk from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { KinesisEventSource, SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

/** Options of a {@link LamplightRelay}. */
export interface LamplightRelayProps {
  /** Stream that functions write their spans to. */
  readonly spanStream: kinesis.IStream;
  /** Archive with `bootstrap`, which is the binary `lamplight-relay-function`. */
  readonly code: lambda.Code;
  /** Text of `relay.toml`, of up to 4 KB with the other variables. Default: the file in the archive. */
  readonly configuration?: string;
  /** Variables that the configuration refers to, such as `RELAY_SECRET`. */
  readonly environment?: Record<string, string>;
  /** Processor that the relay was built for. Default: arm64. */
  readonly architecture?: lambda.Architecture;
  /** Time that records are gathered for, unless a batch is full before. Default: 30 seconds. */
  readonly batchingWindow?: cdk.Duration;
  /** Attempts after which a batch is given up. Default: 5. */
  readonly retryAttempts?: number;
  /** Age at which a record is given up. Default: 12 hours, half of a stream's usual retention. */
  readonly maxRecordAge?: cdk.Duration;
}

/**
 * The relay behind an event source mapping: it samples within each batch and delivers what it keeps.
 *
 * A batch that cannot be delivered is given up after its attempts; the queue of failures has its shard and its
 * sequence numbers, and an alarm tells when the relay is half of the usual retention behind.
 */
export class LamplightRelay extends Construct {
  readonly function: lambda.Function;
  readonly failures: sqs.Queue;
  readonly behindAlarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: LamplightRelayProps) {
    super(scope, id);
    this.failures = new sqs.Queue(this, "Failures", {
      retentionPeriod: cdk.Duration.days(14),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    this.function = new lambda.Function(this, "Function", {
      runtime: lambda.Runtime.PROVIDED_AL2023,
      handler: "bootstrap",
      architecture: props.architecture ?? lambda.Architecture.ARM_64,
      code: props.code,
      memorySize: 256,
      timeout: cdk.Duration.seconds(60),
      environment: {
        ...props.environment,
        ...(props.configuration && { LAMPLIGHT_RELAY_CONFIG: props.configuration }),
      },
    });
    this.function.addEventSource(
      new KinesisEventSource(props.spanStream, {
        startingPosition: lambda.StartingPosition.TRIM_HORIZON,
        batchSize: 10_000,
        maxBatchingWindow: props.batchingWindow ?? cdk.Duration.seconds(30),
        // Without these bounds, one batch that fails holds its shard until its records expire.
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        retryAttempts: props.retryAttempts ?? 5,
        maxRecordAge: props.maxRecordAge ?? cdk.Duration.hours(12),
        onFailure: new SqsDlq(this.failures),
      }),
    );
    this.behindAlarm = new cloudwatch.Alarm(this, "Behind", {
      alarmDescription: "The relay is far behind its stream. Its log names the destination that fails.",
      metric: this.function.metric("IteratorAge", {
        statistic: "Maximum",
        period: cdk.Duration.minutes(5),
      }),
      threshold: cdk.Duration.hours(12).toMilliseconds(),
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }
}
