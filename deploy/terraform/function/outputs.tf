output "arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "invoke_arn" {
  description = "ARN that API Gateway invokes."
  value       = aws_lambda_function.this.invoke_arn
}

output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "role_name" {
  description = "Name of the function's role, for policies of its own."
  value       = aws_iam_role.this.name
}
