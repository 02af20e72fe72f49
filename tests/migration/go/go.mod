module example.com/migration

go 1.21

require github.com/aws/aws-lambda-go v1.53.0
