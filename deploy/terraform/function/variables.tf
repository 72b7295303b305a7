variable "name" {
  description = "Name of the function."
  type        = string
}

variable "filename" {
  description = "Archive with the executable, named bootstrap: what `cargo lambda build --output-format zip` makes."
  type        = string
}

variable "span_stream_arn" {
  description = "ARN of the Kinesis stream that spans go to. Set this or otlp_endpoint."
  type        = string
  default     = null
}

variable "otlp_endpoint" {
  description = "Endpoint of OTLP over HTTP that spans go to, in place of a stream."
  type        = string
  default     = null
}

variable "service_name" {
  description = "service.name of the spans. Default: the name of the function."
  type        = string
  default     = null
}

variable "resource_attributes" {
  description = "More attributes of the resource, such as deployment.environment.name."
  type        = map(string)
  default     = {}
}

variable "environment" {
  description = "Variables of the function's own. They take precedence over those of the module."
  type        = map(string)
  default     = {}
}

variable "architecture" {
  description = "Processor that the function was built for: arm64 or x86_64."
  type        = string
  default     = "arm64"
}

variable "memory_size" {
  description = "Megabytes."
  type        = number
  default     = 256
}

variable "timeout" {
  description = "Seconds an invocation may take."
  type        = number
  default     = 10
}

variable "log_retention_days" {
  description = "Days that the log is kept."
  type        = number
  default     = 30
}
