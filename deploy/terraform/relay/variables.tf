variable "name" {
  description = "Name of the relay's function."
  type        = string
  default     = "lamplight-relay"
}

variable "filename" {
  description = "Archive with the binary lamplight-relay-function, named bootstrap, and relay.toml unless configuration is set."
  type        = string
}

variable "span_stream_arn" {
  description = "ARN of the stream that functions write their spans to."
  type        = string
}

variable "span_stream_key_arn" {
  description = "ARN of the KMS key of the stream, if it has one of its own."
  type        = string
  default     = null
}

variable "configuration" {
  description = "Text of relay.toml, of up to 4 KB with the other variables. Default: the file in the archive."
  type        = string
  default     = null
}

variable "environment" {
  description = "Variables that the configuration refers to, such as RELAY_SECRET."
  type        = map(string)
  default     = {}
  sensitive   = true
}

variable "architecture" {
  description = "Processor that the relay was built for: arm64 or x86_64."
  type        = string
  default     = "arm64"
}

variable "batching_window" {
  description = "Seconds that records are gathered for, unless a batch is full before."
  type        = number
  default     = 30
}

variable "retry_attempts" {
  description = "Attempts after which a batch is given up."
  type        = number
  default     = 5
}

variable "max_record_age" {
  description = "Seconds after which a record is given up: less than the stream keeps it."
  type        = number
  default     = 43200
}

variable "alarm_topic_arns" {
  description = "SNS topics that alarms go to."
  type        = list(string)
  default     = []
}
