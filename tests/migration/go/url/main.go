// Words, as they are produced, in an HTTP response with a status, headers and a cookie.
package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type UpstreamGone struct{}

func (UpstreamGone) Error() string {
	return "the upstream hung up"
}

func writeWords(writer io.Writer, text string) error {
	for _, word := range strings.Split(text, " ") {
		if word == "fail" {
			return UpstreamGone{}
		}
		if _, err := fmt.Fprintln(writer, word); err != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil
}

func handler(ctx context.Context, request events.LambdaFunctionURLRequest) (*events.LambdaFunctionURLStreamingResponse, error) {
	lambdaContext, _ := lambdacontext.FromContext(ctx)
	reader, writer := io.Pipe()
	go func() {
		writer.CloseWithError(writeWords(writer, request.QueryStringParameters["text"]))
	}()
	return &events.LambdaFunctionURLStreamingResponse{
		StatusCode: 201,
		Headers: map[string]string{
			"content-type": "text/plain; charset=utf-8",
			"x-request-id": lambdaContext.AwsRequestID,
		},
		Cookies: []string{"seen=1; Path=/; HttpOnly"},
		Body:    reader,
	}, nil
}

func main() {
	lambda.Start(handler)
}
