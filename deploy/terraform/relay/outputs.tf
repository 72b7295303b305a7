output "function_name" {
  description = "Name of the relay's function."
  value       = aws_lambda_function.this.function_name
}

output "failures_url" {
  description = "URL of the queue that batches which were given up are named in."
  value       = aws_sqs_queue.failures.url
}
