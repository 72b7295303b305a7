# The relay behind an event source mapping: it samples within each batch and delivers what it keeps.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60"
    }
  }
}

resource "aws_lambda_function" "this" {
  function_name    = var.name
  role             = aws_iam_role.this.arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  memory_size      = 256
  timeout          = 60
  filename         = var.filename
  source_code_hash = filebase64sha256(var.filename)

  environment {
    variables = merge(
      var.environment,
      var.configuration == null ? {} : { LAMPLIGHT_RELAY_CONFIG = var.configuration },
    )
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }
}

resource "aws_lambda_event_source_mapping" "spans" {
  event_source_arn  = var.span_stream_arn
  function_name     = aws_lambda_function.this.arn
  starting_position = "TRIM_HORIZON"

  # The more of a trace are in a batch, the better it is sampled.
  batch_size                         = 10000
  maximum_batching_window_in_seconds = var.batching_window
  parallelization_factor             = 1

  # Without these bounds, one batch that fails holds its shard until its records expire.
  function_response_types        = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error = true
  maximum_retry_attempts         = var.retry_attempts
  maximum_record_age_in_seconds  = var.max_record_age

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.failures.arn
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

# Lambda puts the shard and the range of sequence numbers here, not the records.
resource "aws_sqs_queue" "failures" {
  name_prefix               = "${var.name}-failures-"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 30
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

resource "aws_iam_role_policy" "this" {
  name = "relay"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.this.arn}:*"
      },
      {
        Effect = "Allow"
        Action = [
          "kinesis:DescribeStream",
          "kinesis:DescribeStreamSummary",
          "kinesis:GetRecords",
          "kinesis:GetShardIterator",
          "kinesis:ListShards",
        ]
        Resource = var.span_stream_arn
      },
      {
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.failures.arn
      },
      ], var.span_stream_key_arn == null ? [] : [
      {
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = var.span_stream_key_arn
      },
    ])
  })
}

# The stream is the buffer: what the relay has not delivered when the stream forgets it is lost.
resource "aws_cloudwatch_metric_alarm" "behind" {
  alarm_name          = "${var.name}-behind"
  alarm_description   = "The relay is far behind its stream. Its log names the destination that fails."
  namespace           = "AWS/Lambda"
  metric_name         = "IteratorAge"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = 43200000
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
}
