# A Rust function that is instrumented with Lamplight: its variables, its log, and its role, which may write its
# log and deliver spans.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60"
    }
  }
}

locals {
  destination = var.span_stream_arn == null ? {
    OTEL_TRACES_EXPORTER        = "otlp"
    OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint
    } : {
    OTEL_TRACES_EXPORTER     = "kinesis"
    LAMPLIGHT_KINESIS_STREAM = var.span_stream_arn
  }
  attributes = join(",", [for key, value in var.resource_attributes : "${key}=${urlencode(value)}"])
}

resource "aws_lambda_function" "this" {
  function_name    = var.name
  role             = aws_iam_role.this.arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  memory_size      = var.memory_size
  timeout          = var.timeout
  filename         = var.filename
  source_code_hash = filebase64sha256(var.filename)

  environment {
    variables = merge(
      local.destination,
      { OTEL_SERVICE_NAME = coalesce(var.service_name, var.name) },
      local.attributes == "" ? {} : { OTEL_RESOURCE_ATTRIBUTES = local.attributes },
      var.environment,
    )
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  lifecycle {
    precondition {
      condition     = (var.span_stream_arn == null) != (var.otlp_endpoint == null)
      error_message = "Set either span_stream_arn or otlp_endpoint."
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "this" {
  name_prefix = "${var.name}-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "log" {
  name = "log"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.this.arn}:*"
    }]
  })
}

resource "aws_iam_role_policy" "spans" {
  count = var.span_stream_arn == null ? 0 : 1
  name  = "spans"
  role  = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "kinesis:PutRecords"
      Resource = var.span_stream_arn
    }]
  })
}
