# A function, the stream that its spans go to, and the relay that delivers them.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60"
    }
  }
}

variable "function_archive" {
  description = "What `cargo lambda build --release --arm64 --output-format zip` made."
  type        = string
}

variable "relay_archive" {
  description = "Archive of the relay; the README of deploy/ describes how it is built."
  type        = string
}

variable "otlp_endpoint" {
  description = "URL that the relay delivers spans to."
  type        = string
}

variable "otlp_key" {
  description = "Value of the header api-key."
  type        = string
  sensitive   = true
}

resource "aws_kinesis_stream" "spans" {
  name             = "spans"
  retention_period = 24
  encryption_type  = "KMS"
  kms_key_id       = "alias/aws/kinesis"

  stream_mode_details {
    stream_mode = "ON_DEMAND"
  }
}

module "hello" {
  source = "../function"

  name                = "hello"
  filename            = var.function_archive
  span_stream_arn     = aws_kinesis_stream.spans.arn
  resource_attributes = { "deployment.environment.name" = "production" }
}

module "relay" {
  source = "../relay"

  filename        = var.relay_archive
  span_stream_arn = aws_kinesis_stream.spans.arn
  environment     = { RELAY_ENDPOINT = var.otlp_endpoint, RELAY_SECRET = var.otlp_key }
  configuration   = <<-TOML
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
    endpoint = "$${RELAY_ENDPOINT}"
    headers = { api-key = "$${RELAY_SECRET}" }
  TOML
}
