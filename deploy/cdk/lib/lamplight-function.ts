import type * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

/** Options of a {@link LamplightFunction}: those of a function, and where its spans go. */
export interface LamplightFunctionProps
  extends Omit<lambda.FunctionProps, "runtime" | "handler"> {
  /** Stream that the function writes its spans to. The function may put records into it, and nothing else. */
  readonly spanStream?: kinesis.IStream;
  /** Endpoint of OTLP over HTTP that the function sends its spans to, in place of a stream. */
  readonly otlpEndpoint?: string;
  /** `service.name` of its spans. Default: the name of the function. */
  readonly serviceName?: string;
  /** More attributes of the resource, such as `deployment.environment.name`. */
  readonly resourceAttributes?: Record<string, string>;
  /** Default: `provided.al2023`. */
  readonly runtime?: lambda.Runtime;
}

/**
 * A Rust function that is instrumented with Lamplight: its variables and its permission to deliver spans.
 *
 * There is no layer and no extension to add: Lamplight is in the function's own binary.
 */
export class LamplightFunction extends lambda.Function {
  constructor(scope: Construct, id: string, props: LamplightFunctionProps) {
    const { spanStream, otlpEndpoint, serviceName, resourceAttributes, ...own } = props;
    if ((spanStream === undefined) === (otlpEndpoint === undefined)) {
      throw new Error(`${id}: set either spanStream or otlpEndpoint`);
    }
    super(scope, id, {
      architecture: lambda.Architecture.ARM_64,
      memorySize: 256,
      ...own,
      runtime: props.runtime ?? lambda.Runtime.PROVIDED_AL2023,
      handler: "bootstrap",
      environment: {
        ...(spanStream && {
          OTEL_TRACES_EXPORTER: "kinesis",
          LAMPLIGHT_KINESIS_STREAM: spanStream.streamName,
        }),
        ...(otlpEndpoint && {
          OTEL_TRACES_EXPORTER: "otlp",
          OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint,
        }),
        ...(serviceName && { OTEL_SERVICE_NAME: serviceName }),
        ...(resourceAttributes && { OTEL_RESOURCE_ATTRIBUTES: encode(resourceAttributes) }),
        ...own.environment,
      },
    });
    spanStream?.grant(this, "kinesis:PutRecords");
  }
}

/** Returns attributes in the form of `OTEL_RESOURCE_ATTRIBUTES`. Tokens of CloudFormation stay as they are. */
function encode(attributes: Record<string, string>): string {
  return Object.entries(attributes)
    .map(([key, value]) => `${key}=${value.replace(/[%,;\\"\s]/g, encodeURIComponent)}`)
    .join(",");
}
