// Rows of CSV through an io.Reader, with a content type.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-lambda-go/lambda"
)

type Export struct {
	Count int `json:"count"`
}

// csv is an io.Reader with the method ContentType, which the runtime client looks for. Its field is unexported, so that
// it does not serialize as JSON.
type csv struct {
	reader *io.PipeReader
}

func (c csv) Read(p []byte) (int, error) {
	return c.reader.Read(p)
}

func (c csv) ContentType() string {
	return "text/csv"
}

func writeRows(writer io.Writer, count int) error {
	rows := bufio.NewWriter(writer)
	fmt.Fprintln(rows, "id,square")
	for id := 1; id <= count; id++ {
		if id > 1000 {
			return errors.Join(rows.Flush(), errors.New("more than 1000 rows"))
		}
		fmt.Fprintf(rows, "%d,%d\n", id, id*id)
	}
	return rows.Flush()
}

func handler(export Export) (io.Reader, error) {
	reader, writer := io.Pipe()
	go func() {
		writer.CloseWithError(writeRows(writer, export.Count))
	}()
	return csv{reader}, nil
}

func main() {
	lambda.Start(handler)
}
